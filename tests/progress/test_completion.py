"""The distribution of the time until a goal: what must always hold, and its parts beside scipy's."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import weibull_min

from compliance.progress.forecast.completion import ASSUMED, LEARNED, WEEK, Completion, net_pace

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
UNITS = st.floats(0.01, 1e7)
PACES = st.floats(0, 1e6)
PROBABILITIES = st.floats(0.001, 0.999)


@given(UNITS, PACES, PACES, PROBABILITIES)
def test_more_pace_is_never_later(left: float, one: float, other: float, probability: float) -> None:
    slow, fast = sorted((one, other))

    assert Completion(left, fast).weeks(probability) <= Completion(left, slow).weeks(probability)


@given(UNITS, UNITS, PACES, st.floats(0, 5000))
def test_a_smaller_scope_is_never_later(one: float, other: float, pace: float, weeks: float) -> None:
    small, large = sorted((one, other))

    assert Completion(small, pace).chance(weeks) >= Completion(large, pace).chance(weeks)
    assert Completion(small, pace).weeks(0.5) <= Completion(large, pace).weeks(0.5)


@given(UNITS, PACES)
def test_ranges_nest_and_lie_in_the_future(left: float, pace: float) -> None:
    half, most, nearly_all = (Completion(left, pace).range(level) for level in (50, 80, 95))

    assert 0 <= nearly_all[0] <= most[0] <= half[0] <= half[1] <= most[1] <= nearly_all[1]


@given(UNITS, st.floats(1e-6, 1e6))
def test_a_pace_that_is_assumed_to_hold_lies_in_the_middle_of_every_range(left: float, pace: float) -> None:
    completion = Completion(left, pace, ASSUMED)

    assert completion.weeks(0.5) == pytest.approx(left / pace)
    assert completion.chance(left / pace) == pytest.approx(0.5)
    low, high = completion.range(50)
    assert low < completion.plain < high


@given(UNITS, PACES, PROBABILITIES)
def test_the_chance_of_a_date_is_the_probability_that_it_was_computed_from(
    left: float, pace: float, probability: float
) -> None:
    completion = Completion(left, pace)

    assert completion.chance(completion.weeks(probability)) == pytest.approx(probability)


@given(UNITS, PACES, st.floats(0.1, 5000))
def test_the_distribution_is_that_of_scipy(left: float, pace: float, weeks: float) -> None:
    base, shape, scale = LEARNED
    expected = weibull_min(shape, scale=scale / (pace / left + 1 / base))

    completion = Completion(left, pace)

    assert completion.chance(weeks) == pytest.approx(float(expected.cdf(weeks)))
    assert completion.weeks(0.3) == pytest.approx(float(expected.ppf(0.3)))


@given(UNITS, PACES, st.floats(0.001, 1000))
def test_the_unit_does_not_matter(left: float, pace: float, factor: float) -> None:
    assume(left * factor > 0)

    scaled = Completion(left * factor, pace * factor)

    assert scaled.weeks(0.8) == pytest.approx(Completion(left, pace).weeks(0.8))


@pytest.mark.parametrize(
    ("left", "pace", "problem"),
    [(0, 1, "left must be"), (float("nan"), 1, "left must be"), (1, -1, "pace must be")],
)
def test_impossible_amounts_are_refused(left: float, pace: float, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Completion(left, pace)


@pytest.mark.parametrize("probability", [0, 1, -0.5, 2])
def test_impossible_probabilities_are_refused(probability: float) -> None:
    with pytest.raises(ValueError, match="probability"):
        Completion(1, 1).weeks(probability)


def test_the_net_pace_deducts_what_came_in_addition() -> None:
    line = [(NOW - 60 * WEEK, 900.0), (NOW - 39 * WEEK, 500.0), (NOW - 20 * WEEK, 580.0), (NOW - DAY, 422.0)]

    pace = net_pace(line, NOW)

    assert pace is not None
    assert pace.weekly == pytest.approx((500 - 422) / 39)
    assert pace.since == NOW - 39 * WEEK


def test_a_short_history_is_measured_from_its_first_figure() -> None:
    line = [(NOW - 20 * DAY, 100.0), (NOW - DAY, 60.0), (NOW + DAY, 0.0)]

    pace = net_pace(line, NOW)

    assert pace is not None
    assert pace.weekly == pytest.approx(40 / 20 * 7)
    assert net_pace(line, NOW - 7 * DAY) is None
    assert net_pace([], NOW) is None
