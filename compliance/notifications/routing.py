"""Decides who is told about events, and records what is sent. This is the job `notify`.

Events of one topic and repository that are routed together make one message. Those of a repository wait while
it is being updated, so that a push with several commits is one message, too.
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
from compliance.lib.batches import BATCH
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

LOOK_AGAIN = timedelta(seconds=5)

_LOCK = 0x0A0710
"""The number that identifies the lock of routing among the database's advisory locks."""

OwnersOf = Callable[[Repository, Iterable[str]], list[str]]
"""Returns the owners of files in a repository."""


def notify(run: jobs.JobRun, owners_of: OwnersOf) -> bool:
    """Route the events that wait. Return False if a more urgent job is waiting."""
    recipients = Recipients()
    while True:
        if run.should_yield():
            return False
        with transaction.atomic():
            _lock()
            events = list(_ready()[:BATCH])
            if not events:
                break
            _add_owners(events, owners_of)
            for topic, group in _grouped(events):
                _route(topic, group, recipients)
            NotificationEvent.objects.filter(pk__in=[event.pk for event in events]).update(routed_at=Now())
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
    """Return the events to route, the oldest first, without those of repositories that are being updated."""
    updating = Job.objects.filter(
        Q(state=Job.State.RUNNING) | Q(state=Job.State.WAITING, due_at__lte=Now()),
        kind="update",
        repository=OuterRef("repository"),
    )
    rows = NotificationEvent.objects.filter(routed_at=None)
    rows = rows.filter(~Exists(updating) | Q(recorded_at__lt=Now() - LONGEST_WAIT))
    return rows.select_related("repository", "person", "actor").order_by("pk")


def _grouped(events: Iterable[NotificationEvent]) -> list[tuple[Topic, list[NotificationEvent]]]:
    groups: defaultdict[tuple[str, int | None], list[NotificationEvent]] = defaultdict(list)
    for event in events:
        if event.topic in TOPICS:
            groups[event.topic, event.repository_id].append(event)
        else:
            log.warning("This release has no topic %r, so nobody is told about it.", event.topic)
    return [(TOPICS[topic], group) for (topic, _), group in groups.items()]


def _add_owners(events: Iterable[NotificationEvent], owners_of: OwnersOf) -> None:
    """Add the owners of the files that events name, and store them."""
    for event in events:
        paths = event.detail.get("paths")
        if paths and not event.owners and event.repository:
            event.owners = owners_of(event.repository, paths)[: emitted.MOST_VALUES]
            if event.owners:
                event.save(update_fields=["owners"])


def _route(topic: Topic, events: Sequence[NotificationEvent], recipients: Recipients) -> None:
    told = recipients.of(topic, events)
    entries = [
        InboxEntry(person=person, event=one.event, reason=one.reason)
        for person, those in told.items()
        for one in those
    ]
    InboxEntry.objects.bulk_create(entries, ignore_conflicts=True, batch_size=BATCH)
    mails = [item for person, those in told.items() for item in _mails(topic, person, those)]
    mails += [
        notice(topic.name, [one.event for one in those], email, those[0].reason)
        for email, those in recipients.addresses(topic, events).items()
    ]
    delivery.record(mails)
    rules.route(topic, events)


def _mails(topic: Topic, person: User, told: Sequence[Told]) -> list[OutboxItem]:
    """Return the e-mail to send to a person now, if there is one, and record what waits for a digest."""
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
    if not at_once:
        return []
    return [notice(topic.name, [one.event for one in at_once], person, at_once[0].reason)]


def _entry(person: User, told: Told, cadence: Cadence, *, at: datetime) -> DigestEntry:
    return DigestEntry(person=person, event=told.event, cadence=cadence, due_at=at)
