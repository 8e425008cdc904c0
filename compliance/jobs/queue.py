"""Writes the rows of the job queue: enqueues jobs, and claims them with one conditional update."""

import json
import logging
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import IntEnum
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from compliance.jobs import machine, wakeups
from compliance.jobs.routes import queue_of
from compliance.lib.product_files import start_command
from compliance.lib.queues import EVERY, Queue
from compliance.models import Job, Repository

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
PATIENCE = 5
"""Number of consecutive failed attempts after which a job is dead. Progress resets the count."""

_ENQUEUE = """
INSERT INTO compliance_job AS job
    (repository_id, kind, key, detail, queue, priority, state, attempts, max_attempts, merged, due_at, worker,
     done_steps, total_steps, error, cause, person_id, created_at)
VALUES (%(repository)s, %(kind)s, %(key)s, %(detail)s::jsonb, %(queue)s, %(priority)s, 'waiting', 0,
        %(patience)s, 0, coalesce(%(due_at)s, statement_timestamp()), '', 0, 0, '', %(cause)s, %(person)s,
        statement_timestamp())
ON CONFLICT (repository_id, kind, key) WHERE state = 'waiting' DO UPDATE SET
    detail = excluded.detail,
    queue = CASE WHEN excluded.priority >= job.priority THEN excluded.queue ELSE job.queue END,
    priority = greatest(job.priority, excluded.priority),
    due_at = least(job.due_at, excluded.due_at),
    merged = job.merged + 1,
    cause = excluded.cause,
    person_id = coalesce(excluded.person_id, job.person_id)
RETURNING job.*, merged = 0 OR attempts > 0 OR due_at > created_at AS needs_wake
"""

_CLAIMABLE = f"""
    SELECT {{}} FROM compliance_job AS due
    WHERE state = 'waiting' AND due_at <= statement_timestamp() AND queue = ANY(%(queues)s) AND NOT EXISTS (
        SELECT 1 FROM compliance_job AS running
        WHERE running.state = 'running' AND running.repository_id = due.repository_id)
        {machine.MAY_CLAIM}
        AND NOT EXISTS (SELECT 1 FROM compliance_maintenancemode)
"""  # noqa: S608  (made of constants)

_CLAIM = f"""
UPDATE compliance_job SET
    state = 'running', attempts = attempts + 1, worker = %(worker)s,
    lease_until = statement_timestamp() + make_interval(secs => %(lease)s),
    started_at = statement_timestamp(), finished_at = NULL, doing = ''
WHERE state = 'waiting' AND id = ({_CLAIMABLE.format("id")}
    ORDER BY priority DESC, due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""  # noqa: S608  (made of constants)

_IS_ANY_CLAIMABLE = f"""
SELECT EXISTS ({_CLAIMABLE.format("1")}) OR EXISTS (
    SELECT 1 FROM compliance_job WHERE state = 'running' AND lease_until < statement_timestamp()
        AND NOT EXISTS (SELECT 1 FROM compliance_maintenancemode))
"""  # noqa: S608  (made of constants)

_CLAIMABLE_QUEUES = _CLAIMABLE.format("DISTINCT queue")

_MORE_URGENT = f"""
SELECT EXISTS (SELECT 1 FROM compliance_maintenancemode) OR EXISTS (
    SELECT 1 FROM compliance_job WHERE state = 'waiting' AND due_at <= statement_timestamp()
        AND repository_id = %(repository)s AND priority > %(priority)s
) OR EXISTS ({_CLAIMABLE.format("1")}
    AND priority >= %(lowest)s AND due_at <= statement_timestamp() - make_interval(secs => %(patience)s))
"""  # noqa: S608  (made of constants)
"""Maintenance mode, and jobs for which a running job should make room. Another repository's job counts only
once it has waited for a moment, because an idle worker takes it at once.
"""

YIELD_AFTER = 1.0
"""Seconds that another repository's job waits before a running job makes room for it."""


