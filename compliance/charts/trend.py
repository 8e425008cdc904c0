"""The trend: one measure of every commit on the tracked line, with the target where it has one."""

from collections.abc import Callable

from compliance.charts.line import Point, read, thin
from compliance.charts.scene import Data, Scene
from compliance.verdict import percent

NAME = "trend"
TITLE = "Trend"

MEASURES: dict[str, tuple[str, str, Callable[[Point], float | None]]] = {
    "percent": ("Compliance", "%", lambda p: percent(p.clean, p.files)),
    "violations": ("Violations", "", lambda p: p.violations),
    "files": ("Files with violations", "", lambda p: p.files - p.clean),
    "sites": ("Old uses left", "", lambda p: p.old_sites),
}


def draw(scene: Scene) -> Data:
    """Points are `[seconds since 1970, value, commit]`; parameters: `measure`, `range`."""
    name = scene.query.get("measure", "percent")
    label, unit, value = MEASURES.get(name, MEASURES["percent"])
    points = [(int(p.at.timestamp()), value(p), p.sha[:12]) for p in read(scene.repository, scene.query)]
    target = None
    if unit == "%" and scene.repository.plan:
        target = float(scene.repository.plan.target_percent)
    return {
        "kind": "line",
        "title": label,
        "unit": unit,
        "target": target,
        "columns": ["When", label, "Commit"],
        "points": thin(points),
        "commits": len(points),
    }
