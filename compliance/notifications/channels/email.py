"""Sends e-mails, and the digest as text and HTML with one-click unsubscribe (RFC 8058)."""

import smtplib
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.template.loader import render_to_string

from compliance.integrations.delivery import Message, RejectedError, Sent, UnacceptedError
from compliance.lib.field_types import one_line
from compliance.models import OutboxItem, Repository, Subscription
from compliance.notifications.channel import Recipient
from compliance.notifications.digest_content import Content, address

NAME = "e-mail"
_SIGNER = "compliance.unsubscribe"
_LONGEST_SUBJECT = 300


def recipients(repositories: QuerySet[Repository]) -> Iterator[Recipient]:
    """Yield the subscribers who have an e-mail address, or nobody if EMAIL_URL isn't set."""
    if not settings.EMAIL_READY:
        return
    subscriptions = Subscription.objects.filter(repository__in=repositories, person__is_active=True)
    for subscription in subscriptions.exclude(person__email="").select_related("person"):
        person = subscription.person_id
        yield Recipient(
            repository=subscription.repository_id,
            key=str(person),
            since=subscription.created_at,
            detail={"person": person},
            data=subscription,
        )


def host() -> str:
    """Return the mail server."""
    return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"


def build(item: OutboxItem, recipient: Recipient, content: Content) -> Message:
    """Build the e-mail with the digest of one week."""
    subscription: Subscription = recipient.data
    leave = address("unsubscribe", token(subscription))
    facts = {"told": content, "leave": leave, "settings": address("share", content.repository.slug)}
    host = _own_host()
    message = EmailMultiAlternatives(
        subject=content.subject,
        body=render_to_string("mail/digest.txt", facts),
        to=[subscription.person.email],
        headers={
            **headers_of(item),
            "List-Id": f"Digest of {content.repository.slug} <{content.repository.slug}.digest.{host}>",
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )
    message.attach_alternative(render_to_string("mail/digest.html", facts), "text/html")
    return message_of(message)


def headers_of(item: OutboxItem) -> dict[str, str]:
    """Return the headers of every e-mail.

    The Message-ID depends only on the item, so mail clients show an e-mail that was sent twice only once.
    """
    return {
        "Message-ID": f"<notice-{item.pk}-{item.created_at:%Y%m%d%H%M%S}@{_own_host()}>",
        "Auto-Submitted": "auto-generated",
    }


def _own_host() -> str:
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


def token(subscription: Subscription) -> str:
    """Return the token in an unsubscribe link, which works without signing in."""
    return signing.Signer(salt=_SIGNER).sign(str(subscription.pk))


def subscription_of(word: str) -> int | None:
    """Return the key of the subscription that a token belongs to, or None if the token is invalid."""
    try:
        return int(signing.Signer(salt=_SIGNER).unsign(word))
    except (signing.BadSignature, ValueError):
        return None


def _answer(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