class Priority(IntEnum):
    """The priority of a job. A long job yields to a more urgent one for the same repository."""

    IDLE = -10
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
    queue: Queue | None = None,
    messages: int = 1,
) -> Job:
    """Enqueue a job in the caller's transaction, or merge the request into an identical waiting job, which
    has the same repository, kind and key. `queue` is by default the one for the kind. A worker is woken after
    the commit; if all `messages` are lost, queue maintenance sends another. Several make it likely that one
    of the workers that may claim the job is woken.
    """
    values = {
        "repository": repository.pk if repository else None,
        "kind": kind,
        "key": key,
        "detail": json.dumps(dict(detail or {})),
        "queue": queue or queue_of(kind, repository),
        "priority": int(priority),
        "patience": PATIENCE,
        "due_at": due_at,
        "cause": cause[:200],
        "person": person.pk if person else None,
    }
    job: Job
    (job,) = Job.objects.raw(_ENQUEUE, values)
    # Otherwise, a wake-up was sent when the row was created, and maintenance sends it again.
    if vars(job)["needs_wake"]:
        transaction.on_commit(partial(wake_for, kind, job.queue, messages), robust=True)
    return job


def wake_for(kind: str, queue: str, messages: int = 1) -> None:
    """Wake a worker for a job of this kind. If the message is lost, a worker finds the row later."""
    if wakeups.silence:
        return
    try:
        for _ in range(messages):
            wake(queue)
    except Exception as error:  # noqa: BLE001  (after any broker error, the row still exists, so nothing is lost)
        wakeups.silence.begin()
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        log.warning(
            "The job %s is queued, but the wake-up message failed (%s). A worker finds it once "
            "`%s`, or a worker, runs.",
            kind,
            first,
            start_command(),
        )


def wake(queue: str) -> None:
    """Send the wake-up message, which is optional, to a worker of a queue. Raises the broker's errors."""
    wakeups.send(queue)


def claim(worker: str, queues: Collection[str] = EVERY) -> Job | None:
    """Claim the most urgent due job of some queues until its lease expires. Return None if no job is due."""
    lease, values = LEASE.total_seconds(), {**machine.values(), "queues": list(queues)}
    for _ in range(3):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(_CLAIM, {**values, "lease": lease, "worker": worker[:200]})
                row = cursor.fetchone()
        except IntegrityError:
            continue  # another worker has just claimed a job of the same repository
        return Job.objects.select_related("repository").get(pk=row[0]) if row else None
    return None


def is_any_claimable(queues: Collection[str] = EVERY) -> bool:
    """Return true if a worker of some queues could claim a job now, or recover one whose lease has
    expired.
    """
    with connection.cursor() as cursor:
        cursor.execute(_IS_ANY_CLAIMABLE, {**machine.values(), "queues": list(queues)})
        (found,) = cursor.fetchone()
        return bool(found)


def claimable_queues(queues: Collection[str] = EVERY) -> list[str]:
    """Return the queues, of those given, in which a job can be claimed now, the most urgent ones first."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMABLE_QUEUES, {**machine.values(), "queues": list(queues)})
        return sorted((name for (name,) in cursor.fetchall()), key=EVERY.index)


def should_make_room(job: Job, queues: Collection[str], *, for_equals: bool) -> bool:
    """Return true if a more urgent job waits for the worker that runs a job, or for the job's repository.

    With `for_equals`, equally urgent jobs of other repositories count, too. In maintenance mode, every job
    should make room.
    """
    values = machine.values() | {
        "repository": job.repository_id,
        "priority": job.priority,
        "lowest": job.priority if for_equals else job.priority + 1,
        "patience": YIELD_AFTER,
        "queues": list(queues),
    }
    with connection.cursor() as cursor:
        cursor.execute(_MORE_URGENT, values)
        (found,) = cursor.fetchone()
        return bool(found)


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
