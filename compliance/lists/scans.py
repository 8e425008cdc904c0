"""What the scans left behind: files that could not be read; and a scan that somebody asks for."""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from compliance import jobs
from compliance.models import FileState, Job, Repository


def unread(repository: Repository) -> QuerySet[FileState]:
    """The files that could not be read at the newest commit, by path."""
    rows = FileState.objects.filter(
        ~Q(unparsed="") | ~Q(skipped=""), plan=repository.plan_id, last__isnull=True
    )
    return rows.order_by("file__path")


def scan_at_once(repository: Repository, person: User, cause: str) -> Job:
    """Ask for a look at the tracked branch; one that waits already takes the request in."""
    return jobs.enqueue("update", repository, priority=jobs.Priority.HIGH, cause=cause, person=person)
