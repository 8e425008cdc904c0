"""Records, claims and settles items of the outbox. The number of the attempt fences the writes of workers."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest, Now
from django.utils import timezone

from compliance import jobs
from compliance.lib.batches import BATCH
from compliance.lib.field_types import one_line, storable
from compliance.models import Job, OutboxItem

State = OutboxItem.State

JOB = "deliver"
"""The kind of the job that sends what is due."""

E_MAIL = "e-mail"
"""The channel that is closed while EMAIL_URL isn't set."""

AT_ONCE_PER_HOST = 2
"""Number of items that all workers together send to one host at the same time."""

LEASE = timedelta(seconds=45)
ATTEMPTS = 15
"""Number of attempts, which take about a day."""

FIRST_DELAY = timedelta(seconds=10)
LONGEST_DELAY = timedelta(hours=3)
HOST_DELAY = timedelta(minutes=1)
"""Maximum time for which other items for an unreachable host are put off. They don't count an attempt."""

JITTER = 0.2
KEPT_OUTCOMES = 20
LONGEST_OUTCOME = 1000

UNATTEMPTED = timedelta(days=1)
"""Age from which an e-mail isn't sent any more if it couldn't be attempted, because EMAIL_URL wasn't set."""

PENDING = (State.WAITING, State.SENDING)
FAILED = (State.FAILED, State.GIVEN_UP)

_LOCK = 0x55076
"""The number that identifies the lock for claims among the database's advisory locks."""

_CLAIM = """
WITH busy AS (
    SELECT host, count(*) AS number FROM compliance_outboxitem WHERE state = 'sending' GROUP BY host
), due AS (
    SELECT id, host, next_at FROM compliance_outboxitem
    WHERE state = 'waiting' AND next_at <= statement_timestamp() AND channel <> ALL(%(closed)s)
        AND host NOT IN (SELECT host FROM busy WHERE number >= %(per_host)s)
    ORDER BY next_at LIMIT 1000
), placed AS (
    SELECT id, host, row_number() OVER (PARTITION BY host ORDER BY next_at, id) AS place FROM due
), chosen AS (
    SELECT id FROM placed LEFT JOIN busy USING (host)
    WHERE place <= %(per_host)s - coalesce(number, 0) ORDER BY place, id LIMIT %(most)s
)
UPDATE compliance_outboxitem AS item SET
    state = 'sending', attempts = attempts + 1, worker = %(worker)s,
    lease_until = statement_timestamp() + make_interval(secs => %(lease)s)
FROM chosen WHERE item.id = chosen.id RETURNING item.id
"""


def record(items: Sequence[OutboxItem]) -> None:
    """Record items that haven't been recorded yet, in the caller's transaction, and send them after it.

    If the process ends between the two, `resume` notices. The job is queued after the transaction, because
    its row would otherwise stay locked while, for example, a large commit is being recorded.
    """
    if not items:
        return
    for item in items:
        item.target, item.key = item.target[:300], item.key[:300]
        item.max_attempts = ATTEMPTS
    OutboxItem.objects.bulk_create(items, ignore_conflicts=True, batch_size=BATCH)
    transaction.on_commit(
        partial(_queue, f"{items[0].kind}: {items[0].detail.get('about', '')}"), robust=True
    )


def request(items: Sequence[OutboxItem]) -> None:
    """Record items like `record`, and let those be sent again that were recorded earlier, because what they
    say has changed. Their rows stay locked until the end of the caller's transaction.

    An item that is being sent is sent once more after that, and one that waits for its next attempt still
    waits. The age of an item counts from its last request. The id that another host gave to what was sent
    there is forgotten: here, it may be that of somebody else's comment.
    """
    with transaction.atomic():
        record(items)
        for item in items:
            known = OutboxItem.objects.filter(
                repository=item.repository_id, channel=item.channel, target=item.target, key=item.key
            )
            known.exclude(host=item.host).update(remote_id="")
            known.update(revision=F("revision") + 1, detail=item.detail, host=item.host, created_at=Now())
            known.exclude(state__in=PENDING).update(
                state=State.WAITING, next_at=Now(), sent_at=None, max_attempts=F("attempts") + ATTEMPTS
            )


