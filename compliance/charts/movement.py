"""The movement: violations fixed and new in each week, so that a swap does not look like a stand-still."""

from datetime import UTC, datetime, time, timedelta

from compliance.charts.line import Point, read
from compliance.charts.scene import Data, Scene

NAME = "movement"
TITLE = "Fixed and new by week"
WEEK = 7 * 24 * 3600


def draw(scene: Scene) -> Data:
    """Points are `[seconds since 1970 of the week's Monday in UTC, fixed, new]`; parameter: `range`.

    The root commit is left out: what the repository began with is nobody's movement.
    """
    points = [point for point in read(scene.repository, scene.query) if point.position > 1]
    first, last = (_monday(points[0]), _monday(points[-1])) if points else (0, -1)
    weeks = {monday: [0, 0] for monday in range(first, last + 1, WEEK)}
    for point in points:
        week = weeks[_monday(point)]
        week[0] += point.fixed
        week[1] += point.new
    return {
        "kind": "bar",
        "title": TITLE,
        "unit": "",
        "columns": ["Week from", "Fixed", "New"],
        "points": [[monday, fixed, new] for monday, (fixed, new) in weeks.items()],
    }


def _monday(point: Point) -> int:
    day = point.at.astimezone(UTC).date()
    return int(datetime.combine(day - timedelta(days=day.weekday()), time(), UTC).timestamp())
