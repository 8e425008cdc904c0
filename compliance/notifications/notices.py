"""E-mails to one person about events, each with one-click unsubscribe (RFC 8058)."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.utils import timezone

from compliance.integrations import delivery
from compliance.models import DigestEntry, NotificationEvent, OutboxItem, Repository, TopicPreference, Way
from compliance.notifications import mail, unsubscribing
from compliance.notifications.channels import email as rendering
from compliance.notifications.digest_messages import DIGEST, write_digest
from compliance.notifications.message import Link, Message
from compliance.notifications.quiet import next_permitted, times_of
from compliance.notifications.topic import Addressee, Topic
from compliance.notifications.topics import TOPICS

KIND = "notice"
"""The kind of these items in the outbox."""

SILENCED = (Way.INBOX, Way.OFF)


def notice(topic: str, events: Sequence[NotificationEvent], to: User | str, reason: str) -> OutboxItem:
    """Return the e-mail about events that are routed together, which isn't recorded yet.

    `to` is an account, or an address without one.
    """
    return OutboxItem(
        kind=KIND,
        channel=mail.NAME,
        repository_id=events[0].repository_id,
        target=str(to.pk) if isinstance(to, User) else to,
        # Each event is routed once, so the newest one identifies them.
        key=f"{topic} {events[-1].pk}",
        host=mail.host(),
        detail={
            "about": topic,
            "events": [event.pk for event in events],
            "reason": reason,
            **_named(to),
        },
    )


def digest_notice(person: User, collected_at: str) -> OutboxItem:
    """Return the e-mail about what waited for a person's digest, which isn't recorded yet."""
    return OutboxItem(
        kind=KIND,
        channel=mail.NAME,
        target=str(person.pk),
        key=f"{DIGEST} {collected_at}",
        host=mail.host(),
        detail={"about": DIGEST, "collected_at": collected_at, **_named(person)},
    )


def _named(to: User | str) -> dict[str, str]:
    return {"username": to.get_username()} if isinstance(to, User) else {}


class NoticeSender:
    """Builds these e-mails, as long as their recipients want them."""

    def build(self, item: OutboxItem) -> delivery.Message:
        """Build an e-mail from the events and the current records."""
        topic = item.detail["about"]
        person = _person(item)
        address = person.email if person else item.target
        if topic == DIGEST:
            message, headers = self._digest(item, person)
        else:
            message, headers = self._events(item, person)
        letter = rendering.render(message)
        letter.to = [address]
        letter.extra_headers |= {**mail.headers_of(item), **headers}
        return mail.message_of(letter)

    def _digest(self, item: OutboxItem, person: User | None) -> tuple[Message, dict[str, str]]:
        collected = item.detail["collected_at"]
        entries = DigestEntry.objects.filter(person=person, collected_at=collected)
        events = [entry.event for entry in entries.select_related("event__repository").order_by("event")]
        if person is None or not events:
            raise delivery.NotNeededError("The events were deleted.")
        stop = unsubscribing.link_of_person(person)
        to = Addressee("you chose a digest, or the e-mails were held back in your quiet hours", _stop(stop))
        return write_digest(events, to), _headers("notifications", stop)

    def _events(self, item: OutboxItem, person: User | None) -> tuple[Message, dict[str, str]]:
        topic = TOPICS.get(item.detail["about"])
        if topic is None:
            raise delivery.NotNeededError(f"This release has no topic {item.detail['about']!r}.")
        _check_wanted(topic, item, person)
        rows = NotificationEvent.objects.filter(pk__in=item.detail["events"])
        events = list(rows.select_related("repository", "person", "actor").order_by("pk"))
        if not events:
            raise delivery.NotNeededError("The events were deleted.")
        stop = unsubscribing.link_of_topic(person or item.target, topic.name, item.repository_id)
        message = topic.write(events, Addressee(str(item.detail.get("reason", "")), _stop(stop)))
        return message, _headers(f"{topic.name}.{_slug(item.repository)}", stop)


def _person(item: OutboxItem) -> User | None:
    """Return the recipient's account, or None for an address without one.

    Raises:
        NotNeededError: if the account can't get e-mails any more.
        PostponedError: if it doesn't want any at this time.
    """
    if "@" in item.target or not item.target.isdecimal():
        return None
    accounts = User.objects.filter(is_active=True).select_related("notification_settings")
    person = accounts.filter(pk=item.target).first()
    if person is None or not person.email:
        raise delivery.NotNeededError("The recipient's account is closed, or has no address.")
    settings = getattr(person, "notification_settings", None)
    if settings and not settings.is_mailed:
        raise delivery.NotNeededError("The recipient has turned off e-mails.")
    now = timezone.now()
    if (permitted := next_permitted(times_of(settings), now)) > now:
        raise delivery.PostponedError("The recipient's quiet hours have begun.", permitted)
    return person


def _check_wanted(topic: Topic, item: OutboxItem, person: User | None) -> None:
    whose = {"person": person} if person else {"email": item.target.casefold()}
    rows = TopicPreference.objects.filter(topic=topic.name, **whose)
    found = {row.repository_id: row.way for row in rows}
    if found.get(item.repository_id, found.get(None)) in SILENCED:
        raise delivery.NotNeededError("The recipient has turned off e-mails about this.")


def _stop(url: str) -> Link:
    return Link("Stop these e-mails", url)


def _slug(repository: Repository | None) -> str:
    return repository.slug if repository else "all"


def _headers(name: str, stop: str) -> dict[str, str]:
    return {
        "List-Id": f"<{name}.{mail.own_host()}>",
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