def _queue(cause: str) -> None:
    jobs.enqueue(JOB, key="", priority=jobs.Priority.LOW, cause=one_line(cause, 200))


def closed_channels() -> list[str]:
    """Return the channels through which nothing can be sent at present."""
    return [] if settings.EMAIL_READY else [E_MAIL]


def claim(worker: str, most: int) -> list[OutboxItem]:
    """Claim due items until their leases expire, the oldest first. No host gets more than a few at a time."""
    values: dict[str, Any] = {"closed": closed_channels(), "per_host": AT_ONCE_PER_HOST, "most": most}
    values |= {"worker": worker[:200], "lease": LEASE.total_seconds()}
    with transaction.atomic(), connection.cursor() as cursor:
        # Two workers that count at the same time would both see a free place.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_LOCK])
        cursor.execute(_CLAIM, values)
        keys = [key for (key,) in cursor.fetchall()]
    return list(OutboxItem.objects.filter(pk__in=keys).select_related("repository").order_by("pk"))


def held(item: OutboxItem) -> QuerySet[OutboxItem]:
    """Return an item's row, or nothing if this attempt no longer holds it."""
    return OutboxItem.objects.filter(pk=item.pk, state=State.SENDING, attempts=item.attempts)


def renew(items: Sequence[OutboxItem]) -> None:
    """Renew the leases of items that are being sent."""
    for item in items:
        held(item).update(lease_until=Now() + LEASE)


def is_any_due() -> bool:
    """Return true if an item is due and can be sent."""
    due = OutboxItem.objects.filter(state=State.WAITING, next_at__lte=Now())
    return due.exclude(channel__in=closed_channels()).exists()


def settle_sent(item: OutboxItem, words: str, remote_id: str) -> bool:
    """Record that an item was accepted. Return False if this attempt no longer holds it."""
    values = _outcome(item, words) | {"remote_id": remote_id[:200], "may_have_arrived": False}
    return _settle(item, values, {"state": State.SENT, "sent_at": Now(), "secret": ""})


def settle_given_up(item: OutboxItem, words: str) -> bool:
    """Record that an item can't be delivered. Return False if this attempt no longer holds it."""
    return _settle(item, _outcome(item, words), {"state": State.GIVEN_UP, "secret": ""})


def settle_postponed(item: OutboxItem, words: str, until: datetime) -> bool:
    """Record that an item must not be sent before `until`, without counting the attempt. Return False if this
    attempt no longer holds it.
    """
    values = _outcome(item, words) | {"max_attempts": F("max_attempts") + 1}
    return bool(held(item).update(state=State.WAITING, next_at=until, **values))


def _settle(item: OutboxItem, values: dict[str, Any], final: dict[str, Any]) -> bool:
    """Write the outcome of an item and its final state. If the item was requested again while it was being
    sent, it waits to be sent instead.
    """
    if held(item).filter(revision=item.revision).update(**values, **final):
        return True
    again = {"state": State.WAITING, "next_at": Now(), "max_attempts": F("attempts") + ATTEMPTS}
    return bool(held(item).update(**values, **again))


def settle_failed(
    item: OutboxItem,
    words: str,
    wait: timedelta | None = None,
    *,
    may_have_arrived: bool = False,
    expired: bool = False,
) -> bool:
    """Record why an attempt failed. The item is sent again after a delay, unless this was the last attempt.

    With `expired`, do nothing unless the lease has expired. Return False if this attempt no longer holds it.
    """
    mine, values = held(item), _outcome(item, words)
    if expired:
        mine = mine.filter(lease_until__lt=Now())
    if may_have_arrived:
        values["may_have_arrived"] = True
    if item.attempts >= item.max_attempts:
        if mine.filter(revision=item.revision).update(state=State.FAILED, **values):
            return True
        values["max_attempts"] = F("attempts") + ATTEMPTS
    # The receiver's wish is kept exactly, and everything else spread, so that not all come back at once.
    delay = max(wait or timedelta(), _delay(item.attempts - (item.max_attempts - ATTEMPTS)))
    return bool(mine.update(state=State.WAITING, next_at=Now() + delay, **values))


