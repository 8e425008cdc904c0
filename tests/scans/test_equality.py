"""What is recorded equals what a cold scan says, whichever way the records were written."""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance import scans
from compliance.management.demo import build
from compliance.models import Commit, Repository
from tests.scanner.factories import histories
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.factories import by_history, by_pushes, copy_of, point
from tests.scans.upstream import PLAN
from tests.scans.verify import check_against_cold_scans, rows, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(commits=histories())
def test_both_ways_of_recording_say_what_cold_scans_say(
    tmp_path_factory: pytest.TempPathFactory, commits: list[Written]
) -> None:
    Repository.objects.all().delete()
    folder = tmp_path_factory.mktemp("law") / "r.git"
    write_history(folder, commits)
    backward = by_history(folder, "backward")
    check_against_cold_scans(backward)
    forward = by_pushes(copy_of(folder), "forward")
    assert forward != backward
    check_against_cold_scans(forward)
    told = [apart_from_the_baseline(rows(each)) for each in (backward, forward)]
    for name in ("commits", "snapshots", "changes", "states", "violations"):
        assert told[0][name] == told[1][name], name


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(commits=histories(), data=st.data())
def test_records_after_force_pushes_equal_cold_scans(
    tmp_path_factory: pytest.TempPathFactory, commits: list[Written], data: st.DataObject
) -> None:
    Repository.objects.all().delete()
    folder = tmp_path_factory.mktemp("law") / "r.git"
    shas = write_history(folder, commits)
    for number, sha in enumerate(data.draw(st.lists(st.sampled_from(shas), min_size=2, max_size=5))):
        point(folder, sha)
        forced = scans.track(str(folder), slug="forced", plan=PLAN)
        if data.draw(st.booleans(), label=f"history is read after push {number}"):
            run_jobs()
            check_against_cold_scans(forced)
    run_jobs()
    forced.refresh_from_db()
    assert forced.head is not None
    assert forced.head.sha == sha
    assert check_against_cold_scans(forced) == forced.line_length
    straight = by_history(copy_of(folder), "straight")
    assert straight != forced
    told = [apart_from_the_baseline(rows(each)) for each in (forced, straight)]
    for name in ("commits", "snapshots", "changes", "states", "violations"):
        assert told[0][name] == told[1][name], name


def apart_from_the_baseline(recorded: dict[str, Counter[Any]]) -> dict[str, Counter[Any]]:
    """Rows without what depends on the baseline, which is among the first commits that were pushed."""
    changes: Counter[Any] = Counter()
    for row, times in recorded["changes"].items():
        changes[tuple(pair for pair in row if pair[0] != "regression")] += times
    return {**recorded, "changes": changes}


def test_recording_twice_changes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "demonstration.git"
    build(folder)
    repository = scans.track(str(folder), slug="demo")
    run_jobs()
    before = rows(repository)
    scans.track(str(folder), slug="demo")
    run_jobs()
    Repository.objects.update(history_done=False)
    scans.track(str(folder), slug="demo")
    run_jobs()
    assert rows(repository) == before
    assert sum(before["commits"].values()) == Commit.objects.count() == repository.line_length
    some = random.Random(7).sample(range(1, repository.line_length + 1), 50)
    assert check_against_cold_scans(repository, some) == 50
