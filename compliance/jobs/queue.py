"""Manages the rows of the job queue: enqueues jobs, claims them with one conditional update, and requeues or
fails them.
"""

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import IntEnum
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Greatest, Now

from compliance.jobs import machine, wakeups
from compliance.models import Job, Repository

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
PATIENCE = 5
"""Number of consecutive failed attempts after which a job is dead. Progress resets the count."""

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

_CLAIMABLE = f"""
    SELECT id FROM compliance_job AS due
    WHERE state = 'waiting' AND due_at <= statement_timestamp() AND NOT EXISTS (
        SELECT 1 FROM compliance_job AS running
        WHERE running.state = 'running' AND running.repository_id = due.repository_id)
        {machine.MAY_CLAIM}
"""  # noqa: S608  (made of constants)

_CLAIM = f"""
UPDATE compliance_job SET
    state = 'running', attempts = attempts + 1, worker = %(worker)s,
    lease_until = statement_timestamp() + make_interval(secs => %(lease)s),
    started_at = statement_timestamp(), finished_at = NULL
WHERE state = 'waiting' AND id = ({_CLAIMABLE}
    ORDER BY priority DESC, due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""  # noqa: S608  (made of constants)

_IS_ANY_CLAIMABLE = f"""
SELECT EXISTS ({_CLAIMABLE}) OR EXISTS (
    SELECT 1 FROM compliance_job WHERE state = 'running' AND lease_until < statement_timestamp())
"""  # noqa: S608  (made of constants)


class Priority(IntEnum):
    """The priority of a job. A long job yields to a more urgent one for the same repository."""

    LOW = 0
    NORMAL = 10
    HIGH = 20


class UnknownJobError(Exception):
    """Raised for a job whose kind has no handler."""


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
    """Enqueue a job in the caller's transaction, or merge the request into an identical waiting job.

    Jobs are identical if they have the same repository, kind and key. A worker is woken after the commit. If
    that message is lost, queue maintenance sends another.
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
        pk, needs_wake = cursor.fetchone()
    if needs_wake:  # otherwise, a wake-up was sent when the row was created, and maintenance sends it again
        transaction.on_commit(partial(_wake_for, kind), robust=True)
    return Job.objects.get(pk=pk)


def _wake_for(kind: str) -> None:
    """Wake a worker for a job of this kind. If the message is lost, a worker finds the row later."""
    if wakeups.silence:
        return
    try:
        wake()
    except Exception as error:  # noqa: BLE001  (after any broker error, the row still exists, so nothing is lost)
        wakeups.silence.begin()
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        log.warning(
            "The job %s is queued, but the wake-up message failed (%s). A worker finds it once "
            "`manage.py up`, or a worker, runs.",
            kind,
            first,
        )


def wake() -> None:
    """Send the wake-up message to a worker. Raises any error from the broker, which callers may ignore
    because the message is optional.
    """
    wakeups.send()


def claim(worker: str) -> Job | None:
    """Claim the most urgent due job until its lease expires. Return None if no job is due."""
    for _ in range(3):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    _CLAIM, {**machine.values(), "lease": LEASE.total_seconds(), "worker": worker[:200]}
                )
                row = cursor.fetchone()
        except IntegrityError:
            continue  # another worker has just claimed a job of the same repository
        return Job.objects.select_related("repository").get(pk=row[0]) if row else None
    return None


def is_any_claimable() -> bool:
    """Return true if a worker could claim a job now, or recover one whose lease has expired."""
    with connection.cursor() as cursor:
        cursor.execute(_IS_ANY_CLAIMABLE, machine.values())
        (found,) = cursor.fetchone()
        return bool(found)


def finish(job: Job) -> bool:
    """Mark a job as done. Return False if this worker no longer holds it."""
    return bool(
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts).update(
            state=Job.State.DONE, finished_at=Now(), lease_until=None, error=""
        )
    )


def give_back(job: Job) -> bool:
    """Requeue a job that yielded to another one, without counting the attempt."""
    with transaction.atomic():
        mine = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)
        given = bool(mine.update(max_attempts=F("max_attempts") + 1)) and _reopen(job, timedelta(0), "")
    transaction.on_commit(partial(_wake_for, job.kind), robust=True)
    return given


def fail(job: Job, error: str, *, expired: bool = False) -> bool:
    """Record why an attempt failed, and requeue the job with a delay or, after its last attempt, mark it as
    dead.

    With `expired`, do nothing unless the lease has expired. Return False if the attempt no longer holds the
    job.
    """
    with transaction.atomic():
        # If the row is locked, its worker is currently updating it, so the job is left to the next sweep.
        mine = Job.objects.select_for_update(skip_locked=expired).filter(
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
    """Requeue a running job. If an identical job is already waiting, that job replaces it."""
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
        note = Concat(Value(error), Value(" It was replaced by an identical job that was already waiting."))
        return bool(mine.update(state=Job.State.REPLACED, finished_at=Now(), lease_until=None, error=note))


def run_again(job: Job, person: User | None = None) -> Job:
    """Enqueue the same work again, due immediately. The old row remains unchanged.

    Raises ValueError if the job is running.
    """
    if job.state == Job.State.RUNNING:
        raise ValueError(f"Job {job.pk} is running. It can be run again once it has ended.")
    return enqueue(
        job.kind,
        job.repository,
        key=job.key,
        detail=job.detail,
        priority=Priority.HIGH,
        cause=f"run again (job {job.pk})",
        person=person,
    )
