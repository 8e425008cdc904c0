"""What a line foresees: its laws on generated lines, its states, and how it is worded."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from compliance.lib.dates import span
from compliance.progress.forecast import (
    DueStatus,
    Forecast,
    State,
    against,
    band,
    estimate,
    explanation,
    sentence,
    too_slow,
    when,
)
from compliance.progress.forecast.completion import Completion

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
STEADY = [(NOW - back * DAY, 40.0 + back) for back in range(300, -1, -1)]
FALLS = st.lists(st.integers(0, 4), min_size=20, max_size=70)
ANYHOW = st.lists(st.integers(0, 500), min_size=1, max_size=400)


def falling(falls: list[int], start: float = 300.0) -> list[tuple[datetime, float]]:
    """A line with one point a day that falls by so much each day."""
    line, value = [], start
    for number, fall in enumerate(falls):
        value -= fall
        line.append((NOW - (len(falls) - 1 - number) * DAY, value))
    return line


def daily(values: Sequence[float]) -> list[tuple[datetime, float]]:
    """A line with one value a day until now."""
    return [(NOW - back * DAY, value) for back, value in enumerate(reversed(values))][::-1]


def told(outlook: Forecast) -> tuple[State, float, dict[int, tuple[date, date]]]:
    return (outlook.state, round(outlook.left, 6), outlook.ranges)


def test_a_steady_line_is_foreseen_from_its_net_pace() -> None:
    outlook = estimate(STEADY, 5, NOW)

    assert (outlook.state, outlook.left) == (State.UNDER_WAY, 35.0)
    assert outlook.pace == pytest.approx(7.0)
    assert outlook.since == NOW - 273 * DAY
    weeks = Completion(35, 7).range(80)
    assert outlook.earliest == (NOW + timedelta(weeks=weeks[0])).date()
    assert outlook.latest == (NOW + timedelta(weeks=weeks[1])).date()
    assert outlook.median == (NOW + timedelta(weeks=Completion(35, 7).weeks(0.5))).date()


@settings(deadline=None)
@given(ANYHOW, st.integers(0, 400))
def test_no_date_lies_in_the_past_and_ranges_nest(values: list[int], goal: int) -> None:
    ranges = estimate(daily([float(value) for value in values]), goal, NOW).ranges

    if ranges:
        half, most, nearly_all = (ranges[level] for level in (50, 80, 95))
        ends = [nearly_all[0], most[0], half[0], half[1], most[1], nearly_all[1]]
        assert ends[0] >= TODAY
        assert ends == sorted(ends)


@settings(deadline=None)
@given(FALLS, st.integers(0, 250), st.integers(0, 250), st.integers(0, 1000))
def test_a_nearer_goal_is_never_later(falls: list[int], one: int, other: int, days: int) -> None:
    near, far = (estimate(falling(falls), goal, NOW) for goal in sorted((one, other), reverse=True))

    for level, (earliest, latest) in near.ranges.items():
        if far.ranges:
            assert earliest <= far.ranges[level][0]
            assert latest <= far.ranges[level][1]
    chances = [outlook.chance(TODAY + days * DAY) for outlook in (near, far)]
    if chances[0] is not None and chances[1] is not None:
        assert chances[0] >= chances[1]


@settings(deadline=None)
@given(FALLS, st.floats(0, 10), st.floats(0, 10))
def test_more_pace_is_never_later(falls: list[int], one: float, other: float) -> None:
    outlook = estimate(falling(falls), 20, NOW)
    slow, fast = (outlook.scaled(factor) for factor in sorted((one, other)))

    assert not slow.ranges or fast.ranges or fast.state is State.REACHED
    for level, (earliest, latest) in slow.ranges.items():
        assert fast.ranges[level][0] <= earliest
        assert fast.ranges[level][1] <= latest


@settings(deadline=None)
@given(FALLS, st.integers(0, 40))
def test_more_fixes_on_any_day_are_never_later(falls: list[int], day: int) -> None:
    more = [fall + (number == day % len(falls)) for number, fall in enumerate(falls)]
    before, after = (estimate(falling(each), 10, NOW) for each in (falls, more))

    for level, ends in before.ranges.items():
        assert after.state is State.REACHED or day % len(falls) == 0 or after.ranges[level] <= ends


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


def test_many_commits_on_one_day_weigh_no_more_than_one() -> None:
    busy = sorted(STEADY + [(NOW - 10 * DAY + timedelta(minutes=m), 50.0 - m / 1000) for m in range(300)])

    assert estimate(busy, 5, NOW) == estimate(STEADY, 5, NOW)


def test_a_pause_counts_as_days_without_progress() -> None:
    paused = estimate([*STEADY[:-25], (NOW - 25 * DAY, 65.0)], 5, NOW)
    stalled = estimate([(NOW - 300 * DAY, 85.0)], 5, NOW)

    assert paused.pace is not None
    assert 0 < paused.pace < 7
    assert stalled.state is State.NO_PROGRESS
    assert when(stalled) == "no date, because no less is left today than 39 weeks ago, on 2 Jun 2025"
    latest = (NOW - 300 * DAY).replace(hour=12)
    resting = stalled.without_commits_since(latest)
    day = f"{latest:%-d %b %Y}"
    assert when(resting) == f"no date, because nothing has been committed since {day}"
    assert sentence(resting, None, latest_commit=latest.date()).count(day) == 1


def test_a_line_that_rises_goes_backwards() -> None:
    outlook = estimate([(at, 400 - value) for at, value in STEADY], 5, NOW)

    assert outlook.state is State.BACKWARDS
    assert outlook.pace == pytest.approx(-7.0)
    assert outlook.ranges == {}
    assert sentence(outlook, None) == "No date, because more is left today than 39 weeks ago, on 2 Jun 2025."


def test_less_than_two_weeks_of_history_are_too_little() -> None:
    assert estimate(STEADY[-14:], 5, NOW).state is State.TOO_LITTLE
    assert estimate(STEADY[-15:], 5, NOW).state is State.UNDER_WAY
    assert (
        sentence(estimate(STEADY[-14:], 5, NOW), None)
        == "No date, because the recorded history is shorter than 14 days."
    )


def test_a_goal_that_is_reached_needs_no_history() -> None:
    outlook = estimate([(NOW, 5.0)], 5, NOW)

    assert outlook.state is State.REACHED
    assert outlook.standing(TODAY - DAY) is DueStatus.ON_TIME
    assert outlook.chance(TODAY - DAY) == 1
    assert sentence(outlook, TODAY) == ""


def test_slow_progress_has_a_date_as_well() -> None:
    line = [(NOW - back * DAY, 5000.0 + back / 10) for back in range(300, -1, -1)]

    outlook = estimate(line, 0, NOW)

    assert outlook.state is State.UNDER_WAY
    assert outlook.latest
    assert outlook.latest < TODAY + timedelta(weeks=52 * 8)
    assert too_slow(outlook) == "more than ten years at this pace alone"
    assert "which alone would take more than ten years" in explanation(outlook, "files")
    assert not too_slow(estimate(STEADY, 5, NOW))


@pytest.mark.parametrize(
    ("change", "state"),
    [(-0.1, State.UNDER_WAY), (0, State.NO_PROGRESS), (0.1, State.BACKWARDS)],
)
def test_the_net_change_in_exactly_39_weeks_decides(change: float, state: State) -> None:
    start = NOW - 39 * 7 * DAY
    line = [(start - DAY, 900.0), (start, 90.0), (NOW - 100 * DAY, 20.0), (NOW - DAY, 90 + change)]

    outlook = estimate(line, 0, NOW)

    assert outlook.state is state
    assert outlook.since == start
    assert outlook.pace == pytest.approx(-change / 39)


def test_the_pace_needed_reaches_the_goal_on_the_due_date() -> None:
    outlook = estimate(STEADY, 5, NOW)

    assert outlook.needed(TODAY + 10 * DAY) == pytest.approx(24.5)
    assert outlook.needed(TODAY) is None


def test_the_range_is_held_against_the_due_date() -> None:
    outlook = estimate(STEADY, 5, NOW)
    assert outlook.earliest
    assert outlook.latest
    assert outlook.median

    for due, standing, words in (
        (outlook.latest, DueStatus.ON_TIME, "90% chance of meeting the due date, "),
        (outlook.median, DueStatus.AT_RISK, "50% chance"),
        (outlook.earliest, DueStatus.AT_RISK, "10% chance"),
        (outlook.earliest - DAY, DueStatus.LATE, "% chance"),
        (NOW.date(), DueStatus.LATE, "less than 1% chance"),
        (TODAY + 9999 * DAY, DueStatus.ON_TIME, "more than 99% chance"),
        (TODAY - 3 * DAY, DueStatus.LATE, "the due date, 27 Feb 2026, passed 3 days ago"),
    ):
        assert outlook.standing(due) is standing
        assert words in against(outlook, due)
    assert estimate(STEADY[-3:], 5, NOW).standing(TODAY + DAY) is None
    assert against(estimate(STEADY[-3:], 5, NOW), TODAY + DAY) == ""


@settings(deadline=None)
@given(FALLS, st.sampled_from([10, 50, 90]))
def test_the_chance_comes_from_the_distribution_of_the_dates(falls: list[int], percent: int) -> None:
    outlook = estimate(falling(falls), 20, NOW)
    assume(outlook.earliest and outlook.median and outlook.latest)
    due = {10: outlook.earliest, 50: outlook.median, 90: outlook.latest}[percent]
    assert due

    chances = [outlook.chance(due - DAY), outlook.chance(due)]

    assert chances[0] is not None
    assert chances[1] is not None
    assert chances[0] <= percent / 100 <= chances[1]


def test_days_are_those_of_the_time_zone_that_is_asked_in() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    auckland = late.astimezone(ZoneInfo("Pacific/Auckland"))
    line = [(at, value) for at, value in STEADY if at < late]

    assert estimate(line, 5, late).chance(date(2026, 3, 2)) != 0
    assert estimate(line, 5, auckland).chance(date(2026, 3, 2)) == 0
    assert estimate(line, 5, auckland).standing(date(2026, 3, 2)) is DueStatus.LATE


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
    assert outlook.chance(TODAY + DAY) is None
    assert outlook.standing(TODAY + DAY) is DueStatus.AT_RISK
    assert outlook.standing(TODAY) is DueStatus.LATE


def test_another_pace_scope_or_target_can_be_tried() -> None:
    outlook = estimate(STEADY, 5, NOW)

    assert outlook.scaled(2).pace == outlook.at_pace(14).pace == 14
    assert outlook.scaled(1) == outlook
    assert outlook.with_left(35) == outlook
    assert outlook.with_left(20).left == 20
    assert outlook.with_left(0).state is State.REACHED
    assert outlook.at_pace(0).state is State.NO_PROGRESS
    assert estimate(STEADY[-3:], 5, NOW).scaled(3).state is State.TOO_LITTLE


@pytest.mark.parametrize(
    ("left", "pace", "days"), [(3, 1.0, 21), (3, 3.0, 7), (2, 1.0, 14), (500, 2.0, 1750)]
)
def test_a_pace_that_is_assumed_leads_to_the_day_that_it_gives(left: int, pace: float, days: int) -> None:
    outlook = estimate(STEADY, 40 - left, NOW).at_pace(pace)
    plain = TODAY + days * DAY

    assert outlook.plain == outlook.median == plain
    assert all(low < plain < high for low, high in outlook.ranges.values())
    assert outlook.chance(plain - DAY) == pytest.approx(0.5, abs=0.1)
    assert outlook.scaled(2).median == TODAY + days * DAY / 2
    assert outlook.with_left(2 * left).median == TODAY + 2 * days * DAY


def test_an_assumed_pace_of_next_to_nothing_has_dates_that_dates_can_hold() -> None:
    for pace in (5e-324, 1e-300, 1e-9):
        ranges = estimate(STEADY, 5, NOW).at_pace(pace).ranges
        assert ranges[50] <= ranges[95]


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


def test_the_sentence_of_an_idle_repository_says_when_its_latest_commit_was() -> None:
    words = sentence(estimate(STEADY, 5, NOW), None, latest_commit=date(2025, 11, 3))

    assert words.startswith("Target expected ")
    assert words.endswith(" (80% range); the latest commit was on 3 Nov 2025.")


def test_the_range_is_explained_in_plain_words() -> None:
    words = explanation(estimate(STEADY, 5, NOW), "files")

    assert "7.0 files per week over 39 weeks, new ones deducted" in words
    assert "which alone would take until 6 Apr 2026" in words
    assert "8 of 10" in words
    assert explanation(estimate(STEADY[-3:], 5, NOW), "files") == ""
