"""The laws of a what-if forecast, on generated figures, paces and assumptions."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from compliance.models import Phase, PlanVersion, Repository
from compliance.progress.forecast.alternatives import Assumptions, Outcome, PlanFigures, compare
from compliance.progress.forecast.completion import Pace
from compliance.progress.forecast.outlook import Forecast, State, project
from compliance.progress.forecast.records import RepositoryForecast
from compliance.progress.summary import missing_files

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
SINCE = NOW - timedelta(weeks=39)
DUE = date(2026, 9, 1)
REPOSITORY = Repository(plan=PlanVersion(target_percent=95))
PHASES = [Phase(key="one", title="One", due=DUE), Phase(key="two", title="Two")]

PACES = st.none() | st.floats(-50, 50).map(lambda weekly: Pace(weekly, SINCE))
FACTORS = st.floats(0.01, 100)
TARGETS = st.integers(0, 1000).map(lambda tenths: tenths / 10)


@st.composite
def forecasts(draw: st.DrawFn) -> RepositoryForecast:
    """A repository's forecast, as the records would give it."""
    files = draw(st.integers(1, 5000))
    clean = draw(st.integers(0, files))
    pace = draw(PACES)
    phases = {key: project(draw(st.integers(0, 5000)), draw(PACES), NOW) for key in ("one", "two")}
    target = project(missing_files(clean, files, 95), pace, NOW)
    return RepositoryForecast(
        NOW, files, clean, target, project(files - clean, pace, NOW), phases=phases, due=DUE
    )


def after(ahead: RepositoryForecast, assumed: Assumptions) -> dict[str, Outcome]:
    """The forecasts under the assumptions, by phase, with the whole under an empty key."""
    found = compare(REPOSITORY, ahead, PHASES, assumed).comparisons
    return {each.key: each.after for each in found if each.after}


def not_later(one: Forecast, other: Forecast) -> bool:
    """Return true if no end of any range of the first forecast is after that of the second."""
    if one.state is State.REACHED or not other.ranges:
        return True
    return bool(one.ranges) and all(
        low <= other.ranges[level][0] and high <= other.ranges[level][1]
        for level, (low, high) in one.ranges.items()
    )


@given(forecasts())
def test_without_assumptions_nothing_changes(ahead: RepositoryForecast) -> None:
    for each in compare(REPOSITORY, ahead, PHASES, Assumptions()).comparisons:
        assert each.before == each.after


@given(forecasts(), FACTORS, FACTORS)
def test_more_people_are_never_later(ahead: RepositoryForecast, one: float, other: float) -> None:
    few, many = (after(ahead, Assumptions(people=factor)) for factor in sorted((one, other)))

    for key, outcome in many.items():
        assert not_later(outcome.outlook, few[key].outlook)
        if outcome.chance is not None and few[key].chance is not None:
            assert outcome.chance >= (few[key].chance or 0)


@given(forecasts(), FACTORS, FACTORS, st.sampled_from(["", "one", "two"]))
def test_more_pace_is_never_later(ahead: RepositoryForecast, one: float, other: float, key: str) -> None:
    slow, fast = (after(ahead, Assumptions(phase=key, pace=pace)) for pace in sorted((one, other)))

    assert not_later(fast[key].outlook, slow[key].outlook)
    assert all(fast[each] == slow[each] for each in fast if each != key)


@given(forecasts(), st.floats(0.5, 100), FACTORS, st.sampled_from(["", "one"]))
def test_an_assumed_pace_is_in_the_middle(
    ahead: RepositoryForecast, pace: float, people: float, key: str
) -> None:
    found = after(ahead, Assumptions(phase=key, pace=pace, people=people))[key].outlook

    if found.state is not State.REACHED:
        assert found.median is not None
        assert found.plain is not None
        assert abs(found.median - found.plain) <= timedelta(days=1)
        assert found.ranges[50][0] <= found.plain <= found.ranges[50][1]


@given(forecasts(), TARGETS, TARGETS)
def test_a_lower_target_is_never_later(ahead: RepositoryForecast, one: float, other: float) -> None:
    low, high = (after(ahead, Assumptions(target=target))[""] for target in sorted((one, other)))

    assert low.outlook.left <= high.outlook.left
    assert not_later(low.outlook, high.outlook)


@given(forecasts(), st.integers(0, 5000), st.integers(0, 5000))
def test_a_plan_with_a_smaller_scope_is_never_later(ahead: RepositoryForecast, one: int, other: int) -> None:
    small, large = (
        after(
            ahead, Assumptions(plan=PlanFigures(0, left, 100.0, {"one": left}, {"one": DUE}, {"one": "One"}))
        )
        for left in sorted((one, other))
    )

    for key in ("", "one"):
        assert not_later(small[key].outlook, large[key].outlook)
    assert small.keys() == {"", "one"}
    assert small[""].due == DUE


@given(forecasts(), FACTORS, FACTORS, TARGETS)
def test_ranges_nest_and_no_date_lies_in_the_past(
    ahead: RepositoryForecast, people: float, pace: float, target: float
) -> None:
    for outcome in after(ahead, Assumptions(people=people, pace=pace, target=target)).values():
        if ranges := outcome.outlook.ranges:
            half, most, nearly_all = (ranges[level] for level in (50, 80, 95))
            ends = [nearly_all[0], most[0], half[0], half[1], most[1], nearly_all[1]]
            assert ends == sorted(ends)
            assert ends[0] >= NOW.date()


@given(forecasts(), FACTORS)
def test_people_multiply_only_progress(ahead: RepositoryForecast, factor: float) -> None:
    found = after(ahead, Assumptions(people=factor))

    for key, outlook in {"": ahead.target, **ahead.phases}.items():
        if outlook.pace is not None:
            expected = outlook.pace * factor if outlook.pace > 0 else outlook.pace
            assert found[key].outlook.pace == expected
