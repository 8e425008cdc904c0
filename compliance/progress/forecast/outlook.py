"""Forecasts when a series will reach its goal, always as a range of dates, from the pace of recent days."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from compliance.progress.forecast.slope import theil_sen

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
WINDOW = 56
"""Number of days from which the pace is computed. Longer windows gave no better results; see
docs/forecast.md.
"""
LEAST = 14
"""Minimum number of days of history needed to compute a pace."""
STEPS = 3
"""Minimum number of days in the window on which the figure must have fallen, because one or two big commits
don't make a pace.
"""
SOONER, LATER = 3.0, 5.0
"""Factors by which a migration may continue faster or slower than its recent pace.

With these factors, about half of the actual dates fell within the range in the back-test. Sen's interval on
its own contained only one in ten, because staffing and priorities change.
"""
HORIZON = 52 * WEEK
"""Horizon beyond which no date is given, because it would be a guess."""

TimeSeries = Sequence[tuple[datetime, float]]


class State(StrEnum):
    """The state of a forecast."""

    REACHED = "reached"
    TOO_LITTLE = "too little history"
    NO_PROGRESS = "no progress"
    BACKWARDS = "going backwards"
    UNDER_WAY = "under way"


class DueStatus(StrEnum):
    """The position of the forecast range relative to a due date."""

    ON_TIME = "on time"
    AT_RISK = "at risk"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Forecast:
    """The distance to a goal and the dates on which it is expected. Paces are units (files, violations) per
    week.

    `pace` is None without enough history. `slow` and `fast`, the ends of its range, and the resulting dates
    are set only if the state is “under way”.
    """

    state: State
    left: float
    as_of: datetime
    pace: float | None = None
    slow: float | None = None
    fast: float | None = None
    earliest: date | None = None
    latest: date | None = None

    def needed(self, due: date) -> float | None:
        """Return the pace, in units per week, at which the goal is reached by the date `due`, or None on or
        after that date.
        """
        days = (due - self.as_of.date()).days
        if self.state is State.REACHED:
            return 0.0
        return self.left / days * 7 if days > 0 else None

    def standing(self, due: date) -> DueStatus | None:
        """Compare the forecast with the due date, or return None without enough history."""
        if self.state is State.REACHED:
            return DueStatus.ON_TIME
        if due < self.as_of.date():
            return DueStatus.LATE
        if self.state is State.TOO_LITTLE:
            return None
        if self.earliest is None or self.latest is None:
            return DueStatus.LATE if due == self.as_of.date() else DueStatus.AT_RISK
        if self.earliest > due:
            return DueStatus.LATE
        return DueStatus.ON_TIME if self.latest <= due else DueStatus.AT_RISK


def daily(line: TimeSeries, as_of: datetime, days: int = WINDOW) -> list[tuple[float, float]]:
    """Sample a series daily as `(weeks from as_of, value)`, oldest first, ending at `as_of`.

    A value holds until the next commit changes it. Sampling by day instead of by commit gives busy days no
    more weight than quiet ones, and counts pauses as days without progress. `line` must be in chronological
    order. Days before its first point are omitted.
    """
    times = [at for at, _ in line]
    samples = []
    for back in range(days, -1, -1):
        place = bisect_right(times, as_of - back * DAY)
        if place:
            samples.append((-back / 7, line[place - 1][1]))
    return samples


def estimate(line: TimeSeries, goal: float, as_of: datetime) -> Forecast:
    """Forecast when `line`, which should decrease, reaches `goal`.

    Let y(d) be the value on each of the last WINDOW days. The pace is the negative Theil-Sen slope of y (see
    `slope`). `fast` is the larger of SOONER * pace and the fast end of Sen's interval; `slow` is the smaller
    of pace / LATER and the slow end of the interval, or just pace / LATER if that end isn't positive. Dates
    are as_of + (y(0) - goal) / pace for the fast and the slow end.
    """
    samples = daily(line, as_of)
    left = max(0.0, samples[-1][1] - goal) if samples else 0.0
    if samples and left == 0:
        return Forecast(State.REACHED, 0.0, as_of)
    if len(samples) <= LEAST:
        return Forecast(State.TOO_LITTLE, left, as_of)
    slope = theil_sen([x for x, _ in samples], [y for _, y in samples])
    pace = -slope.middle + 0.0
    if pace < 0:
        return Forecast(State.BACKWARDS, left, as_of, pace)
    falls = sum(later[1] < earlier[1] for earlier, later in pairwise(samples))
    if pace == 0 or falls < STEPS or left / pace * WEEK > HORIZON:
        return Forecast(State.NO_PROGRESS, left, as_of, pace)
    fast = max(SOONER * pace, -slope.low)
    slow = min(pace / LATER, -slope.high) if slope.high < 0 else pace / LATER
    return Forecast(
        State.UNDER_WAY, left, as_of, pace, slow, fast, _day(as_of, left, fast), _day(as_of, left, slow)
    )


def _day(as_of: datetime, left: float, pace: float) -> date:
    return (as_of + left / pace * WEEK).date()


def band(outlook: Forecast, steps: int = 24) -> list[tuple[int, float, float]]:
    """Return the forecast range as `(seconds since 1970, least, most)` units left until the goal.

    The range begins at `as_of` with the number of units that are left now, and ends when the slow end reaches
    the goal. It is empty unless the state is “under way”. The corresponding percentage is 100 * (files - goal
    - left) / files.
    """
    if not outlook.fast or not outlook.slow:
        return []
    soonest, longest = outlook.left / outlook.fast, outlook.left / outlook.slow
    marks = sorted({longest * step / steps for step in range(steps + 1)} | {soonest})
    return [
        (
            int((outlook.as_of + mark * WEEK).timestamp()),
            max(0.0, outlook.left - outlook.fast * mark),
            max(0.0, outlook.left - outlook.slow * mark),
        )
        for mark in marks
    ]
