"""Unread files, and scans on demand."""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from compliance import jobs
from compliance.models import Commit, FileState, Job, Repository


def unread(repository: Repository) -> QuerySet[FileState]:
    """Return the files that could not be read at the newest commit, sorted by path."""
    return _faults(repository.plan_id).filter(last__isnull=True)


def unread_at(plan: int | None, commit: Commit) -> QuerySet[FileState]:
    """Return the files that could not be read at a commit, sorted by path, or nothing for a commit that is
    not on the tracked branch.
    """
    if commit.position is None:
        return FileState.objects.none()
    return _faults(plan).filter(
        Q(first__isnull=True) | Q(first__lte=commit.position),
        Q(last__isnull=True) | Q(last__gte=commit.position),
    )


def _faults(plan: int | None) -> QuerySet[FileState]:
    rows = FileState.objects.filter(~Q(unparsed="") | ~Q(skipped=""), plan=plan)
    return rows.select_related("file").order_by("file__path")


def scan_at_once(repository: Repository, person: User, cause: str) -> Job:
    """Queue a scan of the tracked branch. If a scan is already waiting, no other one is queued."""
    return jobs.enqueue("update", repository, priority=jobs.Priority.HIGH, cause=cause, person=person)
