"""The forecast that this one replaced, kept to compare with: the Theil-Sen slope of the last 56 days."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from bench.backtest.slope import theil_sen

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
WINDOW, LEAST, STEPS = 56, 14, 3
SOONER, LATER = 3.0, 5.0
HORIZON = 52


def estimate(
    line: Sequence[tuple[datetime, float]], goal: float, as_of: datetime
) -> tuple[datetime, datetime] | None:
    """Return the range in which `line` reaches `goal`, or None if the method gave no date.

    Let y(d) be the value on each of the last WINDOW days. The pace is the negative Theil-Sen slope of y; the
    fast end is the larger of SOONER * pace and the fast end of Sen's interval, the slow end the smaller of
    pace / LATER and its slow end. There is no date without a pace, with fewer than STEPS days on which y
    fell, or if the goal is more than HORIZON weeks away.
    """
    times = [at for at, _ in line]
    samples = [
        (-back / 7, line[place - 1][1])
        for back in range(WINDOW, -1, -1)
        if (place := bisect_right(times, as_of - back * DAY))
    ]
    if len(samples) <= LEAST:
        return None
    slope = theil_sen([x for x, _ in samples], [y for _, y in samples])
    left, pace = samples[-1][1] - goal, -slope.middle
    falls = sum(later[1] < earlier[1] for earlier, later in pairwise(samples))
    if pace <= 0 or falls < STEPS or left / pace > HORIZON:
        return None
    fast = max(SOONER * pace, -slope.low)
    slow = min(pace / LATER, -slope.high) if slope.high < 0 else pace / LATER
    return as_of + left / fast * WEEK, as_of + left / slow * WEEK
