"""When a line of figures reaches a goal: a range of dates from the pace of recent days, never one date."""

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
"""Days of history that the pace is taken from; longer ones did no better, see docs/forecast.md."""
LEAST = 14
"""Days of history without which there is no pace to speak of."""
STEPS = 3
"""Days of the window on which the figure must have fallen: one big commit, or two, are no pace."""
SOONER, LATER = 3.0, 5.0
"""How many times faster, and slower, than its recent pace a migration may go on. With these about half of the
dates fell in the range in the back-test; Sen's interval alone held one in ten, as minds and hands change."""
HORIZON = 52 * WEEK
"""Beyond this, at the pace kept, no date is given: it would be a guess."""

Line = Sequence[tuple[datetime, float]]


class State(StrEnum):
    """What can be said of a goal."""

    REACHED = "reached"
    TOO_LITTLE = "too little history"
    NO_PROGRESS = "no progress"
    BACKWARDS = "going backwards"
    UNDER_WAY = "under way"


class DueStatus(StrEnum):
    """How a range of dates lies to a due date."""

    ON_TIME = "on time"
    AT_RISK = "at risk"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Forecast:
    """How far a goal is, and when it comes. Paces are units (files, violations) less a week.

    `pace` is None without enough history; the ends of its range, `slow` and `fast`, and the dates that they
    lead to are None unless under way.
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
        """Units a week that would reach the goal on the day `due`; None once that day is here or past."""
        days = (due - self.as_of.date()).days
        if self.state is State.REACHED:
            return 0.0
        return self.left / days * 7 if days > 0 else None

    def standing(self, due: date) -> DueStatus | None:
        """How the goal stands to the day `due`; None while there is too little history to tell."""
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


def daily(line: Line, as_of: datetime, days: int = WINDOW) -> list[tuple[float, float]]:
    """`(weeks from as_of, value)` one day apart, oldest first, the last at `as_of` itself.

    A value stands until the next commit changes it. Samples of the calendar and not of commits: a busy day
    counts no more than a quiet one, and a pause counts as days without progress instead of being skipped.
    `line` is in order of time; days before its first point are left out.
    """
    times = [at for at, _ in line]
    samples = []
    for back in range(days, -1, -1):
        place = bisect_right(times, as_of - back * DAY)
        if place:
            samples.append((-back / 7, line[place - 1][1]))
    return samples


def estimate(line: Line, goal: float, as_of: datetime) -> Forecast:
    """When `line`, which should fall, is at `goal` or below.

    With y(d) the value on each of the last WINDOW days, the pace is minus the Theil-Sen slope of y (see
    `slope`); `fast` is the larger of SOONER * pace and the fast end of Sen's interval, `slow` the smaller of
    pace / LATER and its slow end while that is above zero. Dates are as_of + (y(0) - goal) / pace, for the
    fast and the slow end.
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
    """The range to draw ahead of a line: `(seconds since 1970, least, most)` of what is left to the goal.

    It begins at `as_of` with what is left now and ends when the slow end of the pace arrives. Empty unless
    under way. To draw it on a scale of percentages: 100 * (files - goal - left) / files.
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
