"""A newer release of the scanner: what it says the same stands, what it says otherwise is judged again."""

from pathlib import Path

import pytest

from compliance import scans, tasks
from compliance.charts.series import ghosts, read
from compliance.jobs.queue import claim
from compliance.jobs.runner import JobRun, take
from compliance.models import EngineRelease, FileState, Marker, PlanVersion, Repository, Violation
from scanner import MATCHING, engine_version
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans import upstream
from tests.scans.upstream import NEW, PLAN, push
from tests.scans.verify import check_against_cold_scans, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

OLDER = "0123456789abcdef"


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", (*upstream.HISTORY, Written({"app/b.py": NEW})))
    return tmp_path / "r.git"


@pytest.fixture
def repository(origin: Path) -> Repository:
    scans.track(str(origin), slug="r", plan=PLAN)
    run_jobs()
    return again()


def again() -> Repository:
    return Repository.objects.select_related("plan", "line_plan", "chosen_plan", "head").get(slug="r")


def look() -> None:
    """What the poller does next, and all that comes of it."""
    Repository.objects.update(polled_at=None)
    scans.poll()
    run_jobs()


def recorded_by_an_older_engine(
    plan: PlanVersion | None, *, blind: bool = False, matching: int = MATCHING
) -> None:
    """Let the records be those of an engine that, if it was `blind`, did not see one of the violations, and
    that matched violations by the rules with this number.
    """
    assert plan is not None
    EngineRelease.objects.create(engine=OLDER, number=0, matching=matching)
    PlanVersion.objects.filter(pk=plan.pk).update(engine=OLDER)
    if blind:
        unseen = Violation.objects.filter(plan=plan, last=None).order_by("pk")[0]
        FileState.objects.filter(plan=plan, file=unseen.file_id, last=None).update(violations=0)
        unseen.delete()


def test_an_equal_result_keeps_the_records(repository: Repository, origin: Path) -> None:
    plan = repository.plan
    recorded_by_an_older_engine(plan)
    push(origin, "Go on", app__c=upstream.OLD)
    look()

    assert again().plan == plan
    assert PlanVersion.objects.get().engine == engine_version()
    assert not Marker.objects.filter(kind=Marker.Kind.PLAN).exists()
    check_against_cold_scans(repository)


def test_an_equal_result_of_other_matching_reevaluates_history(repository: Repository) -> None:
    plan = repository.plan
    recorded_by_an_older_engine(plan, matching=MATCHING - 1)
    look()

    now = again()
    assert now.plan is not None
    assert (now.plan.number, now.plan.engine, now.history_done) == (2, engine_version(), True)
    assert now.line_plan == now.plan
    check_against_cold_scans(now)


@pytest.mark.parametrize("pushed", [True, False], ids=["with a push", "when somebody looks"])
def test_a_different_result_reevaluates_history(repository: Repository, origin: Path, pushed: bool) -> None:
    plan = repository.plan
    recorded_by_an_older_engine(plan, blind=True)
    if pushed:
        push(origin, "Go on", app__c=upstream.OLD)
    look()

    now = again()
    assert now.plan is not None
    assert (now.plan.number, now.plan.engine, now.plan.text) == (2, engine_version(), PLAN)
    assert now.chosen_plan == now.plan
    assert ghosts(now) == [plan]
    assert now.history_done
    assert len(read(now, {}).points) == check_against_cold_scans(now) == (5 if pushed else 4)
    mark = Marker.objects.get(kind=Marker.Kind.PLAN)
    figures = "figures unchanged; "
    assert mark.text == f"plan version 2: {figures}the same plan, evaluated by a newer scanner release"

    Repository.objects.update(polled_at=None)
    scans.poll()
    assert claim("test") is None, "it is judged again once"


def test_a_plan_put_in_force_again_is_judged_by_the_engine_at_work(
    repository: Repository, origin: Path
) -> None:
    plan = repository.plan
    assert plan is not None
    recorded_by_an_older_engine(plan, blind=True)
    push(origin, "Go on", app__c=upstream.OLD)
    look()
    Repository.objects.update(chosen_plan=plan)
    push(origin, "And on", app__d=upstream.OLD)
    look()

    now = again()
    assert now.plan is not None
    assert (now.plan.number, now.plan.engine) == (2, engine_version())
    assert PlanVersion.objects.count() == 2
    check_against_cold_scans(now)


def test_a_history_half_recorded_begins_again(origin: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scans.track(str(origin), slug="r", plan=PLAN)
    job = claim("test")
    assert job is not None
    take(job, tasks.KINDS)
    with monkeypatch.context() as patched:
        looks = iter([False])
        patched.setattr(JobRun, "should_yield", lambda _: next(looks, True))
        backfill = claim("test")
        assert backfill is not None
        take(backfill, tasks.KINDS)
    half = again()
    assert not half.history_done
    recorded_by_an_older_engine(half.plan, blind=True)
    run_jobs()

    now = again()
    assert now.plan is not None
    assert (now.plan.number, now.history_done) == (2, True)
    assert check_against_cold_scans(now) == 4
