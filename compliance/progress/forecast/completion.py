"""The time until a migration reaches a goal, as a probability distribution learned from other migrations.

Let r be the units (violations or files) left until the goal, and v the net pace in units per week: the units
that have gone in the last WINDOW, new ones deducted, divided by its weeks. With three constants,

    v(t)      = (y(t - d) - y(t)) / d         d = the weeks of WINDOW, or those since the first figure
    s         = 1 / (v / r + 1 / base)        weeks
    P(T <= w) = 1 - exp(-(w / (scale * s)) ** shape)
    w(p)      = scale * s * (-ln(1 - p)) ** (1 / shape)

r / v is the time at the net pace. Taken alone it is a poor forecast: half of the goals of the migrations that
the constants are learned from were reached in a week that removed a fifth of everything at once, which no
pace predicts, and fast progress rarely lasts. s therefore shrinks the pace v / r towards a pace that is
common to all migrations, 1 / base; without any progress, s = base. How far migrations departed from s is the
Weibull distribution of T / s: an accelerated failure time model, fitted by maximum likelihood to migrations
of other repositories, where a goal that was not reached is a right-censored observation.

Source: J. D. Kalbfleisch and R. L. Prentice, "The Statistical Analysis of Failure Time Data", 2nd ed., Wiley
2002 (the model: chapter 2; the likelihood of censored data: chapter 3). The constants come from `python -m
bench.backtest`, which also measures how often the ranges held (docs/forecast.md).

A pace that somebody assumes to hold wasn't measured, so neither the shrinkage nor the median of T / s applies
to it: then base is infinite, and scale such that the median of T is r / v. The shape, which is the spread
around the median, stays.

For fixed p, w(p) rises with r and falls with v, so more pace or a smaller scope is never later; and since w
rises with p, ranges nest.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

TimeSeries = Sequence[tuple[datetime, float]]

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
WINDOW = 39 * WEEK
"""The period of the net pace. From 26 to 52 weeks, the back-test shows hardly any difference."""
LEAST = 14 * DAY
"""Minimum length of history for a pace."""


class Constants(NamedTuple):
    """The constants of the distribution: `base` is in weeks, the other two have no unit."""

    base: float
    shape: float
    scale: float


LEARNED = Constants(base=20.0, shape=1.363, scale=7.732)
"""The constants learned from all lines in bench/backtest/lines."""
ASSUMED = LEARNED._replace(base=math.inf, scale=math.log(2) ** (-1 / LEARNED.shape))
"""The constants for a pace that is assumed to hold: nothing is shrunk, so the median is r / v."""


SURE = 1000.0
"""Multiple of `scale * s` after which the probability is 1 in floating-point numbers."""


class Pace(NamedTuple):
    """The net pace in units per week since a moment. It is negative if there are more units than then.
    `latest` is the time of the latest commit if that is known to be earlier, so that the pace is 0.
    """

    weekly: float
    since: datetime
    latest: datetime | None = None


def net_pace(line: TimeSeries, as_of: datetime, window: timedelta = WINDOW) -> Pace | None:
    """Return the net pace over the window that ends at `as_of`, or None if history is shorter than LEAST.

    `line` contains `(time, units)` in chronological order; a value holds until the next one. Later points are
    ignored. If the line begins within the window, the pace is that since its first point.
    """
    times = [at for at, _ in line]
    now, before = bisect_right(times, as_of) - 1, bisect_right(times, as_of - window) - 1
    since = as_of - window if before >= 0 else times[0] if times else as_of
    if now < 0 or as_of - since < LEAST:
        return None
    gone = line[max(before, 0)][1] - line[now][1]
    return Pace(gone / ((as_of - since) / WEEK), since)


@dataclass(frozen=True, slots=True)
class Completion:
    """The distribution of the weeks until `left` units are gone at a net pace of `pace` units per week.

    Raises:
        ValueError: if `left` is not positive, `pace` is negative, or one of them is not finite.
    """

    left: float
    pace: float
    constants: Constants = LEARNED

    def __post_init__(self) -> None:
        if not (math.isfinite(self.left) and self.left > 0):
            raise ValueError(f"left must be a positive number of units, not {self.left}")
        if not (math.isfinite(self.pace) and self.pace >= 0):
            raise ValueError(f"pace must be a number of units per week of at least 0, not {self.pace}")

    @property
    def expected(self) -> float:
        """Return s, the time at the net pace, in weeks, shrunk towards that of all migrations."""
        rate = self.pace / self.left + 1 / self.constants.base
        return 1 / rate if rate > 0 else math.inf

    @property
    def plain(self) -> float:
        """Return the number of weeks that the pace alone gives, if nothing departs from it."""
        return self.left / self.pace if self.pace > 0 else math.inf

    def weeks(self, probability: float) -> float:
        """Return the number of weeks within which the goal is reached with this probability.

        Raises:
            ValueError: if `probability` is not between 0 and 1, both excluded.
        """
        if not 0 < probability < 1:
            raise ValueError(f"a probability lies between 0 and 1, both excluded, not {probability}")
        _, shape, scale = self.constants
        return scale * self.expected * math.pow(-math.log(1 - probability), 1 / shape)

    def chance(self, weeks: float) -> float:
        """Return the probability that the goal is reached within a number of weeks; it is 0 for the past."""
        if weeks <= 0:
            return 0.0
        unit = self.constants.scale * self.expected
        return 1.0 if weeks >= SURE * unit else -math.expm1(-math.pow(weeks / unit, self.constants.shape))

    def range(self, level: int) -> tuple[float, float]:
        """Return the central range that contains the time with a probability of `level` percent, in weeks.

        Raises:
            ValueError: if `level` is not between 0 and 100, both excluded.
        """
        tail = (1 - level / 100) / 2
        return self.weeks(tail), self.weeks(1 - tail)
