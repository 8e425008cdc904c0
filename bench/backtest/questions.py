"""The questions that the back-test asks on each line, with what came."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.backtest.lines import Line
from compliance.progress.forecast.completion import WINDOW, net_pace

SHARES = (0.5, 0.25, 0.1)
"""A goal is reached on the first day, from the peak on, on which less than this share of the most is left."""
EVERY = 28
"""Days between two questions about the same goal."""


@dataclass(frozen=True, slots=True)
class Question:
    """When will no more than `goal` units be left? It is asked at the end of a day on which more are.

    `weeks` is how long it took, or how long the line goes on if the goal was never `reached`. `pace` is the
    net pace at that time, in units per week, or None after too short a history.
    """

    line: Line
    goal: float
    day: int
    left: float
    weeks: float
    reached: bool
    pace: float | None

    @property
    def as_of(self) -> datetime:
        """Return the moment at which the question is asked."""
        return self.line.at(self.day)

    @property
    def rate(self) -> float:
        """Return the share of what is left that goes in a week at the net pace."""
        return (self.pace or 0.0) / self.left


def questions(
    lines: Iterable[Line], shares: Iterable[float] = SHARES, window: timedelta = WINDOW
) -> list[Question]:
    """Return every question about the goals of some lines. A share of 0 is the last unit."""
    return [question for line in lines for share in shares for question in _about(line, share, window)]


def _about(line: Line, share: float, window: timedelta) -> Iterator[Question]:
    goal = max(0, math.ceil(share * line.most) - 1)
    last = len(line.values) - 1
    real = next((day for day in range(line.peak, last + 1) if line.values[day] <= goal), None)
    for day in range(0, last if real is None else real, EVERY):
        left = line.values[day] - goal
        if left > 0:
            pace = net_pace(line.changes, line.at(day), window)
            until = (last if real is None else real) - day
            weekly = pace.weekly if pace else None
            yield Question(line, goal, day, left, until / 7, real is not None, weekly)
