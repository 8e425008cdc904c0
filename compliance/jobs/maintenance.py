"""Queue maintenance: sends wake-ups again, requeues or fails jobs whose lease has expired, and deletes old
rows.
"""

from datetime import timedelta

from django.db.models.functions import Now

from compliance.jobs import failures
from compliance.jobs.queue import fail, wake
from compliance.models import Heartbeat, Job

KEEP_DONE = timedelta(days=90)
KEEP_HEARTBEATS = timedelta(days=1)


def sweep() -> int:
    """Run the maintenance once. Return the number of expired leases.

    Concurrent runs are safe, because each change is one conditional update.
    """
    lost = 0
    for job in Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=Now()):
        words = f"The worker {job.worker} stopped during attempt {job.attempts} without an error."
        if fail(job, words, expired=True):
            failures.report(job, None)
            lost += 1
    Heartbeat.objects.filter(at__lt=Now() - KEEP_HEARTBEATS).delete()
    over = (Job.State.DONE, Job.State.REPLACED)
    Job.objects.filter(state__in=over, finished_at__lt=Now() - KEEP_DONE).delete()
    if Job.objects.filter(state=Job.State.WAITING, due_at__lte=Now()).exists():
        wake()
    return lost
