"""The movement: violations fixed and newly made in each week, so that a swap does not look like a stand-still."""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta

from compliance.charts.line import read
from compliance.charts.scene import Data, Scene

NAME = "movement"
TITLE = "Fixed and new by week"


def draw(scene: Scene) -> Data:
    """Points are `[seconds since 1970 of the week's Monday in UTC, fixed, new]`; parameter: `range`."""
    weeks: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for point in read(scene.repository, scene.query):
        day = point.at.astimezone(UTC).date()
        monday = datetime.combine(day - timedelta(days=day.weekday()), time(), UTC)
        week = weeks[int(monday.timestamp())]
        week[0] += point.fixed
        week[1] += point.new
    return {
        "kind": "bar",
        "title": TITLE,
        "unit": "",
        "columns": ["Week from", "Fixed", "New"],
        "points": [[monday, fixed, new] for monday, (fixed, new) in sorted(weeks.items())],
    }
