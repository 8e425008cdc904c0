"""Runs jobs of which some may fail, each of them once."""

from compliance.jobs.queue import claim
from compliance.jobs.runner import take
from compliance.models import Job
from compliance.tasks import KINDS


def run_whatever_happens() -> None:
    """Do everything that is due, in this process. A job that fails isn't tried again."""
    while job := claim("test"):
        take(job, KINDS)
        Job.objects.filter(pk=job.pk, state=Job.State.WAITING, error__gt="").update(state=Job.State.BURIED)
