"""Burn-down chart: the number of violations left in a phase or an issue at each commit, and when it was
closed.
"""

from typing import Any

from django.db.models import F

from compliance.charts.context import ChartContext, Data
from compliance.charts.series import ALL, LEFT, MOST, read
from compliance.models import Marker

NAME = "burndown"
TITLE = "Violations left"
ORDER = 60


def draw(context: ChartContext) -> Data:
    """Return points `[seconds since 1970, violations left, commit]`, in two queries.

    Parameters: `phase` or `issue`, which must be a key in the plan, and either `range` or `from` and `to`.
    """
    dimension = "phase" if context.query.get("phase") else "issue"
    key = context.query.get(dimension, "")
    most = ALL if context.whole else MOST
    names = {"dimension": dimension, "key": key}
    line = read(context.repository, context.query, value=LEFT, names=names, most=most)
    return {
        "kind": "line",
        "title": TITLE,
        "unit": "",
        "target": None,
        "columns": ["When", TITLE, "Commit"],
        "lines": [{"key": key, "label": TITLE, "dash": (), "shape": "circle", "tone": "line"}],
        "lines_in_all": 1,
        "points": [
            [int(point.at.timestamp()), left, point.sha[:12]]
            for point, left in zip(line.points, line.values, strict=True)
        ],
        "commits": line.commits,
        "ghost": None,
        "marks": _marks(context, key) if dimension == "phase" and line.points else [],
    }


def _marks(context: ChartContext, key: str) -> list[dict[str, Any]]:
    rows = Marker.objects.filter(repository=context.repository, phase__key=key, phase__in_plan=True)
    return [
        {
            "at": int(row["at"].timestamp()),
            "kind": row["kind"],
            "text": row["text"],
            "commit": (row["sha"] or "")[:12],
        }
        for row in rows.values("at", "kind", "text", sha=F("commit__sha"))
    ]
