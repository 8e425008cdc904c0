"""What all evidence has in common when it arrives: its commit and its moment."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from compliance.models import Commit, Measurement, Repository, SuiteResult, TestRun


def moment(at: datetime | None) -> datetime:
    """When evidence counts as given: at the time named, but never in the future; else now."""
    now = timezone.now()
    return min(at, now) if at else now


def commit_of(repository: Repository, sha: str) -> Commit | None:
    """The recorded commit with this whole SHA; None while it has not been seen, then evidence waits."""
    return Commit.objects.filter(repository=repository, sha=sha).first()


def link(repository: Repository) -> None:
    """Give what waits for a commit that has been recorded since its commit; three queries."""
    for table in (TestRun, SuiteResult, Measurement):
        seen = Commit.objects.filter(repository=repository, sha=OuterRef("sha"))
        waiting = table.objects.filter(repository=repository, commit__isnull=True)
        waiting.filter(Exists(seen)).update(commit=Subquery(seen.values("pk")[:1]))
