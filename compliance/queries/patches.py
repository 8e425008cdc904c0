"""The patch of a file at the newest commit, and the job that makes it once somebody asks."""

from compliance import jobs
from compliance.models import File, Job, Patch, Repository


def made_of(repository: Repository, file: File) -> Patch | None:
    """The patch, if it is made."""
    return Patch.objects.filter(file=file, commit=repository.head_id, plan=repository.plan_id).first()


def asked_for(repository: Repository, file: File, cause: str) -> Job | None:
    """Have the patch made, once, whoever asks how often; the last job for it, None where nothing is to do.

    A new job is not given back: it is there when the caller looks again.
    """
    if not (file.violations and repository.plan_id and repository.head_id):
        return None
    job = Job.objects.filter(repository=repository, kind="patch", key=str(file.pk)).order_by("-pk").first()
    if job is None or job.state == Job.State.DONE:
        jobs.enqueue("patch", repository, key=str(file.pk), priority=jobs.Priority.HIGH, cause=cause)
    return job
