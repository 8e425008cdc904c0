"""Ends an attempt at a job: marks it as done, requeues it, or records why it failed. A later attempt is never
changed, because each update names the attempt.
"""

from datetime import timedelta
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat, Greatest, Now

from compliance.jobs.pending import pending_of
from compliance.jobs.queue import PATIENCE, wake_for
from compliance.models import Job, Repository

_FIRST_DELAY = timedelta(seconds=5)
_LONGEST_DELAY = timedelta(minutes=10)


def finish(job: Job) -> bool:
    """Mark a job as done. Return False if this worker no longer holds it."""
    return bool(
        Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts).update(
            state=Job.State.DONE, finished_at=Now(), lease_until=None, error="", doing=""
        )
    )


def failed_before(job: Job) -> int:
    """Return how many attempts at a job have failed in a row since it last made progress. A running attempt
    hasn't failed, and neither has one that made room for another job.
    """
    begun = int(job.state == Job.State.RUNNING)
    return max(PATIENCE - (job.max_attempts - job.attempts) - begun, 0)


def give_back(job: Job, *, for_others: bool = True) -> bool:
    """Requeue a job that yielded to another one, without counting the attempt. With `for_others`, another
    worker is woken.
    """
    with transaction.atomic():
        mine = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)
        given = bool(mine.update(max_attempts=F("max_attempts") + 1)) and _reopen(job, timedelta(0), "")
    if for_others:
        transaction.on_commit(partial(wake_for, job.kind, job.queue), robust=True)
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
            delay = min(_FIRST_DELAY * 3 ** failed_before(current), _LONGEST_DELAY)
            return _reopen(current, delay, error)
        mine.update(state=Job.State.BURIED, finished_at=Now(), lease_until=None, error=error, doing="")
        return True


def stop(repository: Repository, reason: str) -> None:
    """End the jobs of a repository: those that wait, and those that run, which notice it with their next
    write. Call this outside of a transaction that the running ones might have to wait for.
    """
    active = pending_of(repository)
    active.update(state=Job.State.REPLACED, finished_at=Now(), lease_until=None, doing="", error=reason)


def _reopen(job: Job, delay: timedelta, error: str) -> bool:
    """Requeue a running job. If an identical job is already waiting, that job replaces it."""
    mine = Job.objects.filter(pk=job.pk, state=Job.State.RUNNING, attempts=job.attempts)
    due = Now() + delay
    try:
        with transaction.atomic():
            return bool(
                mine.update(
                    state=Job.State.WAITING, lease_until=None, worker="", due_at=due, error=error, doing=""
                )
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
