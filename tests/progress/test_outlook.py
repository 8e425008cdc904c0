"""What a line foresees: its laws on generated lines, and what must not fool it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.lib.dates import span
from compliance.progress.forecast import (
    DueStatus,
    Forecast,
    State,
    TimeSeries,
    against,
    band,
    estimate,
    sentence,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
STEADY = [(NOW - back * DAY, 40.0 + back) for back in range(80, -1, -1)]
FALLS = st.lists(st.integers(0, 4), min_size=20, max_size=70)


def falling(falls: list[int], start: float = 300.0) -> list[tuple[datetime, float]]:
    """A line with one point a day that falls by so much each day."""
    line, value = [], start
    for number, fall in enumerate(falls):
        value -= fall
        line.append((NOW - (len(falls) - 1 - number) * DAY, value))
    return line


def told(outlook: Forecast) -> tuple[State, float, date | None, date | None]:
    return (outlook.state, round(outlook.left, 6), outlook.earliest, outlook.latest)


def test_a_steady_line_is_foreseen_around_its_own_pace() -> None:
    outlook = estimate(STEADY, 5, NOW)

    assert (outlook.state, outlook.left) == (State.UNDER_WAY, 35.0)
    assert outlook.pace == pytest.approx(7.0)
    assert outlook.earliest
    assert outlook.latest
    assert outlook.earliest < (NOW + 35 * DAY).date() < outlook.latest


@settings(deadline=None, max_examples=50)
@given(FALLS, st.integers(-3000, 3000))
def test_moving_the_line_in_time_moves_the_dates_as_much(falls: list[int], days: int) -> None:
    here = estimate(falling(falls), 100, NOW)
    there = estimate([(at + days * DAY, value) for at, value in falling(falls)], 100, NOW + days * DAY)

    assert (here.state, here.pace) == (there.state, there.pace)
    if here.earliest and here.latest and there.earliest and there.latest:
        assert there.earliest - here.earliest == days * DAY == there.latest - here.latest


@settings(deadline=None, max_examples=50)
@given(FALLS, st.integers(2, 9))
def test_counting_in_other_units_changes_no_date(falls: list[int], factor: int) -> None:
    line = falling(falls)

    scaled = estimate([(at, factor * value) for at, value in line], factor * 100, NOW)

    assert told(scaled)[2:] == told(estimate(line, 100, NOW))[2:]


@settings(deadline=None, max_examples=50)
@given(FALLS, st.data())
def test_clean_files_that_come_and_go_change_no_date(falls: list[int], data: st.DataObject) -> None:
    dirty = falling(falls)
    files = [data.draw(st.integers(300, 900)) for _ in dirty]
    clean = [count - value for count, (_, value) in zip(files, dirty, strict=True)]

    line = [(at, count - good) for (at, _), count, good in zip(dirty, files, clean, strict=True)]

    assert told(estimate(line, 0, NOW)) == told(estimate(dirty, 0, NOW))


@settings(deadline=None, max_examples=50)
@given(st.integers(2, 54), st.floats(-500, 500))
def test_one_day_that_was_wrong_hardly_moves_the_pace(back: int, error: float) -> None:
    wild = [(at, value + error if at == NOW - back * DAY else value) for at, value in STEADY]

    outlook = estimate(wild, 5, NOW)

    assert outlook.pace == pytest.approx(7.0)


def test_many_commits_on_one_day_weigh_no_more_than_one() -> None:
    busy: TimeSeries = sorted(
        STEADY + [(NOW - 10 * DAY + timedelta(minutes=m), 50.0 - m / 1000) for m in range(300)]
    )

    assert estimate(busy, 5, NOW).pace == pytest.approx(estimate(STEADY, 5, NOW).pace, rel=0.01)


def test_a_single_large_commit_gives_no_pace() -> None:
    line = [(NOW - 70 * DAY, 400.0), (NOW - 20 * DAY, 120.0), (NOW - DAY, 120.0)]

    assert told(estimate(line, 0, NOW)) == (State.NO_PROGRESS, 120, None, None)


def test_a_big_commit_in_a_steady_line_does_not_carry_the_pace_away() -> None:
    line = [(at, value + (300 if at < NOW - 20 * DAY else 0)) for at, value in STEADY]

    pace = estimate(line, 5, NOW).pace

    mean = (line[-57][1] - line[-1][1]) / 8
    assert pace is not None
    assert pace < 0.5 * mean


def test_a_pause_counts_as_days_without_progress() -> None:
    paused = estimate([*STEADY[:-25], (NOW - 25 * DAY, 65.0)], 5, NOW)
    stalled = estimate([(at, 85.0 if at > NOW - 45 * DAY else value) for at, value in STEADY], 5, NOW)

    assert paused.pace is not None
    assert 0 < paused.pace < 7
    assert stalled.state is State.NO_PROGRESS


def test_a_line_that_rises_goes_backwards() -> None:
    outlook = estimate([(at, 200 - value) for at, value in STEADY], 5, NOW)

    assert outlook.state is State.BACKWARDS
    assert outlook.pace == pytest.approx(-7.0)
    assert "is going backwards" in sentence(outlook, None)


def test_two_weeks_of_history_are_too_little() -> None:
    assert estimate(STEADY[-14:], 5, NOW).state is State.TOO_LITTLE
    assert estimate(STEADY[-15:], 5, NOW).state is State.UNDER_WAY
    assert estimate([], 5, NOW).state is State.TOO_LITTLE


def test_a_goal_that_is_reached_needs_no_history() -> None:
    outlook = estimate([(NOW, 5.0)], 5, NOW)

    assert outlook.state is State.REACHED
    assert outlook.standing(NOW.date() - DAY) is DueStatus.ON_TIME
    assert sentence(outlook, NOW.date()) == ""


def test_a_date_beyond_a_year_is_not_given() -> None:
    line = [(NOW - back * DAY, 5000.0 + back) for back in range(80, -1, -1)]

    assert told(estimate(line, 0, NOW)) == (State.NO_PROGRESS, 5000, None, None)


def test_a_date_a_year_from_now_is_the_last_one_given() -> None:
    line = [(NOW - back * DAY, 364.0 + back) for back in range(80, -1, -1)]

    assert estimate(line, 0, NOW).state is State.UNDER_WAY
    assert estimate([(at, value + 0.1) for at, value in line], 0, NOW).state is State.NO_PROGRESS


@pytest.mark.parametrize(("days", "state"), [((40, 20), State.NO_PROGRESS), ((42, 28, 14), State.UNDER_WAY)])
def test_a_pace_needs_three_days_on_which_the_figure_fell(days: tuple[int, ...], state: State) -> None:
    falls = [NOW - day * DAY for day in days]
    line = [(at, 90.0 - 10 * sum(fall <= at for fall in falls)) for at, _ in STEADY]

    outlook = estimate(line, 0, NOW)

    assert outlook.pace is not None
    assert outlook.pace > 0
    assert outlook.state is state


def test_the_pace_needed_reaches_the_goal_on_the_due_date() -> None:
    outlook = estimate(STEADY, 5, NOW)

    assert outlook.needed(NOW.date() + 10 * DAY) == pytest.approx(24.5)
    assert outlook.needed(NOW.date()) is None


def test_the_range_is_held_against_the_due_date() -> None:
    outlook = estimate(STEADY, 5, NOW)
    assert outlook.earliest
    assert outlook.latest

    for due, standing, words in (
        (outlook.latest, DueStatus.ON_TIME, "before the due date"),
        (outlook.earliest, DueStatus.AT_RISK, "within that range"),
        (outlook.earliest - DAY, DueStatus.LATE, "1 day or more past the due date"),
        (NOW.date() - DAY, DueStatus.LATE, "or more past the due date"),
    ):
        assert outlook.standing(due) is standing
        assert words in against(outlook, due)
    assert estimate(STEADY[-3:], 5, NOW).standing(NOW.date() + DAY) is None


def test_on_the_due_date_itself_it_is_not_too_late() -> None:
    today = NOW.date()
    soon = estimate(STEADY, 39.6, NOW)

    assert soon.earliest == today
    assert soon.standing(today) is DueStatus.AT_RISK
    assert estimate(STEADY[-3:], 5, NOW).standing(today) is None
    assert estimate(STEADY[-3:], 5, NOW).standing(today - DAY) is DueStatus.LATE


def test_without_progress_a_phase_is_at_risk_then_late() -> None:
    outlook = estimate([(NOW - back * DAY, 5.0) for back in range(60, -1, -1)], 0, NOW)

    assert outlook.state is State.NO_PROGRESS
    assert outlook.standing(NOW.date() + DAY) is DueStatus.AT_RISK
    assert outlook.standing(NOW.date()) is DueStatus.LATE


@settings(deadline=None, max_examples=50)
@given(FALLS)
def test_the_band_begins_today_and_ends_with_the_latest_date(falls: list[int]) -> None:
    outlook = estimate(falling(falls), 100, NOW)
    drawn = band(outlook)

    if outlook.state is not State.UNDER_WAY:
        assert drawn == []
        return
    assert outlook.latest
    assert drawn[0] == (int(NOW.timestamp()), outlook.left, outlook.left)
    assert all(0 <= least <= most for _, least, most in drawn)
    assert [at for at, _, _ in drawn] == sorted(at for at, _, _ in drawn)
    assert drawn[-1][2] == pytest.approx(0, abs=1e-6)
    assert abs(datetime.fromtimestamp(drawn[-1][0], UTC).date() - outlook.latest) <= DAY


def test_ranges_read_as_people_write_them() -> None:
    assert span(date(2026, 10, 12), date(2026, 10, 19)) == "12\N{EN DASH}19 Oct 2026"
    assert span(date(2026, 9, 28), date(2026, 10, 3)) == "28 Sep \N{EN DASH} 3 Oct 2026"
    assert span(date(2026, 12, 12), date(2027, 1, 3)) == "12 Dec 2026 \N{EN DASH} 3 Jan 2027"


def test_an_idle_repository_is_forecast_as_of_its_newest_commit() -> None:
    words = sentence(estimate(STEADY, 5, NOW), None, dormant=True)

    assert words.startswith("Target expected ")
    assert words.endswith(" at the pace until 2 Mar 2026.")
