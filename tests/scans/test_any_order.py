"""Whatever happens in whatever order: the records equal those of a full refresh and of a cold scan."""

from collections import Counter
from typing import Any

import pytest
from django.contrib.auth.models import User
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance import scans
from compliance.evidence import rebuild_timeline, receive_report
from compliance.models import Baseline, Commit, Phase, Repository, TestRun, Violation, Waiver
from compliance.progress.file_status import refresh
from compliance.work.waiver_matching import apply
from tests.scanner.factories import PATHS, TEXTS
from tests.scans.verify import check_against_cold_scans, rows, run_jobs
from tests.scans.world import PLANS, TESTS, World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

FILES = st.dictionaries(st.sampled_from(PATHS), st.sampled_from((*TEXTS, None)), min_size=1, max_size=3)
STEPS = st.one_of(
    st.tuples(st.just("push"), FILES),
    st.tuples(st.just("rename"), st.tuples(st.sampled_from(PATHS), st.sampled_from(PATHS))),
    st.tuples(st.just("rewrite"), st.tuples(st.integers(1, 3), FILES)),
    st.tuples(st.just("return"), st.integers(0, 5)),
    st.tuples(st.just("waive"), st.sampled_from(("app/a.py", "app/**", "**/e.py", ""))),
    st.tuples(st.just("end"), st.integers(0, 3)),
    st.tuples(st.just("plan"), st.sampled_from(PLANS)),
    st.tuples(st.just("evidence"), st.sampled_from(TESTS)),
)


def derived(repository: Repository) -> dict[str, Any]:
    """Return the recorded rows and everything derived from them."""
    repository.refresh_from_db()
    line = Phase.objects.filter(issue__repository=repository, in_plan=True, issue__in_plan=True)
    kept = rows(repository)
    return {
        **{name: kept[name] for name in ("commits", "changes", "states", "files")},
        "violations": violations(repository),
        "phases": {
            row.key: (row.closed_by and row.closed_by.sha, row.touched)
            for row in line.select_related("closed_by")
        },
        "figures": figures(repository),
    }


def violations(repository: Repository) -> Counter[Any]:
    found = Violation.objects.filter(plan=repository.plan).select_related("file", "waiver")
    columns = ("first", "last", "rule", "line", "fingerprint", "suppressed", "silenced", "restored", "phases")
    return Counter(
        repr((row.file.path, row.waiver and row.waiver.glob, *(getattr(row, name) for name in columns)))
        for row in found
    )


def figures(repository: Repository) -> dict[int | None, Any]:
    """The figures of each commit, and what is waived at the newest one."""
    line = Commit.objects.filter(repository=repository, position__isnull=False)
    told = {}
    for commit in line:
        (row,) = [row for row in commit.snapshots.all() if row.plan_id == repository.plan_id]
        told[commit.position] = (
            row.files,
            row.clean,
            row.violations,
            row.by,
            row.new,
            row.fixed,
            row.suppressed,
            row.waived if commit.pk == repository.head_id else {},
        )
    return told


def difference(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What differs, by name: what only the one has, and what only the other."""
    found = {}
    for name, value in one.items():
        if value != other[name]:
            both = dict(value), dict(other[name])
            found[name] = [
                [item for item in both[0].items() if item not in both[1].items()],
                [item for item in both[1].items() if item not in both[0].items()],
            ]
    return found


def refreshed(repository: Repository) -> dict[str, Any]:
    """The records after everything that is derived was derived anew."""
    assert repository.plan is not None
    refresh(repository, repository.plan)
    apply(repository)
    rebuild_timeline(repository)
    return derived(repository)


def cold(world: World) -> dict[str, Any]:
    """The records of the same branch read at once, with the same waivers, evidence and baseline."""
    hot = world.repository
    repository = scans.track(str(world.folder), slug="cold", plan=world.plan)
    run_jobs()
    repository.refresh_from_db()
    assert repository.plan is not None
    kept = Baseline.objects.get(plan=hot.plan).commit
    if kept is not None:
        Baseline.objects.filter(plan=repository.plan).update(
            commit=Commit.objects.get(repository=repository, sha=kept.sha)
        )
    for waiver in Waiver.objects.filter(repository=hot, ended_at=None).order_by("pk"):
        now = waiver.violations.filter(plan=hot.plan, last__isnull=True, suppressed=False).first()
        if waiver.fingerprint and now:  # it has followed its violation
            waiver.glob, waiver.fingerprint = now.file.path, now.fingerprint
        waiver.pk, waiver.repository = None, repository
        waiver.save()
    for run in TestRun.objects.filter(repository=hot).order_by("received_at", "pk"):
        body = TESTS[run.cases.get().outcome != "passed"]
        receive_report(repository, run.sha, body, at=run.received_at)
    return refreshed(repository)


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(STEPS, min_size=2, max_size=10))
def test_incremental_records_equal_a_full_refresh_and_a_cold_scan(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, Any]]
) -> None:
    Repository.objects.all().delete()
    User.objects.all().delete()
    world = World(tmp_path_factory.mktemp("order") / "r.git", User.objects.create_user("ann"))
    for step in steps:
        world.do(*step)
        before = derived(world.repository)
        assert not difference(before, refreshed(world.repository)), step
    told, fresh = derived(world.repository), cold(world)
    assert not difference(told, fresh)
    check_against_cold_scans(world.repository)
