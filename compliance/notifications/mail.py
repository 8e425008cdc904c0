"""Sends e-mails, and decides by the server's answer whether they are sent again."""

import smtplib
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.validators import validate_email

from compliance.integrations.delivery import E_MAIL, Message, RejectedError, Sent, UnacceptedError
from compliance.lib.field_types import one_line
from compliance.models import OutboxItem

NAME = E_MAIL
"""The name of the channel of these items in the outbox."""

_LONGEST_SUBJECT = 300


def host() -> str:
    """Return the mail server."""
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"


def headers_of(item: OutboxItem) -> dict[str, str]:
    """Return the headers of every e-mail.

    The Message-ID depends only on the item, so mail clients show an e-mail that was sent twice only once.
    """
    return headers_with(f"notice-{item.pk}-{item.created_at:%Y%m%d%H%M%S}")


def headers_with(identifier: str) -> dict[str, str]:
    """Return the headers of an e-mail that is identified by a text."""
    return {"Message-ID": f"<{identifier}@{own_host()}>", "Auto-Submitted": "auto-generated"}


def own_host() -> str:
    """Return the host of the public URL, which is part of ids in e-mails."""
    return urlsplit(settings.PUBLIC_URL).hostname or "localhost"


def message_of(message: EmailMessage) -> Message:
    """Return an e-mail as the message of an outbox item."""

    def send() -> Sent:
        hand_over(message)
        return Sent("The mail server accepted it.")

    return Message(send)


def hand_over(message: EmailMessage) -> None:
    """Hand an e-mail over to the server. Its subject is made one line, because a line break would begin
    another header.

    Addresses of authors come from git, so they may be anything.

    Raises:
        RejectedError: if the address is invalid, or if the server permanently rejected every recipient.
        UnacceptedError: if the server replied with another error.
        OSError: if the server could not be reached.
    """
    message.subject = one_line(str(message.subject), _LONGEST_SUBJECT)
    try:
        for recipient in message.to:
            validate_email(recipient)
        message.send()
    except (ValidationError, ValueError) as error:
        raise RejectedError(f"The address is not a valid e-mail address: {_first(error)}") from None
    except smtplib.SMTPRecipientsRefused as refused:
        words = "; ".join(_answer(code, text) for code, text in refused.recipients.values())
        if all(code >= 500 for code, _ in refused.recipients.values()):
            raise RejectedError(f"The mail server rejected the address: {words}") from None
        raise UnacceptedError(f"The mail server temporarily rejected the address: {words}") from None
    except smtplib.SMTPResponseException as error:
        words = _answer(error.smtp_code, error.smtp_error)
        raise UnacceptedError(f"The mail server replied with {words}") from None


def _first(error: Exception) -> str:
    return one_line(error.messages[0] if isinstance(error, ValidationError) else str(error), 300)


def _answer(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
