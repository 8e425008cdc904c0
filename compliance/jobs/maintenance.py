"""Queue maintenance: sends wake-ups again, requeues or fails jobs whose lease has expired, and deletes old
rows.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Now

from compliance.jobs import endings, failures, queue
from compliance.jobs.machine import ANYWHERE
from compliance.lib.batches import BATCH
from compliance.lib.database_limits import end_sessions, job_session
from compliance.lib.queues import EVERY
from compliance.models import Heartbeat, Job

KEEP_DONE = timedelta(days=settings.ENVIRONMENT.job_days)
KEEP_HEARTBEATS = timedelta(days=1)
CLOCK_SKEW = timedelta(seconds=30)
"""Maximum difference by which another machine's clock may be ahead. Later times must have been written before
a clock was set back.
"""


def sweep() -> int:
    """Run queue maintenance once. Return the number of expired leases.

    Concurrent runs are safe, because each change is one conditional update.
    """
    lost = recover()
    Heartbeat.objects.filter(Q(at__lt=Now() - KEEP_HEARTBEATS) | Q(at__gt=Now() + CLOCK_SKEW)).delete()
    over = (Job.State.DONE, Job.State.REPLACED)
    old = Job.objects.filter(state__in=over, finished_at__lt=Now() - KEEP_DONE)
    Job.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()
    _drop_unwanted()
    due = Job.objects.filter(state=Job.State.WAITING, due_at__lte=Now())
    waiting = set(due.values_list("queue", flat=True).distinct())
    for name in EVERY:
        if name in waiting:  # whichever machine may claim the job
            queue.wake(name)
    return lost


def _drop_unwanted() -> None:
    """End the waiting jobs of repositories that are archived or deleted, which nobody may claim."""
    unwanted = Q(repository__archived_at__isnull=False) | Q(repository__deleted_at__isnull=False)
    waiting = Job.objects.filter(unwanted, state=Job.State.WAITING).exclude(kind__in=ANYWHERE)
    Job.objects.filter(pk__in=list(waiting.values_list("pk", flat=True)[:BATCH])).update(
        state=Job.State.REPLACED, finished_at=Now(), error="The repository is archived or deleted."
    )


def recover() -> int:
    """Requeue or fail the jobs whose lease has expired, and return their number.

    Leases and due times that were written before the clock was set back are shortened first.
    """
    ahead = Q(created_at__gt=Now() + CLOCK_SKEW) | Q(started_at__gt=Now() + CLOCK_SKEW)
    Job.objects.filter(ahead, state=Job.State.WAITING, due_at__gt=Now()).update(due_at=Now())
    Job.objects.filter(state=Job.State.RUNNING, lease_until__gt=Now() + queue.LEASE + CLOCK_SKEW).update(
        lease_until=Now() + queue.LEASE
    )
    lost = 0
    for job in Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=Now()):
        words = f"The worker {job.worker} stopped during attempt {job.attempts} without an error."
        if endings.fail(job, words, expired=True):
            # A worker that was killed may have left a statement running that still holds locks.
            end_sessions(job_session(job.pk, job.attempts))
            failures.report(job, None)
            lost += 1
    return lost
