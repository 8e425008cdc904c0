"""What the overview says of the time to come, in each state, from recorded rows."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from compliance.accounts import public_links
from compliance.models import Commit, Phase, PlanVersion, Repository, Snapshot
from compliance.notifications.digest_content import content
from compliance.progress.forecast import Forecast, State, estimate, project, sentence
from compliance.progress.forecast.completion import Pace
from compliance.progress.forecast.records import forecasts
from compliance.progress.phase_status import state
from tests.views.cast import World, world
from tests.views.conftest import Counted
from tests.views.factories import DAY, line, page_text

MINUS = "\N{MINUS SIGN}"


def test_a_steady_line_gets_a_range_and_a_pace(ada: Client, netra: World) -> None:
    line(netra, list(range(100, 40, -1)))
    Phase.objects.update(due=timezone.now().date() + 30 * DAY)
    told = forecasts([Repository.objects.select_related("plan", "head").get()])[netra.repository.pk]

    words = page_text(ada)

    assert told.target.pace == pytest.approx(7.0, rel=0.05)
    assert told.target.left == 31
    assert " (80% range); " in words
    assert "% chance of meeting the due date, " in words
    assert "How to read the range" in words
    assert "Current pace 6.9 files per week (3.4 points), over 9 weeks" in words
    assert "Required pace 7.2 files per week (3.6 points) to reach 95% by" in words


@pytest.mark.parametrize(
    ("dirty", "words"),
    [
        (list(range(60, 50, -1)), "No date, because the recorded history is shorter than 14 days."),
        ([60] * 60, "No date, because no less is left today than "),
        (list(range(40, 100)), "No date, because more is left today than "),
    ],
)
def test_without_a_pace_no_date_is_given(ada: Client, netra: World, dirty: list[int], words: str) -> None:
    line(netra, dirty)
    Phase.objects.update(due=None)

    assert words in page_text(ada)


def test_a_reached_target_needs_no_forecast(ada: Client, netra: World) -> None:
    line(netra, list(range(60, 0, -1)))

    words = page_text(ada)

    assert "target reached" in words
    assert "Target expected" not in words


def test_clean_files_are_scope_and_no_progress(netra: World) -> None:
    def foreseen() -> tuple[date | None, float | None]:
        repository = Repository.objects.select_related("plan", "head").get()
        told = forecasts([repository])[repository.pk]
        return told.zero.latest, told.zero.pace

    dirty = list(range(100, 40, -1))
    line(netra, dirty)
    before = foreseen()

    for files in ([200 + 5 * number for number in range(60)], [600 - 5 * number for number in range(60)]):
        line(netra, dirty, files)
        latest, pace = foreseen()
        assert latest == before[0]
        assert pace == pytest.approx(before[1], rel=1e-4)  # the line was recorded some seconds later


def test_the_rows_that_are_read_give_what_the_whole_line_gives(netra: World) -> None:
    """Several commits a day, on both sides of the hour that is asked for, some with a clock that lags."""
    line(netra, [1500 - number**2 // 20 - 17 * (number % 3) for number in range(160)], [2000] * 160)
    now = timezone.now()
    whole, latest = [], now - 1000 * DAY
    for commit in Commit.objects.order_by("position"):
        number = commit.position or 0
        commit.committed_at = now - (160 - number) * timedelta(hours=9, minutes=40)
        commit.committed_at -= timedelta(hours=30 if number % 50 == 0 else 0)
        commit.save()
        snapshot = Snapshot.objects.get(commit=commit)
        latest = max(latest, commit.committed_at)
        whole.append((latest, float(snapshot.files - snapshot.clean)))
    repository = Repository.objects.select_related("plan", "head").get()

    (told,) = forecasts([repository], now).values()

    assert told.zero.state is State.UNDER_WAY
    assert told.zero == estimate(whole, 0, told.as_of)


@pytest.mark.parametrize("rests", [DAY, timedelta(days=400)])
def test_every_place_says_the_same_sentence(ada: Client, netra: World, rests: timedelta) -> None:
    line(netra, list(range(100, 40, -1)), until=rests)
    last = timezone.now().date() + 30 * DAY
    Phase.objects.filter(key="golden-path").update(due=last, closed_at=timezone.now())
    Phase.objects.filter(key="cleanup").update(due=last - DAY)
    (told,) = forecasts([repository := Repository.objects.select_related("plan", "head").get()]).values()

    newest = Commit.objects.latest("position").committed_at
    assert told.due == last - DAY  # the last phase that is not done
    assert told.dormant is (rests > DAY)
    assert told.as_of.date() == timezone.localdate()
    latest = timezone.localdate(newest) if told.dormant else None
    assert told.sentence == sentence(told.target, last - DAY, latest_commit=latest)
    assert told.sentence in page_text(ada)
    assert told.sentence in page_text(ada, "/?all=1")
    assert told.sentence in page_text(
        Client(), f"/shared/{public_links.make(repository, None, name='Wiki').key}/"
    )
    assert content(repository).forecast == told.sentence
    assert ada.get("/api/v1/repositories/netra/forecast").json()["sentence"] == told.sentence


def test_scope_changes_and_plan_changes_are_shown_separately(ada: Client, netra: World) -> None:
    line(netra, [50] * 30)
    assert f"+87 {MINUS}29 in 8 weeks, not counted as progress" in page_text(ada)

    PlanVersion.objects.update(number=2)

    assert "plan changed" in page_text(ada)


def test_an_idle_repository_is_forecast_from_today_and_says_when_its_latest_commit_was(
    ada: Client, netra: World
) -> None:
    line(netra, list(range(100, 40, -1)), until=timedelta(days=120))
    newest = timezone.localdate(Commit.objects.get(position=60).committed_at)

    words = page_text(ada)

    assert f"; the latest commit was on {newest:%-d %b %Y}." in words
    told = ada.get("/api/v1/repositories/netra/forecast").json()
    assert (told["dormant"], told["as_of"]) == (True, timezone.localdate().isoformat())
    assert told["target"]["earliest"] > told["as_of"]


def test_a_pause_of_weeks_slows_the_pace(netra: World) -> None:
    line(netra, list(range(100, 40, -1)), until=timedelta(days=20))
    repository = Repository.objects.select_related("plan", "head").get()

    pace = forecasts([repository])[repository.pk].target.pace

    assert pace is not None
    assert 0 < pace < 7


TODAY = date(2026, 3, 2)


def outlook() -> Forecast:
    """A forecast whose range of 80% lies 3 to 37 days after TODAY."""
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    told = project(1.0, Pace(2.6, midnight - 90 * DAY), midnight)
    assert (told.earliest, told.latest) == (TODAY + 3 * DAY, TODAY + 37 * DAY)
    return told


@pytest.mark.parametrize(
    ("due", "left", "fixed", "foreseen", "expected"),
    [
        (9, 0, 4, None, "nothing left"),
        (-1, 5, 4, outlook(), "late"),
        (9, 5, 0, None, "not started"),
        (37, 5, 4, outlook(), "on time"),
        (36, 5, 4, outlook(), "at risk"),
        (3, 5, 4, outlook(), "at risk"),
        (2, 5, 4, outlook(), "late"),
        (9, 5, 4, None, "under way"),
        (None, 5, 4, outlook(), "under way"),
    ],
)
def test_the_state_of_a_phase_compares_its_range_with_its_due_date(
    due: int | None, left: int, fixed: int, foreseen: Forecast | None, expected: str
) -> None:
    phase = Phase(due=TODAY + due * DAY if due is not None else None)

    assert state(phase, left, fixed, foreseen, TODAY) == expected
    phase.closed_at = timezone.now()
    assert state(phase, left, fixed, foreseen, TODAY) == "done"


def test_any_number_of_repositories_costs_one_query(netra: World, counted: Counted) -> None:
    world("second", files=60, commits=40)
    repositories = list(Repository.objects.select_related("plan", "head"))

    with counted() as queries:
        told = forecasts(repositories)

    assert len(queries) == 1
    assert set(told) == {repository.pk for repository in repositories}


def test_a_clock_that_ran_ahead_does_not_hide_the_newest_figures(netra: World) -> None:
    line(netra, list(range(100, 40, -1)))
    Commit.objects.filter(position=30).update(committed_at=timezone.now() - timedelta(hours=1))
    repository = Repository.objects.select_related("plan", "head").get()

    assert forecasts([repository])[repository.pk].zero.left == 41


def test_programs_get_every_range_and_the_chance(ada: Client, netra: World) -> None:
    line(netra, list(range(100, 40, -1)))
    due = timezone.localdate() + 60 * DAY
    Phase.objects.update(due=due)
    repository = Repository.objects.select_related("plan", "head").get()
    (told,) = forecasts([repository]).values()

    given = ada.get("/api/v1/repositories/netra/forecast").json()

    assert given["due"] == due.isoformat()
    assert given["explanation"] == told.explanation
    target = given["target"]
    assert [row["level"] for row in target["ranges"]] == [50, 80, 95]
    assert [target["earliest"], target["latest"]] == [
        target["ranges"][1][end] for end in ("earliest", "latest")
    ]
    assert target["earliest"] < target["median"] < target["latest"]
    assert told.chance is not None
    assert target["chance"] == pytest.approx(told.chance, abs=0.001)
    assert f"{told.chance:.0%} chance of meeting the due date" in given["sentence"]
    (phase, *_) = ada.get("/api/v1/repositories/netra/phases").json()["items"]
    assert [row["level"] for row in phase["ranges"]] == [50, 80, 95]
    assert phase["earliest"] < phase["median"] < phase["latest"]
    assert 0 < phase["chance"] < 1
    assert phase["reason"] == ""


def test_another_target_can_be_tried(netra: World) -> None:
    line(netra, list(range(100, 40, -1)))
    (told,) = forecasts([Repository.objects.select_related("plan", "head").get()]).values()

    assert told.toward(95) == told.target
    assert told.toward(100) == told.zero
    assert told.toward(90).left == 21
    assert told.toward(50).state is State.REACHED
