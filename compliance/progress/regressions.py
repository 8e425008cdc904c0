"""Regressions: commits that added violations to clean files, with the number of those violations that
remain.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from compliance.models import Change, Commit, Repository, Violation, dated_at


def regressions(
    repository: Repository,
    *,
    since: datetime | None = None,
    at: Collection[int] | None = None,
    most: int | None = 5,
) -> list[Any]:
    """Return the newest regressions on the tracked branch, at most `most`, committed after `since`, in one
    query.

    `at` gives their positions instead. Each regression is a dictionary with sha, subject, author, at and
    position, and the numbers places, files, standing and suppressed. Suppressed violations don't count as
    fixed.
    """
    rows = breakages(repository, repository.plan_id)
    if since:
        rows = rows.filter(at__gt=since)
    if at is not None:
        rows = rows.filter(position__in=at)
    # If a suppression was added, or added and removed, the same violation is described by another row.
    heirs = Violation.objects.filter(
        plan=OuterRef("plan"), thread=OuterRef("violation__thread"), last__isnull=True
    )
    stands = Q(violation__isnull=False, violation__last__isnull=True)
    stands |= Q(Exists(heirs.filter(suppressed=False)))
    told = rows.annotate(
        standing=Count("pk", filter=stands),
        suppressed=Count("pk", filter=Q(Exists(heirs.filter(suppressed=True)))),
    )
    return list(told[:most])


def broken_commits(repository: Repository) -> QuerySet[Commit]:
    """Return the regressions on the tracked branch under the active plan, as a query that can be paged."""
    broke = Change.objects.filter(
        plan=repository.plan_id, commit=OuterRef("pk"), kind=Change.Kind.NEW, regression=True
    )
    return Commit.objects.filter(Exists(broke), repository=repository, position__isnull=False)


def breakages(repository: Repository, plan: int | None) -> Any:
    """Return the regressions on the tracked branch under one plan version, newest first.

    Each is a dictionary with sha, subject, author, at and position, and the numbers places and files.
    """
    rows = Change.objects.filter(
        plan=plan,
        regression=True,
        kind=Change.Kind.NEW,
        commit__repository=repository,
        commit__position__isnull=False,
    )
    by_commit = rows.values(
        sha=F("commit__sha"),
        subject=F("commit__subject"),
        author=F("commit__author_name"),
        at=dated_at("commit__"),
        position=F("commit__position"),
    )
    counted = by_commit.annotate(places=Count("pk"), files=Count("path", distinct=True))
    return counted.order_by("-position")
