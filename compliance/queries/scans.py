"""Unread files, and scans on demand."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from compliance import jobs
from compliance.models import Commit, Connection, Delivery, FileState, Job, RejectedDelivery, Repository


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


@dataclass(frozen=True, slots=True)
class Received:
    """A row in the list of deliveries. `event` is empty for a rejected one, whose body wasn't read."""

    at: datetime
    source: str
    event: str
    name: str
    outcome: str
    repeats: int
    is_rejected: bool


def newest_deliveries(receiver: Repository | Connection, number: int) -> list[Received]:
    """Return the deliveries of a repository or of a tracker's connection that arrived last, rejected ones
    included, newest first.
    """
    own = {"repository" if isinstance(receiver, Repository) else "connection": receiver}
    stored = Delivery.objects.filter(**own).defer("payload")[:number]
    rejected = RejectedDelivery.objects.filter(**own)[:number]
    rows = [
        *(
            Received(row.received_at, row.source, row.event, row.delivery_id, row.outcome, row.repeats, False)
            for row in stored
        ),
        *(
            Received(row.received_at, row.provider, "", row.address, f"{row.status}: {row.reason}", 0, True)
            for row in rejected
        ),
    ]
    return sorted(rows, key=lambda row: row.at, reverse=True)[:number]
