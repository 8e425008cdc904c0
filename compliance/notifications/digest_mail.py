"""The weekly digest as an e-mail, in text and HTML with one-click unsubscribe (RFC 8058)."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db.models import QuerySet
from django.template.loader import render_to_string

from compliance.integrations.delivery import Message
from compliance.models import OutboxItem, Repository, Subscription
from compliance.notifications.digest_content import Content, address
from compliance.notifications.mail import headers_of, message_of, own_host

_SIGNER = "compliance.unsubscribe"


def subscriptions_of(repositories: QuerySet[Repository]) -> Iterator[Subscription]:
    """Yield the subscriptions of those who have an e-mail address, or none if EMAIL_URL isn't set."""
    if not settings.EMAIL_READY:
        return
    found = Subscription.objects.filter(repository__in=repositories, person__is_active=True)
    yield from found.exclude(person__email="").select_related("person")


def build(item: OutboxItem, subscription: Subscription, content: Content) -> Message:
    """Build the e-mail with the digest of one week."""
    leave = address("unsubscribe", token(subscription))
    facts = {"told": content, "leave": leave, "settings": address("share", content.repository.slug)}
    host = own_host()
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


def token(subscription: Subscription) -> str:
    """Return the token in an unsubscribe link, which works without signing in."""
    return signing.Signer(salt=_SIGNER).sign(str(subscription.pk))


@dataclass(frozen=True, slots=True)
class WeeklyUnsubscription:
    """What the link in a weekly digest stops. `subscription` is None once it has ended."""

    subscription: Subscription | None

    rest = "Other e-mails of this installation are not affected."
    choices = None

    @property
    def recipient(self) -> str:
        """Return the name of the account."""
        return self.subscription.person.get_username() if self.subscription else ""

    def describe(self) -> str:
        """Return the e-mails as a noun phrase."""
        where = f" of {self.subscription.repository.name}" if self.subscription else ""
        return f"the weekly digest{where}"

    def is_over(self) -> bool:
        """Return true if the subscription has ended."""
        return self.subscription is None or self.subscription.pk is None

    def apply(self) -> None:
        """End the subscription."""
        if self.subscription and self.subscription.pk:
            self.subscription.delete()


def unsubscription_of(word: str) -> WeeklyUnsubscription | None:
    """Return what the token in a link stops, or None if it is invalid."""
    key = subscription_of(word)
    if key is None:
        return None
    rows = Subscription.objects.filter(pk=key).select_related("repository", "person")
    return WeeklyUnsubscription(rows.first())


def subscription_of(word: str) -> int | None:
    """Return the key of the subscription that a token belongs to, or None if the token is invalid."""
    try:
        return int(signing.Signer(salt=_SIGNER).unsign(word))
    except (signing.BadSignature, ValueError):
        return None
