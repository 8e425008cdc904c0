"""The methods that the back-test compares. Each learns from some questions and then answers others.

An answer contains, for each level in percent, the range in weeks from the day of the question, or is None if
the method gives no date. A method that doesn't know about levels gives only its range of 80 %.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from bench.backtest import old_method
from bench.backtest.learning import fit, learn, usable
from bench.backtest.questions import Question
from compliance.progress.forecast.completion import WEEK, Completion, Constants

LEVELS = (50, 80, 95)
RUNS = 200
FARTHEST = 1040
"""Weeks that a simulation covers."""

Answer = Mapping[int, tuple[float, float]] | None
Answerer = Callable[[Question], Answer]
Method = Callable[[Sequence[Question]], Answerer]


def forecast(known: Sequence[Question], base: float | None = None) -> Answerer:
    """The product's method: a date if the net pace is positive. A given `base` is not learned."""
    found = usable(known)
    return with_constants(fit(found, base) if base else learn(found))(known)


def forecast_always(known: Sequence[Question]) -> Answerer:
    """The product's method, but with a date for everything that has a pace, even a negative one."""
    constants = learn(usable(known, always=True))
    return lambda q: None if q.pace is None else _answer(q, constants)


def with_constants(constants: Constants) -> Method:
    """Return the product's method with given constants, whatever it could learn."""
    return lambda _: lambda q: _answer(q, constants) if q.pace is not None and q.pace > 0 else None


def _answer(question: Question, constants: Constants) -> Answer:
    completion = Completion(question.left, max(0.0, question.pace or 0.0), constants)
    return {level: completion.range(level) for level in LEVELS}


def one_range(known: Sequence[Question]) -> Answerer:
    """One range for everything: the same quantiles of the time that other goals took."""
    weeks = [question.weeks for question in known if question.reached]
    ends = {level: np.quantile(weeks, [0.5 - level / 200, 0.5 + level / 200]) for level in LEVELS}
    constant = {level: (float(low), float(high)) for level, (low, high) in ends.items()}
    return lambda _: constant


def monte_carlo(weeks: int) -> Method:
    """Return the method that draws the repository's own last weeks again and again until the goal is reached.

    There is no date if fewer than 90 % of the runs reach the goal in twenty years, or without that much
    history.
    """

    def answer(question: Question) -> Answer:
        values, day = question.line.values, question.day
        if day < 7 * weeks:
            return None
        ends = np.array(values[day - 7 * weeks : day + 1 : 7])
        gone = ends[:-1] - ends[1:]
        draw = np.random.default_rng(day).choice(gone, (RUNS, FARTHEST))
        done = draw.cumsum(axis=1) >= question.left
        took = np.where(done.any(axis=1), done.argmax(axis=1) + 1.0, np.inf)
        found = {}
        for level in LEVELS:
            low, high = np.quantile(took, [0.5 - level / 200, 0.5 + level / 200], method="nearest")
            found[level] = (float(low), float(high))
        return found if np.isfinite(found[80][1]) else None

    return lambda _: answer


def release(_: Sequence[Question]) -> Answerer:
    """The method before: the median slope of eight weeks, three times faster to five times slower."""

    def answer(question: Question) -> Answer:
        as_of = question.as_of
        line = [point for point in question.line.changes if point[0] <= as_of]
        ends = old_method.estimate(line, question.goal, as_of)
        return {80: ((ends[0] - as_of) / WEEK, (ends[1] - as_of) / WEEK)} if ends else None

    return answer
