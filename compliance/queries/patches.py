"""The patch of a file at the newest commit, and the job that creates it on demand."""

from compliance import jobs
from compliance.models import File, Job, Patch, Repository


def made_of(repository: Repository, file: File) -> Patch | None:
    """Return the patch if it was created."""
    return Patch.objects.filter(file=file, commit=repository.head_id, plan=repository.plan_id).first()


def asked_for(repository: Repository, file: File, cause: str) -> Job | None:
    """Enqueue the job that creates the patch, once; return the file's latest patch job, None if there is
    nothing to fix.

    A new job is not returned; the caller finds it on the next request.
    """
    if not (file.violations and repository.plan_id and repository.head_id):
        return None
    job = Job.objects.filter(repository=repository, kind="patch", key=str(file.pk)).order_by("-pk").first()
    if job is None or job.state == Job.State.DONE:
        jobs.enqueue("patch", repository, key=str(file.pk), priority=jobs.Priority.HIGH, cause=cause)
    return job
