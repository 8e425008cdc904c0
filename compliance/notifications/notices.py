"""E-mails to one person about events, each with one-click unsubscribe (RFC 8058)."""

from collections.abc import Collection, Sequence

from django.contrib.auth.models import User
from django.utils import timezone

from compliance.integrations import delivery
from compliance.lib.wording import join_names
from compliance.models import Cadence, DigestEntry, NotificationEvent, OutboxItem, Repository
from compliance.notifications import mail, unsubscribing
from compliance.notifications.channels import email as rendering
from compliance.notifications.digest_content import address
from compliance.notifications.digest_messages import DIGEST, still_current, write_digest
from compliance.notifications.message import Link, Message
from compliance.notifications.quiet import next_permitted, times_of
from compliance.notifications.topic import Addressee
from compliance.notifications.topics import TOPICS
from compliance.notifications.wishes import still_wanted

KIND = "notice"
"""The kind of these items in the outbox."""


def notice(
    topic: str, repository: Repository | None, events: Sequence[int], to: User | str, reason: str
) -> OutboxItem:
    """Return the e-mail about events that are routed together, which isn't recorded yet.

    Args:
        topic: the name of the topic of the events.
        repository: their repository, if they belong to one.
        events: their ids, at least one, in ascending order.
        to: an account, or an address without one.
        reason: completes the sentence "Sent because …".
    """
    return OutboxItem(
        kind=KIND,
        channel=mail.NAME,
        repository=repository,
        target=str(to.pk) if isinstance(to, User) else to,
        # Each event is routed once, so the newest one identifies them.
        key=f"{topic} {events[-1]}",
        host=mail.host(),
        detail={"about": topic, "events": list(events), "reason": reason, **_named(to)},
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
        if person is None:
            raise delivery.NotNeededError("The recipient's account was closed.")
        collected = DigestEntry.objects.filter(person=person, collected_at=item.detail["collected_at"])
        entries = list(collected.select_related("event__repository").order_by("event"))
        events = _current(person, [entry.event for entry in entries])
        shown = {event.pk for event in events}
        reason = _reason_of_digest({entry.cadence for entry in entries if entry.event_id in shown})
        stop = unsubscribing.link_of_person(person)
        to = Addressee(reason, Link("Stop all these e-mails", stop), _choices())
        inbox = Link("Open your inbox", address("inbox"))
        return write_digest(events, to, inbox, "in your inbox"), _headers("notifications", stop)

    def _events(self, item: OutboxItem, person: User | None) -> tuple[Message, dict[str, str]]:
        topic = TOPICS.get(item.detail["about"])
        if topic is None:
            raise delivery.NotNeededError(f"This release has no topic {item.detail['about']!r}.")
        to = person or item.target
        rows = NotificationEvent.objects.filter(pk__in=item.detail["events"])
        events = _current(to, list(rows.select_related("repository", "person", "actor").order_by("pk")))
        stop = unsubscribing.link_of_topic(to, topic.name, item.repository_id)
        where = f" in {item.repository.name}" if item.repository else ""
        words = Link(f"Stop e-mails about “{topic.title}”{where}", stop)
        reason = str(item.detail.get("reason", ""))
        message = topic.write(events, Addressee(reason, words, _choices(item.repository) if person else None))
        return message, _headers(f"{topic.name}.{_slug(item.repository)}", stop)


def _current(to: User | str, events: Sequence[NotificationEvent]) -> list[NotificationEvent]:
    """Return the events that are still news, and that somebody still wants to be e-mailed.

    Raises:
        NotNeededError: if there are none.
    """
    if not events:
        raise delivery.NotNeededError("The events were deleted.")
    wanted = still_wanted(to, events)
    if not wanted:
        raise delivery.NotNeededError("The recipient has turned off e-mails about this.")
    current = still_current(wanted)
    if not current:
        raise delivery.NotNeededError("This was over before the e-mail was sent.")
    return current


def _reason_of_digest(cadences: Collection[str]) -> str:
    reasons = {
        Cadence.AT_ONCE: "e-mails were held back while they were muted or at a quiet time",
        Cadence.DAILY: "these topics are in your daily e-mail",
        Cadence.WEEKLY: "these topics are in your weekly e-mail",
    }
    return join_names([reasons[cadence] for cadence in Cadence if cadence in cadences])


def _choices(repository: Repository | None = None) -> Link:
    """Return the link to the page on which a person chooses what they are sent."""
    where = address("repository-notifications", repository.slug) if repository else address("notifications")
    return Link("Change your preferences", where)


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


def _slug(repository: Repository | None) -> str:
    return repository.slug if repository else "all"


def _headers(name: str, stop: str) -> dict[str, str]:
    return {
        "List-Id": f"<{name}.{mail.own_host()}>",
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
