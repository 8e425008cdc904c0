"""Forecasts when a series will reach its goal: ranges of dates and the chance of meeting a due date."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from enum import StrEnum

from compliance.progress.forecast.completion import (
    ASSUMED,
    DAY,
    LEARNED,
    WEEK,
    Completion,
    Constants,
    Pace,
    TimeSeries,
    net_pace,
)

LEVELS = (50, 80, 95)
"""Percentages for which a forecast has a range of dates. The one that sentences give is SHOWN."""
SHOWN = 80
FARTHEST = 52_000.0
"""Weeks after which every date is the same, because the calendar of dates ends. Only a pace that somebody
assumes leads there.
"""


class State(StrEnum):
    """The state of a forecast. Only “under way” comes with dates."""

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
    """The units left until a goal, and the dates on which it is expected to be reached.

    `as_of` is now, in the time zone whose days count. `net` is the net pace, or None without enough history.
    `constants` are ASSUMED for a pace that wasn't measured.
    """

    state: State
    left: float
    as_of: datetime
    net: Pace | None = None
    constants: Constants = LEARNED

    @property
    def pace(self) -> float | None:
        """Return the net pace in units (files, violations) per week, or None without enough history or once
        the goal has been reached.
        """
        return None if self.net is None or self.state is State.REACHED else self.net.weekly

    @property
    def since(self) -> datetime | None:
        """Return the moment since which `pace` is measured, or None without one."""
        return None if self.net is None or self.state is State.REACHED else self.net.since

    @property
    def completion(self) -> Completion | None:
        """Return the distribution of the time that remains, or None if there are no dates."""
        if self.state is not State.UNDER_WAY or self.pace is None:
            return None
        return Completion(self.left, self.pace, self.constants)

    @property
    def ranges(self) -> dict[int, tuple[date, date]]:
        """Return the range of dates for each of the LEVELS, or nothing if there are no dates."""
        completion = self.completion
        if completion is None:
            return {}
        weeks = {level: completion.range(level) for level in LEVELS}
        return {level: (self._day(low), self._day(high)) for level, (low, high) in weeks.items()}

    @property
    def earliest(self) -> date | None:
        """Return the first day of the range of 80%."""
        return self.ranges[SHOWN][0] if self.completion else None

    @property
    def latest(self) -> date | None:
        """Return the last day of the range of 80%."""
        return self.ranges[SHOWN][1] if self.completion else None

    @property
    def median(self) -> date | None:
        """Return the day before and after which the goal is equally likely to be reached."""
        return self._day(self.completion.weeks(0.5)) if self.completion else None

    @property
    def plain(self) -> date | None:
        """Return the day that the pace alone gives, or None if there are no dates."""
        return self._day(self.completion.plain) if self.completion else None

    def _day(self, weeks: float) -> date:
        return (self.as_of + min(weeks, FARTHEST) * WEEK).date()

    def chance(self, due: date) -> float | None:
        """Return the probability that the goal is reached by the end of the day `due`, or None if nothing can
        be said.
        """
        if self.state is State.REACHED:
            return 1.0
        if due < self.as_of.date():
            return 0.0
        end = datetime.combine(due + DAY, time(), self.as_of.tzinfo)
        return self.completion.chance((end - self.as_of) / WEEK) if self.completion else None

    def needed(self, due: date) -> float | None:
        """Return the pace, in units per week, at which the goal is reached by the date `due`, or None on or
        after that date.
        """
        days = (due - self.as_of.date()).days
        if self.state is State.REACHED:
            return 0.0
        return self.left / days * 7 if days > 0 else None

    def standing(self, due: date) -> DueStatus | None:
        """Compare the range of 80% with the due date, or return None without enough history."""
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

    def at_pace(self, weekly: float) -> "Forecast":
        """Return the forecast for another net pace, in units per week, that is assumed to hold."""
        return self._project(self.left, Pace(weekly, self.net.since if self.net else self.as_of), ASSUMED)

    def scaled(self, factor: float) -> "Forecast":
        """Return the forecast for a multiple of the net pace, as if twice the people made twice the progress.

        Without progress, nothing changes, because more people don't make a regression faster.
        """
        if self.net is None or self.net.weekly <= 0:
            return self
        return self._project(self.left, Pace(self.net.weekly * factor, self.net.since), self.constants)

    def without_commits_since(self, latest: datetime) -> "Forecast":
        """Return the same forecast with the time of the latest commit, which precedes that of the pace."""
        return replace(self, net=self.net._replace(latest=latest)) if self.net else self

    def with_left(self, left: float) -> "Forecast":
        """Return the forecast for another number of units left at the same pace: another scope or target."""
        return self._project(left, self.net, self.constants)

    def _project(self, left: float, pace: Pace | None, constants: Constants) -> "Forecast":
        return replace(project(left, pace, self.as_of), constants=constants)


def project(left: float, pace: Pace | None, as_of: datetime) -> Forecast:
    """Forecast when `left` units will be gone at a net pace, which is None after too short a history."""
    if left <= 0:
        return Forecast(State.REACHED, 0.0, as_of, pace)
    if pace is None:
        return Forecast(State.TOO_LITTLE, left, as_of)
    state = State.UNDER_WAY if pace.weekly > 0 else State.BACKWARDS if pace.weekly < 0 else State.NO_PROGRESS
    return Forecast(state, left, as_of, pace)


def estimate(line: TimeSeries, goal: float, as_of: datetime) -> Forecast:
    """Forecast when `line`, which should decrease, reaches `goal`. It must be in chronological order."""
    known = [value for at, value in line if at <= as_of]
    return project(max(0.0, known[-1] - goal) if known else 0.0, net_pace(line, as_of), as_of)


def band(outlook: Forecast, steps: int = 24) -> list[tuple[int, float, float]]:
    """Return the range of 80% as `(seconds since 1970, least, most)` units left until the goal.

    It begins at `as_of` with the number of units that are left now, and ends on the last day of the range.
    Between, units are assumed to go at an even pace. It is empty unless the state is “under way”. The
    corresponding percentage is 100 * (files - goal - left) / files.
    """
    completion = outlook.completion
    if completion is None:
        return []
    soonest, longest = completion.range(SHOWN)
    marks = sorted({longest * step / steps for step in range(steps + 1)} | {soonest})
    return [
        (
            int((outlook.as_of + mark * WEEK).timestamp()),
            max(0.0, outlook.left * (1 - mark / soonest)),
            max(0.0, outlook.left * (1 - mark / longest)),
        )
        for mark in marks
    ]


def ranges_by_level(outlook: Forecast | None) -> Sequence[dict[str, int | date]]:
    """Return the ranges in the form that programs get, narrowest first."""
    ranges = outlook.ranges if outlook else {}
    return [{"level": level, "earliest": low, "latest": high} for level, (low, high) in ranges.items()]
