"""Theil-Sen slope of a series with its confidence interval; a single outlier affects neither.

Theil, H. (1950), "A rank-invariant method of linear and polynomial regression analysis", Proc. Kon. Ned.
Akad. v. Wetensch. A 53, 386-392. The interval: Sen, P. K. (1968), "Estimates of the regression coefficient
based on Kendall's tau", J. Am. Stat. Assoc. 63, 1379-1389.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import sqrt
from statistics import NormalDist, median
from typing import NamedTuple


class Slope(NamedTuple):
    """The change in y per unit of x: the median, and the ends of its interval."""

    middle: float
    low: float
    high: float


def theil_sen(x: Sequence[float], y: Sequence[float], confidence: float = 0.8) -> Slope:
    """Return the median slope of all pairs of points with different x, with Sen's interval.

    With N pairs, the interval lies between the slopes of rank (N - C)/2 and (N + C)/2 + 1, where C = z *
    sigma, z is the normal quantile of `confidence` (two-sided, between 0 and 1) and sigma² = [n(n-1)(2n+5) -
    Σ t(t-1)(2t+5)] / 18, where the sum is over all groups of t equal values, both of x and of y.

    Raises:
        ValueError: if there are fewer than two different values of x.
    """
    slopes = sorted(
        (y[j] - y[i]) / (x[j] - x[i]) for i in range(len(x)) for j in range(i + 1, len(x)) if x[i] != x[j]
    )
    if not slopes:
        raise ValueError("a slope needs two points with different x")
    n = len(x)
    variance = (n * (n - 1) * (2 * n + 5) - _ties(x) - _ties(y)) / 18
    spread = NormalDist().inv_cdf(0.5 + confidence / 2) * sqrt(max(0.0, variance))
    low = max(round((len(slopes) - spread) / 2) - 1, 0)
    high = min(round((len(slopes) + spread) / 2), len(slopes) - 1)
    return Slope(median(slopes), slopes[low], slopes[high])


def _ties(values: Iterable[float]) -> int:
    return sum(t * (t - 1) * (2 * t + 5) for t in Counter(values).values())
