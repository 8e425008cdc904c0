"""The sparkline: higher is better and stands higher, and a sum is that of all members."""

from datetime import UTC, datetime, timedelta

from compliance.charts.sparkline import MOST, Dot, spark, summed

DAY = timedelta(days=1)
NOON = datetime(2025, 9, 1, 12, tzinfo=UTC)


def test_a_sum_adds_the_latest_figures_of_all_once_all_have_begun() -> None:
    one = [Dot(NOON, 10, 100), Dot(NOON + 2 * DAY, 30, 110)]
    two = [Dot(NOON + DAY, 1, 7), Dot(NOON + 3 * DAY, 5, 8)]

    assert summed([one, two]) == [
        Dot(NOON + DAY, 11, 107),
        Dot(NOON + 2 * DAY, 31, 117),
        Dot(NOON + 3 * DAY, 35, 118),
    ]
    assert summed([one]) == one
    assert summed([one, []]) == summed([]) == []


def test_a_sum_of_many_is_thinned_to_as_many_points_as_a_line_has() -> None:
    lines = [
        [Dot(NOON + (7 * day + number) * DAY, day * number, 100 + day) for day in range(50)]
        for number in range(40)
    ]

    total = summed(lines)

    assert len(total) == MOST
    first = [[dot for dot in line if dot.at <= NOON + 39 * DAY][-1] for line in lines]
    assert total[0] == Dot(NOON + 39 * DAY, sum(dot.clean for dot in first), sum(dot.files for dot in first))
    assert total[-1] == Dot(lines[-1][-1].at, sum(line[-1].clean for line in lines), 40 * 149)


def test_a_higher_percentage_is_drawn_higher() -> None:
    drawn = spark([Dot(NOON, 10, 100), Dot(NOON + DAY, 60, 100), Dot(NOON + 4 * DAY, 35, 100)])

    assert drawn
    places = [tuple(map(float, point.split(","))) for point in drawn.points.split()]
    assert places == [(2.5, 25.5), (31.2, 2.5), (117.5, 14.0)]
    assert drawn.end == (117.5, 14.0)
    assert drawn.words == "From 10.0% on 1 Sep 2025 to 35.0% on 5 Sep 2025"


def test_small_changes_stay_small_and_times_never_run_back() -> None:
    drawn = spark([Dot(NOON, 500, 1000), Dot(NOON + DAY, 505, 1000), Dot(NOON, 500, 1000)])

    assert drawn
    assert drawn.points == "2.5,16.9 117.5,11.1 117.5,16.9"
    assert spark([Dot(NOON, 1, 2)]) is None
    assert spark([Dot(NOON, 0, 0), Dot(NOON, 1, 2)]) is None
