"""The burn-down: the violations that one phase or one issue has left at each commit, and when it closed."""

from datetime import datetime
from typing import Any

from django.db.models import F, Func, JSONField, Value

from compliance.charts.line import keep, span
from compliance.charts.scene import Data, Scene
from compliance.models import Marker, Snapshot

NAME = "burndown"
TITLE = "Violations left"


def draw(scene: Scene) -> Data:
    """Points are `[seconds since 1970, violations left, commit]`; two queries.

    Parameters: `phase` or `issue`, a key of the plan; `range` or `from` and `to`.
    """
    dimension = "phase" if scene.query.get("phase") else "issue"
    key = scene.query.get(dimension, "").replace("\0", "")
    points = _points(scene, dimension, key)
    places = keep([left for _, left, _ in points])
    return {
        "kind": "line",
        "title": TITLE,
        "unit": "",
        "target": None,
        "columns": ["When", TITLE, "Commit"],
        "lines": [{"key": key, "label": TITLE, "dash": (), "shape": "circle", "tone": "line"}],
        "lines_in_all": 1,
        "points": [[int(points[p][0].timestamp()), points[p][1], points[p][2][:12]] for p in places],
        "commits": len(points),
        "ghost": None,
        "marks": _marks(scene, key) if dimension == "phase" and points else [],
    }


def _points(scene: Scene, dimension: str, key: str) -> list[tuple[datetime, int, str]]:
    """Every commit of the line, oldest first; times never run backwards. Without the key none are left."""
    rows = Snapshot.objects.filter(plan=scene.repository.drawn_plan_id, commit__position__isnull=False)
    begin, end = span(scene.repository, scene.query)
    if begin:
        rows = rows.filter(commit__committed_at__gte=begin)
    if end:
        rows = rows.filter(commit__committed_at__lt=end)
    left = Func(
        F("by"), Value(dimension), Value(key), function="jsonb_extract_path", output_field=JSONField()
    )
    slices = rows.order_by("commit__position").values_list("commit__committed_at", "commit__sha", left)
    points: list[tuple[datetime, int, str]] = []
    for at, sha, counts in slices:
        points.append((max(at, points[-1][0]) if points else at, counts[0] if counts else 0, sha))
    return points


def _marks(scene: Scene, key: str) -> list[dict[str, Any]]:
    rows = Marker.objects.filter(repository=scene.repository, phase__key=key, phase__in_plan=True)
    return [
        {
            "at": int(row["at"].timestamp()),
            "kind": row["kind"],
            "text": row["text"],
            "commit": (row["sha"] or "")[:12],
        }
        for row in rows.values("at", "kind", "text", sha=F("commit__sha"))
    ]
