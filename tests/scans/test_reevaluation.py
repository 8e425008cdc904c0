"""The newest commit is judged by a new plan at once; the old line stays until the new one is as deep."""

from itertools import count
from pathlib import Path

import pytest
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance import scans, tasks
from compliance.charts import trend
from compliance.charts.context import chart_context
from compliance.charts.series import ghosts
from compliance.jobs.queue import claim
from compliance.jobs.runner import JobRun, take
from compliance.models import Commit, PlanVersion, Repository, Snapshot
from compliance.progress.forecast.records import forecasts
from tests.scanner.factories import histories
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.factories import HISTORY, OTHER, point, points, reload
from tests.scans.upstream import OLD, PLAN, git, push
from tests.scans.verify import check_against_cold_scans, rows, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

THIRD = PLAN.replace("call: high", "call: low")


def one_job(kind: str) -> None:
    """Do the next job, which must be of this kind."""
    job = claim("test")
    assert job is not None
    assert job.kind == kind
    take(job, tasks.KINDS)
    job.refresh_from_db()
    assert not job.error, job.error


def one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """One turn of the backfill that makes room after a single commit."""
    with monkeypatch.context() as patched:
        patched.setattr(JobRun, "should_yield", lambda _: True)
        one_job("backfill")


def tracked(folder: Path, plan: str) -> Repository:
    scans.track(str(folder), slug="r", plan=plan)
    return Repository.objects.select_related("plan", "line_plan", "head").get(slug="r")


@pytest.fixture
def short(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", HISTORY)
    return tmp_path / "r.git"


def test_the_old_trend_stays_until_the_new_one_is_complete(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracked(short, PLAN)
    run_jobs()
    late = timezone.now() - Commit.objects.latest("position").committed_at
    Commit.objects.update(committed_at=F("committed_at") + late)  # into the forecast's window
    repository = reload()
    old_line, old = points(repository), repository.plan
    assert len(old_line) == 4
    assert repository.line_plan == old
    tracked(short, OTHER)
    one_job("update")
    for judged in (1, 2, 3):
        repository = reload()
        assert repository.plan is not None
        assert repository.plan.number == 2
        assert repository.head is not None
        assert Snapshot.objects.filter(plan=repository.plan, commit=repository.head).exists()
        assert Snapshot.objects.filter(plan=repository.plan).count() == judged
        assert repository.rejudging
        assert points(repository) == old_line
        assert ghosts(repository) == []
        assert forecasts([repository]) == {}  # what it looks at is not judged yet
        one_step(monkeypatch)
    repository = reload()
    assert not repository.rejudging
    assert forecasts([repository])
    assert len(points(repository)) == 4
    assert points(repository) != old_line
    assert ghosts(repository) == [old]
    data = trend.draw(chart_context(repository, {"measure": "violations", "ghost": "1"}))
    assert [value for _, value in data["ghost"]["points"]] == [violations for _, violations in old_line]
    assert [value for _, value, _ in data["points"]] == [violations for _, violations in points(repository)]
    assert trend.draw(chart_context(repository, {"ghost": "99"}))["ghost"] is None
    run_jobs()
    assert reload().history_done


def test_an_old_line_that_was_not_whole_is_replaced_at_its_own_depth(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracked(short, PLAN)
    one_job("update")
    one_step(monkeypatch)
    assert [position for position, _ in points(reload())] == [3, 4]
    tracked(short, OTHER)
    one_job("update")
    assert reload().rejudging
    one_step(monkeypatch)
    repository = reload()
    assert not repository.rejudging
    assert [position for position, _ in points(repository)] == [3, 4]
    assert not repository.history_done


def test_a_push_during_reevaluation_uses_the_new_plan(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracked(short, PLAN)
    run_jobs()
    old_line = points(reload())
    tracked(short, OTHER)
    one_job("update")
    one_step(monkeypatch)
    tip = push(short, "more", app__d=OLD)
    tracked(short, OTHER)
    one_job("update")
    repository = reload()
    assert repository.head is not None
    assert repository.head.sha == tip
    assert repository.rejudging
    assert points(repository) == old_line
    run_jobs()
    repository = reload()
    assert len(points(repository)) == 5
    assert check_against_cold_scans(repository) == 5


def test_a_plan_changed_again_on_the_way_and_back_to_the_first(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracked(short, PLAN)
    run_jobs()
    first, told = reload().plan, rows(reload())
    old_line = points(reload())
    tracked(short, OTHER)
    one_job("update")
    one_step(monkeypatch)
    tracked(short, THIRD)
    one_job("update")
    repository = reload()
    assert repository.plan is not None
    assert repository.plan.number == 3
    assert (repository.line_plan, points(repository)) == (first, old_line)
    assert [ghost.number for ghost in ghosts(repository)] == [2]
    tracked(short, PLAN)
    one_job("update")
    repository = reload()
    assert (repository.plan, repository.line_plan) == (first, first)
    run_jobs()
    assert rows(reload()) == told
    tracked(short, OTHER)
    run_jobs()
    assert PlanVersion.objects.count() == 3
    assert check_against_cold_scans(reload()) == 4


def test_going_back_to_a_plan_never_shows_an_older_commit_as_the_newest(
    short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracked(short, PLAN)
    run_jobs()
    tracked(short, OTHER)
    run_jobs()
    for number in range(3):
        push(short, f"push {number}", **{f"app__n{number}": OLD})
    tracked(short, OTHER)
    run_jobs()
    tip = git(short, "rev-parse", "main")
    tracked(short, PLAN)
    with monkeypatch.context() as patched:
        looks = count()
        patched.setattr(JobRun, "should_yield", lambda _: next(looks) > 1)
        one_job("update")
    repository = reload()
    assert repository.plan is not None
    assert (repository.plan.number, repository.head and repository.head.sha) == (2, tip)
    run_jobs()
    repository = reload()
    assert repository.plan is not None
    assert (repository.plan.number, repository.head and repository.head.sha) == (1, tip)
    assert check_against_cold_scans(repository) == 7


def test_a_force_push_during_reevaluation_restarts_it(short: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tracked(short, PLAN)
    run_jobs()
    tracked(short, OTHER)
    one_job("update")
    point(short, git(short, "rev-parse", "main~2"))
    push(short, "another way", app__e=OLD)
    tracked(short, OTHER)
    run_jobs()
    repository = reload()
    assert not repository.rejudging
    assert check_against_cold_scans(repository) == 3
    tracked(short, PLAN)
    run_jobs()
    assert check_against_cold_scans(reload()) == 3


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(commits=histories(), data=st.data())
def test_restoring_a_version_gives_the_figures_it_had(
    tmp_path_factory: pytest.TempPathFactory, commits: list[Written], data: st.DataObject
) -> None:
    """Whatever was in force between, and however far history was judged under it."""
    Repository.objects.all().delete()
    bare = tmp_path_factory.mktemp("law") / "r.git"
    write_history(bare, commits)
    tracked(bare, PLAN)
    run_jobs()
    told, drawn = rows(reload()), points(reload())
    for text in data.draw(st.lists(st.sampled_from((OTHER, THIRD, PLAN)), max_size=4)):
        tracked(bare, text)
        jobs = data.draw(st.integers(0, 3))
        for _ in range(jobs):
            if job := claim("test"):
                take(job, tasks.KINDS)
    tracked(bare, PLAN)
    run_jobs()
    assert rows(reload()) == told
    assert points(reload()) == drawn
    assert reload().line_plan == reload().plan
