"""What happened on the way: clean files that broke, phases that closed, tags, changes of the plan, notes."""

from datetime import datetime
from typing import Any

from django.db.models import Count, F

from compliance.charts.line import Point
from compliance.models import Change, Marker, Repository

MOST = 100
"""Marks of one kind that a picture can carry; the newest are kept."""
TEXT = 100
"""Letters of a mark's text that the picture's data carries; the list of marks has it whole."""

REGRESSION = "regression"


def marks(repository: Repository, points: list[Point], end: datetime | None = None) -> list[dict[str, Any]]:
    """Everything that happened from the first of these points to `end`, by time; two queries.

    Without an `end` what happened since the last point belongs to it as well.
    """
    if not points:
        return []
    kept = Marker.objects.filter(repository=repository, at__gte=points[0].at)
    if end:
        kept = kept.filter(at__lt=end)
    found = _newest(kept.values("kind", "at", "text", sha=F("commit__sha")).order_by("-at", "-pk"))
    found += regressions(repository, points)
    return sorted(found, key=lambda mark: (mark["at"], mark["kind"]))


def _newest(rows: Any) -> list[dict[str, Any]]:
    counts: dict[str, int] = {}
    told = []
    for row in rows:
        counts[row["kind"]] = counts.get(row["kind"], 0) + 1
        if counts[row["kind"]] <= MOST:
            text, sha = row["text"][:TEXT], (row["sha"] or "")[:12]
            told.append({"at": int(row["at"].timestamp()), "kind": row["kind"], "text": text, "commit": sha})
    return told


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
            "text": broken(row["places"], row["files"], row["subject"])[:TEXT],
            "commit": row["sha"][:12],
        }
        for row in reversed(rows)
    ]


def broken(places: int, files: int, subject: str) -> str:
    """A regression in words."""
    return f"{_many(places, 'violation')} back in {_many(files, 'clean file')}: {subject}"


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
