"""The forecast band that is drawn after the newest point on the trend and on the burn-up chart."""

from collections.abc import Callable, Sequence
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


def edge(points: Sequence[Point], now: float) -> int:
    """Return the end of a chart with these points, in seconds since 1970."""
    first, last = (int(point.at.timestamp()) for point in (points[0], points[-1]))
    return max(last, int(now)) + max(LEAST, (last - first) // 2)


def forecast_band(
    outlook: Forecast | None, points: Sequence[Point], value: Callable[[float], float]
) -> dict[str, Any] | None:
    """Return points `[seconds since 1970, lowest, highest]` and the forecast as text, or None without a date
    range. `value` converts the units left until the goal into a value of the chart. The band is cut off at
    the edge of the chart.
    """
    way = band(outlook, STEPS) if outlook else []
    if outlook is None or not way:
        return None
    until = edge(points, way[0][0])
    return {
        "points": [[at, *sorted((value(least), value(most)))] for at, least, most in way if at <= until],
        "words": f"forecast: {when(outlook)}",
    }


def ahead(context: ChartContext, measure: str, points: list[Point]) -> dict[str, Any] | None:
    """Return the band for the trend of a measure.

    Return None without a date range, for measures that don't count files, and if the trend ends before the
    newest commit or isn't the active plan's.
    """
    head = None if context.repository.rejudging else context.repository.head
    if measure not in ("percent", "files") or not points or head is None or points[-1].sha != head.sha:
        return None
    outlook = context.prospect.target if context.prospect else None
    now = points[-1]
    beyond = now.files - now.clean - outlook.left if outlook else 0.0
    if measure == "files":
        return forecast_band(outlook, points, lambda left: round(beyond + left, 1))
    return forecast_band(
        outlook,
        points,
        lambda left: round(100 * (now.files - beyond - left) / now.files, 2) if now.files else 0,
    )
