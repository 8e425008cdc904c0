"""Events on the trend: regressions, closed phases, tags, plan changes and notes."""

from datetime import datetime
from typing import Any

from django.db.models import F

from compliance.charts.series import Point
from compliance.lib.wording import count_of
from compliance.models import Marker, Repository
from compliance.progress.regressions import breakages

MOST = 100
"""Maximum number of marks of each kind in a chart. The newest ones are kept."""
TEXT = 100
"""Maximum length of a mark's text in chart data. The list of marks shows the full text."""

REGRESSION = "regression"


def marks(repository: Repository, points: list[Point], end: datetime | None = None) -> list[dict[str, Any]]:
    """Return the events from the first of these points until `end`, sorted by time, in two queries.

    Without `end`, events after the last point are included.
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
    """Return the commits among these points that added violations to clean files, oldest first, in one
    query.
    """
    if not points:
        return []
    rows = breakages(repository, repository.drawn_plan_id)
    shown = rows.filter(position__range=(points[0].position, points[-1].position))[:MOST]
    return [
        {
            "at": int(row["at"].timestamp()),
            "kind": REGRESSION,
            "text": in_words(row)[:TEXT],
            "commit": row["sha"][:12],
        }
        for row in reversed(shown)
    ]


def in_words(row: dict[str, Any]) -> str:
    """Return a sentence that describes a regression."""
    places, files = count_of(row["places"], "violation"), count_of(row["files"], "clean file")
    return f"{places} back in {files}: {row['subject']}"
