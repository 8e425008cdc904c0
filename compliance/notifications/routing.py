"""Decides who is told about events, and records what is sent. This is the job `notify`.

The events of one topic and repository that are ready make one message. They wait while the repository is
being updated, so that a push with several commits is one message, too.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from compliance import events as emitted
from compliance import jobs
from compliance.integrations import delivery
from compliance.lib.batches import BATCH, batches
from compliance.models import (
    Cadence,
    DigestEntry,
    InboxEntry,
    Job,
    NotificationEvent,
    OutboxItem,
    Repository,
    Way,
)
from compliance.notifications import rules
from compliance.notifications.notices import notice
from compliance.notifications.quiet import next_digest, next_permitted, times_of
from compliance.notifications.recipients import Recipients, Told
from compliance.notifications.topic import Topic
from compliance.notifications.topics import TOPICS

log = logging.getLogger(__name__)

LONGEST_WAIT = timedelta(minutes=10)
"""Time for which events wait while their repository is being updated."""

MOST_TOGETHER = 10 * BATCH
"""Maximum number of events in one message. What a push has more is told in another one."""

LOOK_AGAIN = timedelta(seconds=5)

_LOCK = 0x0A0710
"""The number that identifies the lock of routing among the database's advisory locks."""

OwnersOf = Callable[[Repository, Iterable[str]], list[str]]
"""Returns the owners of files in a repository."""


def notify(run: jobs.JobRun, owners_of: OwnersOf) -> bool:
    """Route the events that wait. Return False if a more urgent job is waiting."""
    recipients = Recipients()
    while not run.should_yield():
        with transaction.atomic():
            _lock()
            if not _route_next(recipients, owners_of):
                break
    else:
        return False
    if NotificationEvent.objects.filter(routed_at=None).exists():
        jobs.enqueue(
            emitted.JOB,
            priority=jobs.Priority.LOW,
            cause="a repository is being updated",
            due_at=timezone.now() + LOOK_AGAIN,
        )
    return True


def _lock() -> None:
    """Let no other worker route at the same time: it would split what belongs in one message."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_LOCK])


def _ready() -> QuerySet[NotificationEvent]:
    """Return the events to route, the oldest first, without those of repositories that are being updated.

    If an event has waited too long, those that came after it are routed with it. One message about each that
    has waited too long would be one every few seconds while a long history is being recorded.
    """
    updating = Job.objects.filter(
        Q(state=Job.State.RUNNING) | Q(state=Job.State.WAITING, due_at__lte=Now()),
        kind="update",
        repository=OuterRef("repository"),
    )
    overdue = NotificationEvent.objects.filter(
        routed_at=None,
        repository=OuterRef("repository"),
        topic=OuterRef("topic"),
        recorded_at__lt=Now() - LONGEST_WAIT,
    )
    rows = NotificationEvent.objects.filter(routed_at=None)
    return rows.filter(~Exists(updating) | Exists(overdue)).order_by("pk")


def _route_next(recipients: Recipients, owners_of: OwnersOf) -> bool:
    """Route the events of one topic and repository. Return False if no events are ready."""
    first = _ready().first()
    if first is None:
        return False
    group = _ready().filter(topic=first.topic, repository=first.repository_id)
    keys = list(group.values_list("pk", flat=True)[:MOST_TOGETHER])
    rows = NotificationEvent.objects.select_related("repository", "person", "actor").order_by("pk")
    if topic := TOPICS.get(first.topic):
        messages = _Messages(topic, first.repository, recipients)
        for some in batches(keys):
            events = list(rows.filter(pk__in=some))
            _add_owners(events, owners_of)
            messages.add(events)
        messages.record()
    else:
        log.warning("This release has no topic %r, so nobody is told about it.", first.topic)
    for some in batches(keys):
        NotificationEvent.objects.filter(pk__in=some).update(routed_at=Now())
    return True


def _add_owners(events: Iterable[NotificationEvent], owners_of: OwnersOf) -> None:
    """Add the owners of the files that events name, and store them."""
    for event in events:
        paths = event.detail.get("paths")
        if paths and not event.owners and event.repository:
            event.owners = owners_of(event.repository, paths)[: emitted.MOST_VALUES]
            if event.owners:
                event.save(update_fields=["owners"])


class _Messages:
    """The messages about events of one topic and repository, which are added in batches."""

    def __init__(self, topic: Topic, repository: Repository | None, recipients: Recipients) -> None:
        self._topic = topic
        self._repository = repository
        self._recipients = recipients
        self._people: defaultdict[User, list[Told]] = defaultdict(list)
        self._addresses: defaultdict[str, list[Told]] = defaultdict(list)
        self._channels = rules.ChannelMessages(topic, repository)

    def add(self, events: Sequence[NotificationEvent]) -> None:
        """Decide who is told about some events."""
        for person, told in self._recipients.of(self._topic, events).items():
            self._people[person] += told
        for address, told in self._recipients.addresses(self._topic, events).items():
            self._addresses[address] += told
        self._channels.add(events)

    def record(self) -> None:
        """Fill the inboxes, and record what is sent and what waits for digests."""
        entries = (
            InboxEntry(person=person, event_id=one.event, reason=one.reason)
            for person, told in self._people.items()
            for one in told
        )
        for some in batches(entries):
            InboxEntry.objects.bulk_create(some, ignore_conflicts=True)
        mails = [self._mail(to, told) for to, told in self._addresses.items()]
        for person, told in self._people.items():
            if at_once := _at_once(person, told):
                mails.append(self._mail(person, at_once))
        delivery.record(mails)
        self._channels.record()

    def _mail(self, to: User | str, told: Sequence[Told]) -> OutboxItem:
        return notice(self._topic.name, self._repository, [one.event for one in told], to, told[0].reason)


def _at_once(person: User, told: Sequence[Told]) -> list[Told]:
    """Return what a person is sent in an e-mail now, and record what waits for a digest."""
    settings = getattr(person, "notification_settings", None)
    if not person.email or (settings and not settings.is_mailed):
        return []
    times, now = times_of(settings), timezone.now()
    permitted = next_permitted(times, now)
    at_once, waiting = [], []
    for one in told:
        if one.way == Way.AT_ONCE and permitted <= now:
            at_once.append(one)
        elif one.way == Way.AT_ONCE:
            waiting.append(_entry(person, one, Cadence.AT_ONCE, at=permitted))
        elif one.way in (Way.DAILY, Way.WEEKLY):
            cadence = Cadence(one.way)
            due = next_permitted(times, next_digest(times, cadence, now))
            waiting.append(_entry(person, one, cadence, at=due))
    DigestEntry.objects.bulk_create(waiting, ignore_conflicts=True, batch_size=BATCH)
    return at_once


def _entry(person: User, told: Told, cadence: Cadence, *, at: datetime) -> DigestEntry:
    return DigestEntry(person=person, event_id=told.event, cadence=cadence, due_at=at)
