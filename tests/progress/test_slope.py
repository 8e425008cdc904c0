"""The median slope beside scipy's, and what it promises about wild values."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import theilslopes

from bench.backtest.slope import theil_sen

SERIES = st.lists(st.integers(0, 60), min_size=3, max_size=40)


@settings(deadline=None, max_examples=50)
@given(SERIES, st.sampled_from([0.5, 0.8, 0.9, 0.95]))
def test_slope_and_interval_are_those_of_scipy(y: list[int], confidence: float) -> None:
    expected = theilslopes(y, range(len(y)), alpha=confidence)

    slope = theil_sen(range(len(y)), y, confidence)

    assert slope == pytest.approx((expected.slope, expected.low_slope, expected.high_slope))


@settings(deadline=None, max_examples=50)
@given(SERIES, st.integers(-1000, 1000), st.integers(1, 50))
def test_moving_and_stretching_a_series_moves_nothing_and_stretches_the_slope(
    y: list[int], moved: int, factor: int
) -> None:
    x = range(len(y))
    slope = theil_sen(x, y)

    assert theil_sen([at + moved for at in x], [value + moved for value in y]) == pytest.approx(slope)
    assert theil_sen(x, [factor * value for value in y]) == pytest.approx([factor * part for part in slope])


@settings(deadline=None, max_examples=50)
@given(st.integers(8, 40), st.data())
def test_one_wild_value_does_not_move_the_slope(size: int, data: st.DataObject) -> None:
    y = [-3.0 * at for at in range(size)]
    y[data.draw(st.integers(0, size - 1))] += data.draw(st.floats(-1e6, 1e6))

    assert theil_sen(range(size), y).middle == pytest.approx(-3.0)


def test_a_slope_needs_two_places() -> None:
    with pytest.raises(ValueError, match="two points"):
        theil_sen([4.0, 4.0], [1.0, 2.0])
