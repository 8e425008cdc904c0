"""The forecast band that is drawn after the newest point on the trend."""

from typing import Any

from compliance.charts.context import ChartContext
from compliance.charts.series import Point
from compliance.progress.forecast import Forecast, band, when

STEPS = 96
DAY = 24 * 3600
LEAST = 60 * DAY
"""Minimum forecast period shown, in seconds. A longer forecast is shown if half of the past period is
longer.
"""


def ahead(context: ChartContext, measure: str, points: list[Point]) -> dict[str, Any] | None:
    """Return points `[seconds since 1970, lowest, highest]` for the measure, and the forecast as text.

    Return None without a date range, for measures that don't count files, and if the trend ends before the
    newest commit or isn't the active plan's. The band is cut off at the edge of the chart.
    """
    head = None if context.repository.rejudging else context.repository.head
    if measure not in ("percent", "files") or not points or head is None or points[-1].sha != head.sha:
        return None
    prospect = context.prospect
    outlook = prospect.target if prospect else None
    way = band(outlook, STEPS) if outlook else []
    if prospect is None or outlook is None or not way:
        return None
    first, last = (int(point.at.timestamp()) for point in (points[0], points[-1]))
    edge = max(last, way[0][0]) + max(LEAST, (last - first) // 2)
    shown = [step for step in way if step[0] <= edge]
    return {
        "points": [[at, *_values(measure, points[-1], outlook, least, most)] for at, least, most in shown],
        "words": f"forecast: {when(outlook)}",
    }


def _values(measure: str, now: Point, outlook: Forecast, least: float, most: float) -> list[float]:
    """Convert the numbers of files left before the target into the lowest and the highest value of the
    measure.
    """
    beyond = now.files - now.clean - outlook.left
    if measure == "files":
        return [round(beyond + least, 1), round(beyond + most, 1)]
    return [
        round(100 * (now.files - beyond - left) / now.files, 2) if now.files else 0 for left in (most, least)
    ]
