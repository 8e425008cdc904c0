"""Forecasts are recorded once a week, and compared with what came."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection
from django.utils import timezone

from compliance.models import Commit, Phase, PlanVersion, RecordedForecast, Repository, Snapshot
from compliance.progress.forecast.recording import monday_of, record_forecasts
from compliance.progress.forecast.records import forecasts
from compliance.progress.forecast.track_record import Result, past_forecasts, track_record
from tests.views.cast import World
from tests.views.factories import DAY, line

pytestmark = pytest.mark.slow
FALLING = list(range(190, 10, -1))


def complete(netra: World) -> Repository:
    """Mark the history as complete, and return the repository as pages read it."""
    Repository.objects.update(history_done=True)
    return Repository.objects.select_related("plan", "head").get(pk=netra.repository.pk)


def test_a_week_is_recorded_once_with_what_the_pages_show_then(netra: World) -> None:
    line(netra, FALLING[:150])
    repository, now = complete(netra), timezone.now()
    Phase.objects.filter(key="cleanup").update(closed_at=now)
    shown = forecasts([repository], now)[repository.pk]

    record_forecasts(now)
    record_forecasts(now + timedelta(minutes=30))

    rows = {row.phase: row for row in RecordedForecast.objects.all()}
    assert rows.keys() == {"", "golden-path"}
    whole, phase = rows[""], rows["golden-path"]
    assert (whole.week, whole.as_of, whole.plan_id) == (monday_of(now.date()), now, repository.plan_id)
    assert (whole.earliest_80, whole.latest_80, whole.median) == (
        shown.target.earliest,
        shown.target.latest,
        shown.target.median,
    )
    assert (whole.earliest_95, whole.latest_95) == shown.target.ranges[95]
    assert (whole.due, whole.chance) == (shown.due, shown.chance)
    assert (whole.left, whole.pace) == (shown.target.left, shown.target.pace)
    assert phase.left == shown.phases["golden-path"].left
    assert phase.target is None

    record_forecasts(now + timedelta(weeks=1))
    assert RecordedForecast.objects.filter(phase="").count() == 2


def test_a_week_without_a_date_is_recorded_too(netra: World) -> None:
    line(netra, [60] * 60)
    complete(netra)

    record_forecasts()

    row = RecordedForecast.objects.get(phase="")
    assert (row.state, row.median, row.latest_95) == ("no progress", None, None)


def test_a_repository_whose_history_is_being_read_waits(netra: World) -> None:
    line(netra, FALLING[:150])
    Repository.objects.update(history_done=False)
    record_forecasts()
    assert not RecordedForecast.objects.exists()

    complete(netra)
    record_forecasts()
    assert RecordedForecast.objects.exists()


def test_recorded_forecasts_outlive_a_change_of_plan_and_the_version_itself(netra: World) -> None:
    line(netra, FALLING[:150])
    repository = complete(netra)
    record_forecasts()
    kept = RecordedForecast.objects.get(phase="")
    version = PlanVersion.objects.create(
        repository=repository, number=9, digest="9", name="Another", text="", target_percent=100
    )
    Repository.objects.update(plan=version, line_plan=version)

    record_forecasts()
    PlanVersion.objects.exclude(pk=version.pk).delete()

    again = RecordedForecast.objects.get(phase="")
    assert (again.pk, again.left, again.plan_id) == (kept.pk, kept.left, None)


@pytest.mark.django_db(transaction=True)
def test_two_workers_record_one_row(netra: World) -> None:
    line(netra, FALLING[:150])
    complete(netra)
    now = timezone.now()

    def work(_: int) -> None:
        try:
            record_forecasts(now)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(8)))

    assert RecordedForecast.objects.filter(phase="").count() == 1


def test_the_database_refuses_ranges_that_do_not_nest(netra: World) -> None:
    days = {f"{end}_{level}": date(2026, 1, 5) for end in ("earliest", "latest") for level in (50, 80, 95)}
    with pytest.raises(IntegrityError):
        RecordedForecast.objects.create(
            repository=netra.repository,
            week=date(2026, 1, 5),
            as_of=datetime(2026, 1, 5, tzinfo=UTC),
            state="under way",
            left=3,
            median=date(2026, 1, 5),
            **(days | {"earliest_80": date(2026, 1, 6)}),
        )


def test_weeks_before_recording_are_computed_from_what_was_known_then(netra: World) -> None:
    line(netra, FALLING)
    repository = complete(netra)

    past = past_forecasts(repository)

    assert past
    assert all(not week.recorded and week.due is None and week.chance is None for week in past)
    assert [week.week for week in past] == sorted((week.week for week in past), reverse=True)
    for week in past[::5]:
        shorter = Commit.objects.filter(committed_at__lt=_begin(week.week)).order_by("position").last()
        assert shorter
        now = Snapshot.objects.get(commit=shorter, plan=repository.plan)
        goal = -(-95 * now.files // 100)
        assert week.left == goal - now.clean
        if week.ranges:
            seen = Repository.objects.select_related("plan").get(pk=repository.pk)
            seen.head = shorter
            told = forecasts([seen], _begin(week.week))[seen.pk].target
            assert week.ranges == told.ranges


def _begin(week: date) -> datetime:
    return datetime(week.year, week.month, week.day, tzinfo=timezone.get_default_timezone())


def test_what_came_is_the_first_commit_at_which_the_goal_was_reached(netra: World) -> None:
    line(netra, [*FALLING, 12, 30, 9, 8])
    repository = complete(netra)
    reached = Commit.objects.get(position=FALLING.index(10 + 1) + 1).committed_at.date()
    met = [s.commit.committed_at.date() for s in Snapshot.objects.select_related("commit") if s.clean >= 190]

    past = past_forecasts(repository)

    assert min(met) >= reached - DAY
    for week in past:
        assert week.reached == min(day for day in met if day >= week.week)
        if week.ranges:
            earliest, latest = week.ranges[80]
            inside = earliest <= week.reached <= latest
            assert (week.result() is Result.INSIDE) == inside
    counts = track_record(past)
    assert counts.weeks == len(past)
    assert set(counts.final.values()) == {sum(bool(week.ranges) for week in past)}
    assert counts.inside[80] + counts.sooner + counts.later == counts.final[80]
    assert counts.inside[50] <= counts.inside[80] <= counts.inside[95]


def test_commits_that_are_pushed_after_the_forecast_but_older_have_reached_the_goal(netra: World) -> None:
    now = timezone.now()
    line(netra, FALLING[:150])
    complete(netra)
    record_forecasts(now)
    line(netra, [*FALLING[:150], 0], until=2 * DAY)
    repository = complete(netra)

    past = past_forecasts(repository, today=timezone.localdate() + 9999 * DAY)[0]

    assert past.recorded
    assert past.reached == (now - 2 * DAY).date()
    assert past.result() is Result.SOONER


def test_a_newest_commit_without_a_position_has_no_forecast(netra: World) -> None:
    line(netra, FALLING[:150])
    repository = complete(netra)
    Commit.objects.filter(repository=repository).update(position=None)

    assert forecasts([repository]) == {}


def test_a_range_that_has_passed_counts_as_later(netra: World) -> None:
    line(netra, [*range(190, 20, -10), *[30] * 200])
    repository = complete(netra)

    past = past_forecasts(repository)

    passed = [week for week in past if week.ranges and week.ranges[80][1] < week.today]
    assert passed
    assert {week.result() for week in passed} == {Result.LATER}
    assert {week.reached for week in past} == {None}


def test_a_recorded_week_takes_the_place_of_a_computed_one(netra: World) -> None:
    line(netra, FALLING[:150])
    repository = complete(netra)
    record_forecasts()

    past = past_forecasts(repository)

    assert [week.recorded for week in past[:2]] == [True, False]
    assert len({week.week for week in past}) == len(past)
    assert past[0].version == repository.plan.number if repository.plan else False
