"""When a line of figures reaches a goal: a range of dates from the pace of recent weeks, never one date."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from compliance.forecast.slope import Slope, theil_sen

WEEK = timedelta(days=7)
WINDOW = 26
"""Weeks of history that the pace is taken from; chosen by the back-test in docs/forecast.md."""
LEAST = 6
"""Weekly samples without which there is no pace to speak of."""
HORIZON = timedelta(days=3650)
"""A date farther away than this says nothing, so none is given."""

Line = Sequence[tuple[datetime, float]]


class State(StrEnum):
    """What can be said of a goal."""

    REACHED = "reached"
    TOO_LITTLE = "too little history"
    NO_PROGRESS = "no progress"
    BACKWARDS = "going backwards"
    UNDER_WAY = "under way"


class Standing(StrEnum):
    """How a range of dates lies to a due date."""

    ON_TIME = "on time"
    AT_RISK = "at risk"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Outlook:
    """How far a goal is, and when it comes. Paces are units (files, violations) less a week.

    `pace` is the middle, `slow` and `fast` the ends of its interval; None without enough history. The dates
    are None unless under way; `latest` is None as well when the slow end of the pace never gets there.
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

    def standing(self, due: date) -> Standing | None:
        """How the goal stands to the day `due`; None while there is too little history to tell."""
        if self.state is State.REACHED:
            return Standing.ON_TIME
        if due < self.as_of.date():
            return Standing.LATE
        if self.state is State.TOO_LITTLE:
            return None
        if self.earliest is None:
            return Standing.AT_RISK
        if self.earliest > due:
            return Standing.LATE
        return Standing.ON_TIME if self.latest and self.latest <= due else Standing.AT_RISK


def weekly(line: Line, as_of: datetime, weeks: int = WINDOW) -> list[tuple[float, float]]:
    """`(weeks from as_of, value)` at the ends of the last weeks, oldest first, the last at `as_of` itself.

    A value stands until the next commit changes it. Samples of the calendar and not of commits: a busy day
    counts no more than a quiet one, and a pause counts as weeks without progress instead of being skipped.
    `line` is in order of time; weeks before its first point are left out.
    """
    times = [at for at, _ in line]
    samples = []
    for back in range(weeks, -1, -1):
        place = bisect_right(times, as_of - back * WEEK)
        if place:
            samples.append((float(-back), line[place - 1][1]))
    return samples


def foresee(line: Line, goal: float, as_of: datetime) -> Outlook:
    """When `line`, which should fall, is at `goal` or below.

    With y(k) the value k weeks from `as_of`, the pace is minus the Theil-Sen slope of y over the last WINDOW
    weeks, `slow` and `fast` are minus the ends of its interval (see `slope`), and the dates are
    as_of + (y(0) - goal) / pace for the fast and the slow end.
    """
    samples = weekly(line, as_of)
    left = max(0.0, samples[-1][1] - goal) if samples else 0.0
    if samples and left == 0:
        return Outlook(State.REACHED, 0.0, as_of)
    if len(samples) < LEAST:
        return Outlook(State.TOO_LITTLE, left, as_of)
    pace, slow, fast = _paces(samples)
    earliest, latest = _day(as_of, left, fast), _day(as_of, left, slow)
    if pace < 0:
        return Outlook(State.BACKWARDS, left, as_of, pace, slow, fast)
    if pace == 0 or earliest is None:
        return Outlook(State.NO_PROGRESS, left, as_of, pace, slow, fast)
    return Outlook(State.UNDER_WAY, left, as_of, pace, slow, fast, earliest, latest)


def _paces(samples: Sequence[tuple[float, float]]) -> Slope:
    slope = theil_sen([x for x, _ in samples], [y for _, y in samples])
    return Slope(-slope.middle + 0.0, -slope.high + 0.0, -slope.low + 0.0)


def _day(as_of: datetime, left: float, pace: float) -> date | None:
    if pace <= 0 or left / pace * WEEK.days > HORIZON.days:
        return None
    return (as_of + left / pace * WEEK).date()


def band(outlook: Outlook, steps: int = 24) -> list[tuple[int, float, float]]:
    """The range to draw ahead of a line: `(seconds since 1970, least, most)` of what is left to the goal.

    It begins at `as_of` with what is left now and ends when the slow end of the pace arrives, or, where that
    is never, at three times the way to the earliest date. Empty unless under way. Take the values from the
    line's own scale: a percentage is (files - goal - left) / files.
    """
    if outlook.state is not State.UNDER_WAY or not outlook.fast or outlook.slow is None:
        return []
    soonest = outlook.left / outlook.fast
    weeks = outlook.left / outlook.slow if outlook.latest else 3 * soonest
    marks = sorted({weeks * step / steps for step in range(steps + 1)} | {soonest})
    return [
        (
            int((outlook.as_of + mark * WEEK).timestamp()),
            max(0.0, outlook.left - outlook.fast * mark),
            max(0.0, outlook.left - outlook.slow * mark),
        )
        for mark in marks
    ]
