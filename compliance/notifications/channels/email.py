"""E-mail: the digest as text and HTML, with one-click unsubscribe (RFC 8058)."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from compliance.models import Notice, Subscription
from compliance.notifications.digest_content import Content, address

CHANNEL = "e-mail"
_SIGNER = "compliance.unsubscribe"


def send(notice: Notice, subscription: Subscription, told: Content) -> None:
    """Hand one mail to the server; return once it was accepted.

    The Message-ID depends on the notice alone: mail programs show a repeated mail only once. Raises OSError,
    which includes smtplib's errors.
    """
    leave = address("unsubscribe", token(subscription))
    facts = {"told": told, "leave": leave, "settings": address("share", told.repository.slug)}
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    message = EmailMultiAlternatives(
        subject=told.subject,
        body=render_to_string("mail/digest.txt", facts),
        to=[subscription.person.email],
        headers={
            "Message-ID": f"<notice-{notice.pk}-{notice.created_at:%Y%m%d%H%M%S}@{host}>",
            "List-Id": f"Digest of {told.repository.slug} <{told.repository.slug}.digest.{host}>",
            "List-Unsubscribe": f"<{leave}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
        },
    )
    message.attach_alternative(render_to_string("mail/digest.html", facts), "text/html")
    message.send()


def token(subscription: Subscription) -> str:
    """Return the token in the address with which a reader, signed in or not, ends one subscription."""
    return signing.Signer(salt=_SIGNER).sign(str(subscription.pk))


def subscription_of(word: str) -> int | None:
    """Return the key of the subscription that a token ends; None if the token is not one of ours."""
    try:
        return int(signing.Signer(salt=_SIGNER).unsign(word))
    except (signing.BadSignature, ValueError):
        return None
