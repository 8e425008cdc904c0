"""Finds the jobs that wait or run."""

from django.db.models import QuerySet

from compliance.models import Job, Repository

PENDING = (Job.State.WAITING, Job.State.RUNNING)


def pending(kind: str, key: str | None = None) -> QuerySet[Job]:
    """Return the jobs of a kind that wait or run and belong to no repository, by default with any key."""
    rows = Job.objects.filter(repository=None, kind=kind, state__in=PENDING)
    return rows if key is None else rows.filter(key=key)


def pending_of(repository: Repository) -> QuerySet[Job]:
    """Return the jobs of a repository that wait or run."""
    return Job.objects.filter(repository=repository, state__in=PENDING)
