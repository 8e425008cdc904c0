"""E-mails to an address that several people read, such as a mailing list."""

from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email
from django.template.loader import render_to_string

from compliance.integrations.delivery import Sent
from compliance.notifications import mail
from compliance.notifications.channel import Destination
from compliance.notifications.message import DETAILS, Message, shaped

NAME = mail.NAME
LABEL = "E-mail"
ADDRESS = "E-mail address"
INSTRUCTIONS = (
    "The address of a mailing list or shared mailbox. Its readers can't unsubscribe one by one, but a "
    "manager can remove the channel."
)
SIGNS = False

_LONGEST_ADDRESS = 254


def check(address: str) -> str:
    """Return an e-mail address. Raises ValueError if it isn't one."""
    text = address.strip()
    try:
        validate_email(text)
    except ValidationError:
        raise ValueError("Write one e-mail address, such as team@example.org.") from None
    if len(text) > _LONGEST_ADDRESS:
        raise ValueError(f"At most {_LONGEST_ADDRESS} characters are allowed.")
    return text


def show(address: str) -> str:
    """Return the whole address, which is no secret."""
    return address


def host(_address: str) -> str:
    """Return the mail server."""
    return mail.host()


def prepare(to: Destination, message: Message) -> Callable[[], Sent]:
    """Render a message as an e-mail in text and HTML."""
    letter = render(message)
    letter.to = [to.url]
    letter.extra_headers |= mail.headers_with(to.id)
    return mail.message_of(letter).send


def render(message: Message) -> EmailMultiAlternatives:
    """Return the e-mail without its recipient."""
    shown = shaped(message, DETAILS[0])
    facts = {"message": shown}
    letter = EmailMultiAlternatives(shown.title, render_to_string("mail/message.txt", facts))
    letter.attach_alternative(render_to_string("mail/message.html", facts), "text/html")
    return letter
