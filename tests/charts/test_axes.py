"""The ticks of pictures: round values that hold every figure, and the first moments of days and months."""

from datetime import UTC, datetime

import pytest

from compliance.charts.axes import along, upward


@pytest.mark.parametrize(
    ("values", "share", "ticks"),
    [
        ([], False, [0, 1]),
        ([0, 0], False, [0, 1]),
        ([0, 1], False, [0, 1]),
        ([3, 6], False, [0, 1, 2, 3, 4, 5, 6]),
        ([3, 7], False, [0, 2, 4, 6, 8]),
        ([31], False, [0, 10, 20, 30, 40]),
        ([0, 0], True, [0, 0.1]),
        ([50, 50], True, [50, 50.1]),
        ([100, 100], True, [100]),
        ([81, 92], True, [80, 82, 84, 86, 88, 90, 92]),
        ([0, 100], True, [0, 20, 40, 60, 80, 100]),
        ([99.95, 99.97], True, [99.9, 100]),
    ],
)
def test_values_lie_between_round_ticks(values: list[float], share: bool, ticks: list[float]) -> None:
    assert upward(values, share=share) == ticks


def at(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


def test_days_are_marked_where_they_begin_and_their_year_where_it_changes() -> None:
    assert along(at(2025, 12, 30, 6), at(2026, 1, 2, 6)) == [
        (at(2025, 12, 31), "31 Dec 2025"),
        (at(2026, 1, 1), "1 Jan 2026"),
        (at(2026, 1, 2), "2 Jan"),
    ]
    assert along(at(2025, 9, 1), at(2025, 9, 3))[0] == (at(2025, 9, 1), "1 Sep 2025")
    assert [when for when, _ in along(at(2025, 9, 1), at(2025, 9, 21))] == [
        at(2025, 9, day) for day in range(1, 22, 2)
    ]


def test_months_are_marked_on_their_first_day() -> None:
    months = along(at(2025, 1, 15), at(2025, 9, 20))
    assert months == [
        (at(2025, month, 1), name)
        for month, name in enumerate(
            ("Feb 2025", "Mar 2025", "Apr 2025", "May 2025", "Jun 2025", "Jul 2025", "Aug 2025", "Sep 2025"),
            2,
        )
    ]
    quarters = along(at(2024, 1, 15), at(2026, 2, 20))
    assert [name for _, name in quarters][:3] == ["Apr 2024", "Jul 2024", "Oct 2024"]
    assert [name for _, name in along(at(2016, 1, 15), at(2024, 2, 20))][:2] == ["2017", "2018"]
