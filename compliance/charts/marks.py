"""What happened on the way: clean files that broke, each with the commit and the moment."""

from typing import Any

from django.db.models import Count, F

from compliance.charts.line import Point
from compliance.models import Change, Repository

MOST = 100
"""Marks of one kind that a picture can carry; the newest are kept."""

REGRESSION = "regression"


def regressions(repository: Repository, points: list[Point]) -> list[dict[str, Any]]:
    """The commits among these points that made clean files violating again, oldest first; one query."""
    if not points:
        return []
    rows = (
        Change.objects.filter(
            plan=repository.drawn_plan_id,
            regression=True,
            kind=Change.Kind.NEW,
            commit__repository=repository,
            commit__position__range=(points[0].position, points[-1].position),
        )
        .values(sha=F("commit__sha"), subject=F("commit__subject"), at=F("commit__committed_at"))
        .annotate(places=Count("pk"), files=Count("path", distinct=True), position=F("commit__position"))
        .order_by("-position")[:MOST]
    )
    return [
        {
            "at": int(row["at"].timestamp()),
            "kind": REGRESSION,
            "text": f"{_many(row['places'], 'violation')} back in {_many(row['files'], 'clean file')}: "
            f"{row['subject'][:80]}",
            "commit": row["sha"][:12],
        }
        for row in reversed(rows)
    ]


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