def _delay(failures: int) -> timedelta:
    usual: timedelta = min(FIRST_DELAY * 3 ** min(max(failures - 1, 0), 10), LONGEST_DELAY)
    return usual * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  (no secret)


def _outcome(item: OutboxItem, words: str) -> dict[str, Any]:
    said = storable(one_line(words, LONGEST_OUTCOME))
    entry = {"attempt": item.attempts, "at": timezone.now().isoformat(), "outcome": said}
    return {
        "outcome": said,
        "log": [*item.log, entry][-KEPT_OUTCOMES:],
        "lease_until": None,
        "worker": "",
    }


def put_off(item: OutboxItem, delay: timedelta, *, whole_host: bool) -> None:
    """Put off the other waiting items for the target of an item or, with `whole_host`, for its host."""
    others = OutboxItem.objects.filter(host=item.host, state=State.WAITING).exclude(pk=item.pk)
    if not whole_host:
        others = others.filter(channel=item.channel, target=item.target, repository=item.repository_id)
    until = Now() + delay
    others.filter(next_at__lt=until).update(next_at=Greatest("next_at", until))


def recover() -> int:
    """Let items be sent again whose worker stopped while sending them. Return their number.

    Leases that were written before the clock was set back are shortened first.
    """
    sending = OutboxItem.objects.filter(state=State.SENDING)
    sending.filter(lease_until__gt=Now() + LEASE * 2).update(lease_until=Now() + LEASE)
    lost = 0
    for item in sending.filter(lease_until__lt=Now()):
        words = f"The worker {item.worker} stopped while it was sending this."
        lost += settle_failed(item, words, may_have_arrived=True, expired=True)
    return lost


def give_up_overdue() -> None:
    """Give up the e-mails that have waited for EMAIL_URL for more than a day. They would be out of date."""
    if settings.EMAIL_READY:
        return
    old = OutboxItem.objects.filter(channel=E_MAIL, state=State.WAITING, attempts=0)
    words = "There was no mail server for more than a day."
    old.filter(created_at__lt=Now() - UNATTEMPTED, next_at__lt=Now() - UNATTEMPTED).update(
        state=State.GIVEN_UP, outcome=words, secret=""
    )


def resume() -> None:
    """Queue the job if an item is due and no such job waits or runs. This is called every few seconds."""
    recover()
    give_up_overdue()
    pending = Job.objects.filter(Q(state=Job.State.WAITING) | Q(state=Job.State.RUNNING), kind=JOB)
    if is_any_due() and not pending.exists():
        _queue("items are due")


def send_again(item: OutboxItem, person: User | None) -> bool:
    """Send an item that failed, was given up, or waits for its next attempt. Return False if it is not such
    an item, or if its content has been deleted.

    It has all its attempts again. The request is the first entry of its log from then on.
    """
    entry = {"attempt": item.attempts, "at": timezone.now().isoformat()}
    entry["outcome"] = f"{person or 'Somebody'} requested that it is sent again."
    mine = OutboxItem.objects.filter(pk=item.pk, state__in=(*FAILED, State.WAITING), attempts=item.attempts)
    done = mine.update(
        state=State.WAITING,
        next_at=Now(),
        max_attempts=F("attempts") + ATTEMPTS,
        log=[*item.log, entry][-KEPT_OUTCOMES:],
    )
    if done:
        transaction.on_commit(partial(_queue, f"{item.kind}: sent again"), robust=True)
    return bool(done)
