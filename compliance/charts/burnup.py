"""Burn-up chart: what is done and the scope at each commit since the baseline, the ideal line to the due
date, and the forecast.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from compliance.charts.context import ChartContext, Data
from compliance.charts.projection import edge, forecast_band
from compliance.charts.series import ALL, LEFT, MOST, Point, fixed_until, read
from compliance.lib.dates import written
from compliance.models import Baseline
from compliance.progress.forecast import Forecast

NAME = "burnup"
TITLE = "Burn-up"
ORDER = 70
_LINES: tuple[dict[str, Any], ...] = (
    {"key": "done", "dash": (), "shape": "circle", "tone": "line-0"},
    {"key": "scope", "dash": (7, 3), "shape": "rect", "tone": "line-7"},
)


def draw(context: ChartContext) -> Data:
    """Return points `[seconds since 1970, done, scope, commit]` from the baseline on, in at most four queries
    plus the one for the forecast.

    For the whole, clean files are done, and the scope is the number of files that must be clean for the
    target. With the parameter `phase`, the violations fixed since the baseline are done, and the scope
    contains those that are left as well. `ideal` is a straight line from the first point to the scope on the
    due date, which is in `due`, and `forecast` the range of 80%.
    """
    key = context.query.get("phase", "")
    points, rows, commits = _read(context, key)
    lines = lines_of(context, key)
    outlook, due = _outlook(context, key)
    data: Data = {
        "kind": "line",
        "title": TITLE,
        "unit": "",
        "from_zero": bool(key),
        "line_labels": False,
        "target": None,
        "columns": ["When", *(line["label"] for line in lines), "Commit"],
        "lines": lines,
        "lines_in_all": 2,
        "points": [
            [int(point.at.timestamp()), *row, point.sha[:12]] for point, row in zip(points, rows, strict=True)
        ],
        "commits": commits,
        "ghost": None,
        "marks": [],
        "forecast": None,
        "ideal": None,
        "due": None,
        "remarks": [],
    }
    if points:
        data["forecast"] = forecast_band(outlook, points, lambda left: rows[-1][1] - left)
        data |= _due(due, points, rows)
    return data


def lines_of(context: ChartContext, key: str) -> list[dict[str, Any]]:
    """Return the style and the label of each line for the whole (with an empty key) or for a phase."""
    labels = ("Fixed", "Scope") if key else ("Clean files", f"Needed for {_target(context):g}%")
    return [{**look, "label": label} for look, label in zip(_LINES, labels, strict=True)]


def _read(context: ChartContext, key: str) -> tuple[list[Point], list[tuple[int, int]], int]:
    """Return the points with what is done and the scope, and the number of commits."""
    repository, most = context.repository, ALL if context.whole else MOST
    baseline = Baseline.objects.filter(plan=repository.drawn_plan_id).values_list("commit__position").first()
    first = (baseline[0] if baseline else None) or 0
    if not key:
        line = read(repository, {}, value="s.clean", most=most, first=first)
        tenths = round(10 * _target(context))
        rows = [(point.clean, -(-tenths * point.files // 1000)) for point in line.points]
        return line.points, rows, line.commits
    line = read(repository, {}, value=LEFT, names={"dimension": "phase", "key": key}, most=most, first=first)
    fixed = fixed_until(repository, "phase", [point.position for point in line.points])
    done = [fixed[point.position].get(key, 0) for point in line.points]
    rows = [(some, some + (left or 0)) for some, left in zip(done, line.values, strict=True)]
    return line.points, rows, line.commits


def _target(context: ChartContext) -> float:
    plan = context.repository.line_plan or context.repository.plan
    return float(plan.target_percent) if plan else 0.0


def _outlook(context: ChartContext, key: str) -> tuple[Forecast | None, date | None]:
    """Return the forecast and the due date of the whole or of a phase. A closed phase has no forecast."""
    phase = next((phase for phase in context.phases if phase.key == key), None)
    prospect = None if context.repository.rejudging else context.prospect
    if not key:
        return (prospect.target, prospect.due) if prospect else (None, None)
    if phase is None or phase.closed_at:
        return None, phase.due if phase else None
    return prospect.phases.get(key) if prospect else None, phase.due


def _due(due: date | None, points: list[Point], rows: list[tuple[int, int]]) -> dict[str, Any]:
    """Return the due date, at the end of its day, and the ideal line to it, both cut off at the edge."""
    if due is None:
        return {}
    moment = datetime.combine(due + timedelta(days=1), time(), timezone.get_current_timezone())
    begin, end = int(points[0].at.timestamp()), int(moment.timestamp())
    until = min(end, edge(points, timezone.now().timestamp()))
    if until <= begin:
        return {"remarks": [f"The due date, {written(due)}, was before the first point."]}
    height = rows[0][0] + (rows[-1][1] - rows[0][0]) * (until - begin) / (end - begin)
    ideal = {"label": "ideal line", "points": [[begin, rows[0][0]], [until, round(height, 1)]]}
    if until < end:
        return {"ideal": ideal, "remarks": [f"The due date, {written(due)}, is beyond the chart."]}
    return {"ideal": ideal, "due": {"at": end, "label": f"due {written(due)}"}}
