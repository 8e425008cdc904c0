"""What broke: commits that made clean files violating again, and how much of it still stands."""

from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q

from compliance.models import Change, Repository


def regressions(repository: Repository, *, since: datetime | None = None, most: int | None = 5) -> list[Any]:
    """The newest such commits of the tracked line: at most so many, committed after `since`; one query.

    Each is a dictionary of sha, subject, author, at, position, and the numbers places, files and standing.
    """
    rows = breakages(repository, repository.plan_id)
    if since:
        rows = rows.filter(at__gt=since)
    standing = Count("pk", filter=Q(violation__isnull=False, violation__last__isnull=True))
    return list(rows.annotate(standing=standing)[:most])


def breakages(repository: Repository, plan: int | None) -> Any:
    """The commits of the tracked line that broke clean files under one version of the plan, newest first.

    Each is a dictionary of sha, subject, author, at, position, and the numbers places and files.
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
        at=F("commit__committed_at"),
        position=F("commit__position"),
    )
    counted = by_commit.annotate(places=Count("pk"), files=Count("path", distinct=True))
    return counted.order_by("-position")
