"""Helpers for all kinds of evidence: determine the commit to which it belongs, and when it was received."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from compliance.models import Commit, Measurement, Repository, SuiteResult, TestRun


def received_at(at: datetime | None) -> datetime:
    """Return the time at which evidence counts as received: `at` unless it is in the future, otherwise
    now.
    """
    now = timezone.now()
    return min(at, now) if at else now


def commit_of(repository: Repository, sha: str) -> Commit | None:
    """Return the recorded commit with this full SHA.

    Return None if it has not been recorded yet, in which case the evidence waits for it.
    """
    return Commit.objects.filter(repository=repository, sha=sha).first()


def attach_to_commits(repository: Repository) -> None:
    """Attach waiting evidence to commits that have been recorded since it arrived, in three queries."""
    for table in (TestRun, SuiteResult, Measurement):
        seen = Commit.objects.filter(repository=repository, sha=OuterRef("sha"))
        waiting = table.objects.filter(repository=repository, commit__isnull=True)
        waiting.filter(Exists(seen)).update(commit=Subquery(seen.values("pk")[:1]))
