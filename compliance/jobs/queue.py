"""The rows of the queue: put work in, claim it by one conditional update, give it back or bury it."""

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import IntEnum
from functools import partial
from typing import Any

from celery import current_app
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Greatest, Now

from compliance.models import Job, Repository

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
PATIENCE = 5
"""How many attempts in a row may fail before a job is buried; progress gives it as many again."""

_FIRST_DELAY = timedelta(seconds=5)
_LONGEST_DELAY = timedelta(minutes=10)

_ENQUEUE = """
INSERT INTO compliance_job AS job
    (repository_id, kind, key, detail, priority, state, attempts, max_attempts, merged, due_at, worker,
     done_steps, total_steps, error, cause, person_id, created_at)
VALUES (%(repository)s, %(kind)s, %(key)s, %(detail)s::jsonb, %(priority)s, 'waiting', 0, %(patience)s, 0,
        coalesce(%(due_at)s, statement_timestamp()), '', 0, 0, '', %(cause)s, %(person)s,
        statement_timestamp())
ON CONFLICT (repository_id, kind, key) WHERE state = 'waiting' DO UPDATE SET
    detail = excluded.detail,
    priority = greatest(job.priority, excluded.priority),
    due_at = least(job.due_at, excluded.due_at),
    merged = job.merged + 1,
    cause = excluded.cause,
    person_id = coalesce(excluded.person_id, job.person_id)
RETURNING id, merged = 0 OR attempts > 0 OR due_at > created_at
"""

_CLAIM = """
UPDATE compliance_job SET
    state = 'running', attempts = attempts + 1, worker = %(worker)s,
    lease_until = statement_timestamp() + make_interval(secs => %(lease)s),
    started_at = statement_timestamp(), finished_at = NULL
WHERE state = 'waiting' AND id = (
    SELECT id FROM compliance_job AS due
    WHERE state = 'waiting' AND due_at <= statement_timestamp() AND NOT EXISTS (
        SELECT 1 FROM compliance_job AS running
        WHERE running.state = 'running' AND running.repository_id = due.repository_id)
    ORDER BY priority DESC, due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""


class Priority(IntEnum):
    """What is more urgent goes first; a long job makes room for a more urgent one of its repository."""

    LOW = 0
    NORMAL = 10
    HIGH = 20


class UnknownJobError(Exception):
    """A job of a kind that nothing here knows how to do."""


def enqueue(
    kind: str,
    repository: Repository | None = None,
    *,
    key: str = "",
    detail: Mapping[str, Any] | None = None,
    priority: Priority = Priority.NORMAL,
    cause: str = "",
    person: User | None = None,
    due_at: datetime | None = None,
) -> Job:
    """Put work in the queue, in the caller's transaction; an equal waiting job takes the request in.

    Equal means the same repository, kind and key. The worker is woken once the transaction is committed; if
    that message is lost, the sweeper sends another.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _ENQUEUE,
            {
                "repository": repository.pk if repository else None,
                "kind": kind,
                "key": key,
                "detail": json.dumps(dict(detail or {})),
                "priority": int(priority),
                "patience": PATIENCE,
                "due_at": due_at,
                "cause": cause[:200],
                "person": person.pk if person else None,
            },
        )
        pk, untold = cursor.fetchone()
    if untold:  # else somebody was told when the row was written, and the sweeper looks after that
        transaction.on_commit(partial(_tell, kind), robust=True)
    return Job.objects.get(pk=pk)


def _tell(kind: str) -> None:
    """Wake a worker for a job of this kind; one that hears nothing finds the row by itself."""
    try:
        wake()
    except Exception as error:  # noqa: BLE001  (whatever a broker raises: the row is written, nothing is lost)
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        log.warning(
            "The job %s is kept, but no worker could be told of it now (%s). One finds it by itself once "
            "`manage.py up`, or a worker, runs.",
            kind,
            first,
        )


def wake() -> None:
    """Tell a worker to look. Raises whatever the broker raises; nobody depends on this message."""
    # Declaring the queue makes a process's first message wait, for seconds, for locks of reading workers.
    current_app.send_task("compliance.tasks.work", declare=[])


def claim(worker: str) -> Job | None:
    """The most urgent due job, now this worker's until its lease ends; None when there is none."""
    for _ in range(3):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(_CLAIM, {"lease": LEASE.total_seconds(), "worker": worker[:200]})
                row = cursor.fetchone()
        except IntegrityError:
            continue  # another worker began a job of the same repository in this instant: not now
        return Job.objects.select_related("repository").get(pk=row[0]) if row else None
    return None


def finish(job: Job) -> bool:
    """Mark a job as done; False when it is no longer this worker's."""
    return bool(
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts).update(
            state=Job.State.DONE, finished_at=Now(), lease_until=None, error=""
        )
    )


def give_back(job: Job) -> bool:
    """Return a job that made room for another to the queue; the attempt counts for nothing."""
    with transaction.atomic():
        mine = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)
        given = bool(mine.update(max_attempts=F("max_attempts") + 1)) and _reopen(job, timedelta(0), "")
    transaction.on_commit(wake, robust=True)
    return given


def fail(job: Job, error: str, *, expired: bool = False) -> bool:
    """Write down why an attempt failed: try again later, or bury the job after its last attempt.

    With `expired` nothing happens unless the lease has run out. False when the job is not this attempt's.
    """
    with transaction.atomic():
        mine = Job.objects.select_for_update().filter(
            pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts
        )
        current = (mine.filter(lease_until__lt=Now()) if expired else mine).first()
        if current is None:
            return False
        if current.attempts < current.max_attempts:
            failures = max(PATIENCE - (current.max_attempts - current.attempts), 1)
            delay = min(_FIRST_DELAY * 3 ** (failures - 1), _LONGEST_DELAY)
            return _reopen(current, delay, error)
        mine.update(state=Job.State.BURIED, finished_at=Now(), lease_until=None, error=error)
        return True


def _reopen(job: Job, delay: timedelta, error: str) -> bool:
    """Make a running job wait again; where an equal one already waits, that one goes on in its place."""
    mine = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)
    due = Now() + delay
    try:
        with transaction.atomic():
            return bool(
                mine.update(state=Job.State.WAITING, lease_until=None, worker="", due_at=due, error=error)
            )
    except IntegrityError:
        equal = Job.objects.filter(
            repository=job.repository_id, kind=job.kind, key=job.key, state=Job.State.WAITING
        )
        equal.update(
            attempts=Greatest("attempts", Value(job.attempts)),
            max_attempts=Greatest("max_attempts", Value(job.max_attempts)),
            priority=Greatest("priority", Value(job.priority)),
            merged=F("merged") + 1,
        )
        note = Concat(Value(error), Value(" An equal job that was waiting went on in its place."))
        return bool(mine.update(state=Job.State.DONE, finished_at=Now(), lease_until=None, error=note))


def run_again(job: Job, person: User | None = None) -> Job:
    """Ask for the same work once more, at once; the old row stays as it is.

    Raises ValueError for a job that is running.
    """
    if job.state == Job.State.RUNNING:
        raise ValueError(f"Job {job.pk} is running; it can be run again when it has ended.")
    return enqueue(
        job.kind,
        job.repository,
        key=job.key,
        detail=job.detail,
        priority=Priority.HIGH,
        cause=f"run again (job {job.pk})",
        person=person,
    )
