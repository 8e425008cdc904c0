"""Learns the constants of the forecast by maximum likelihood from answered and open questions.

With z = T / s, the log-likelihood of a Weibull distribution is the sum of ln(shape / scale) + (shape - 1) *
ln(z / scale) - ln(s) over the goals that were reached, less the sum of (z / scale) ** shape over all of them.
For a given base, its maximum in `scale` has a closed form, and its derivative in `shape` has one zero, which
bisection finds; the base is the best one of BASES.
"""

from collections.abc import Iterable, Sequence
from math import log

from bench.backtest.questions import Question
from compliance.progress.forecast.completion import Completion, Constants

BASES = (5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 40.0, 50.0, 75.0, 100.0)
"""Weeks. The likelihood is flat around its maximum, so a finer choice would be chance."""


def usable(found: Iterable[Question], *, always: bool = False) -> list[Question]:
    """Return the questions to learn from: those with a positive pace, as only they get a date, or `always`
    all that have a pace.
    """
    return [q for q in found if q.pace is not None and (always or q.pace > 0)]


def learn(found: Sequence[Question]) -> Constants:
    """Return the most likely constants.

    Raises:
        ValueError: if no goal of these questions was reached.
    """
    if not any(question.reached for question in found):
        raise ValueError("no goal was reached: there is nothing to learn from")
    return max((_likelihood(found, best), best) for best in (fit(found, base) for base in BASES))[1]


def fit(found: Sequence[Question], base: float) -> Constants:
    """Return the most likely constants with a given base."""
    ratios = [(q.weeks / expected(q, base), q.reached) for q in found]
    reached = [log(ratio) for ratio, is_reached in ratios if is_reached]
    mean = sum(reached) / len(reached)
    low, high = 0.1, 10.0
    for _ in range(50):
        shape = (low + high) / 2
        weights = [(ratio**shape, log(ratio)) for ratio, _ in ratios]
        total = sum(weight for weight, _ in weights)
        if sum(weight * logarithm for weight, logarithm in weights) / total - 1 / shape > mean:
            high = shape
        else:
            low = shape
    return Constants(base, shape, (total / len(reached)) ** (1 / shape))


def expected(question: Question, base: float) -> float:
    """Return s, in weeks, as the forecast computes it. A negative pace counts as none."""
    return Completion(question.left, max(0.0, question.pace or 0.0), Constants(base, 1, 1)).expected


def _likelihood(found: Sequence[Question], constants: Constants) -> float:
    base, shape, scale = constants
    total = 0.0
    for question in found:
        weeks = expected(question, base)
        ratio = question.weeks / weeks / scale
        if question.reached:
            total += log(shape / scale / weeks) + (shape - 1) * log(ratio)
        total -= ratio**shape
    return total
