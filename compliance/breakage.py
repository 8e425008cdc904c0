"""What broke: commits that made clean files violating again, and how much of it still stands."""

from datetime import datetime
from typing import Any

from django.db.models import Count, F, Q

from compliance.models import Change, Repository


def regressions(repository: Repository, *, since: datetime | None = None, most: int | None = 5) -> list[Any]:
    """The newest such commits of the tracked line: at most so many, committed after `since`; one query.

    Each is a dictionary of sha, subject, author, at, position, and the numbers places, files and standing.
    """
    rows = Change.objects.filter(
        plan=repository.plan_id,
        regression=True,
        kind=Change.Kind.NEW,
        commit__repository=repository,
        commit__position__isnull=False,
    )
    if since:
        rows = rows.filter(commit__committed_at__gt=since)
    by_commit = rows.values(
        sha=F("commit__sha"),
        subject=F("commit__subject"),
        author=F("commit__author_name"),
        at=F("commit__committed_at"),
        position=F("commit__position"),
    ).annotate(
        places=Count("pk"),
        files=Count("path", distinct=True),
        standing=Count("pk", filter=Q(violation__isnull=False, violation__last__isnull=True)),
    )
    return list(by_commit.order_by("-position")[:most])
