"""A walker's knowledge is kept in a process and in Postgres, and using either changes no record."""

from collections import OrderedDict
from itertools import count
from pathlib import Path

import pytest

from compliance import scans
from compliance.jobs import JobRun
from compliance.models import Repository, WalkPart
from compliance.scans import walker_state
from scanner import DamagedRepositoryError
from scanner import Repository as GitRepository
from tests.scanner.history import write_history
from tests.scans.factories import OTHER, by_history, copy_of, point
from tests.scans.upstream import HISTORY, NEW, OLD, PLAN, again, git, push, tracked
from tests.scans.verify import check_against_cold_scans, rows, run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

KEPT = walker_state._kept


@pytest.fixture(autouse=True)
def forgotten() -> None:
    KEPT.states.clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", list(HISTORY))
    return tmp_path / "r.git"


def check(repository: Repository, folder: Path) -> None:
    """The rows are those of a history that was recorded at once."""
    check_against_cold_scans(repository)
    copy = copy_of(folder, Repository.objects.count())
    straight = by_history(copy, copy.stem)
    assert straight != repository
    told = rows(repository), rows(straight)
    for name in told[0]:
        assert told[0][name] == told[1][name], name


@pytest.mark.parametrize("another_process", [False, True])
def test_pushes_equal_a_history_recorded_at_once(folder: Path, another_process: bool) -> None:
    repository = tracked(folder)
    for number, text in enumerate((NEW, OLD, f"{OLD}{OLD}", NEW)):
        push(folder, f"Change {number}", app__b=text, app__c=f"x = {number}\n")
        if another_process:
            KEPT.states.clear()
        repository = again(repository)
    check(repository, folder)


def test_a_push_lists_no_tree(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = tracked(folder)

    def fail(*_: object) -> tuple[tuple[bytes, str], ...]:
        raise DamagedRepositoryError("The tree was listed.")

    with monkeypatch.context() as broken:
        broken.setattr(GitRepository, "files", fail)
        for name in ("app__b", "app__d"):
            tip = push(folder, "Change", **{name: OLD.replace("x", "y")})
            KEPT.states.clear()
            repository = again(repository)
            assert repository.head is not None
            assert repository.head.sha == tip
            tip = push(folder, "Change once more", **{name: OLD})
            repository = again(repository)
            assert repository.head is not None
            assert repository.head.sha == tip
    check(repository, folder)


def test_what_another_process_recorded_is_not_missed(folder: Path) -> None:
    repository = tracked(folder)
    push(folder, "Here", app__b=NEW)
    repository = again(repository)
    here = OrderedDict(KEPT.states)
    assert here
    KEPT.states.clear()
    push(folder, "There", app__b=OLD, app__e=OLD)
    repository = again(repository)
    KEPT.states.clear()
    KEPT.states.update(here)
    push(folder, "Here again", app__e=NEW)
    repository = again(repository)
    check(repository, folder)


def test_a_history_recorded_in_slices_lists_its_tree_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        push(folder, f"Change {number}", app__b=f"{OLD}y = {number}\n")
    repository = scans.track(str(folder), slug="sliced", plan=PLAN)
    listed = []
    files = GitRepository.files

    def note(git: GitRepository, sha: str) -> tuple[tuple[bytes, str], ...]:
        listed.append(sha)
        return files(git, sha)

    with monkeypatch.context() as sliced:
        sliced.setattr(GitRepository, "files", note)
        looks = count()
        sliced.setattr(JobRun, "should_yield", lambda _: next(looks) % 3 == 2)
        run_jobs()
    assert len(listed) == 2, "once for the tip and once for the history"
    assert not any(key < 0 for key in KEPT.states), "nothing is kept of a complete history"
    repository.refresh_from_db()
    assert repository.history_done
    check(repository, folder)


@pytest.mark.parametrize("another_process", [False, True])
def test_a_force_push_returns_to_an_earlier_state(folder: Path, another_process: bool) -> None:
    repository = tracked(folder)
    former = git(folder, "rev-parse", "main")
    push(folder, "Move it", app__b=f"import os\n\n\n{OLD}", app__home=None, app__house="def get_it(): 1\n")
    repository = again(repository)
    point(folder, former)
    push(folder, "Another way", app__b=f"import sys\n\n{OLD}")
    if another_process:
        KEPT.states.clear()
    repository = again(repository)
    check(repository, folder)
    push(folder, "Go on", app__b=NEW)
    repository = again(repository)
    check(repository, folder)


def test_a_commit_that_the_mirror_has_lost_is_not_needed(folder: Path) -> None:
    repository = tracked(folder)
    WalkPart.objects.update(sha="1" * 40)
    push(folder, "Change", app__b=NEW)
    repository = again(repository)
    check(repository, folder)
    assert set(WalkPart.objects.filter(plan=repository.plan).values_list("sha", flat=True)) == {
        git(folder, "rev-parse", "main")
    }


def test_damaged_parts_are_replaced(folder: Path) -> None:
    repository = tracked(folder)
    WalkPart.objects.update(body=b"something else")
    push(folder, "Change", app__b=NEW)
    repository = again(repository)
    check(repository, folder)
    part = WalkPart.objects.get(plan=repository.plan)
    assert part.is_full
    assert bytes(part.body) != b"something else"


def test_only_the_active_version_has_parts(folder: Path) -> None:
    repository = tracked(folder)
    push(folder, "Change", app__b=NEW)
    repository = again(repository)
    repository = tracked(folder, OTHER)
    assert set(WalkPart.objects.values_list("plan", flat=True)) == {repository.plan_id}
    push(folder, "Change once more", app__b=OLD)
    repository = again(repository)
    check_against_cold_scans(repository)
    repository = tracked(folder, PLAN)
    push(folder, "And again", app__b=NEW)
    repository = again(repository)
    check_against_cold_scans(repository)


def test_many_steps_are_replaced_by_a_full_part(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walker_state, "_SMALL", 100)
    repository = tracked(folder)
    seen = set()
    for number in range(6):
        push(folder, "Change", app__b=f"{OLD}y = {number}\n")
        repository = again(repository)
        parts = list(WalkPart.objects.filter(plan=repository.plan).order_by("pk"))
        assert [part.is_full for part in parts] == [True] + [False] * (len(parts) - 1)
        assert parts[-1].sha == git(folder, "rev-parse", "main")
        seen.add(len(parts))
    assert 1 in seen
    assert max(seen) > 1
    check(repository, folder)


def test_the_least_recently_used_state_is_forgotten(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(walker_state, "MOST_FILES", 5)
    repository = tracked(folder)
    copy = copy_of(folder)
    other = by_history(copy, "other")
    for changed, place in ((repository, folder), (other, copy)):
        push(place, "Change", app__b=f"{OLD}y = {changed.pk}\n")
        again(changed)
        assert set(KEPT.states) == {changed.plan_id}
    assert set(KEPT.states) == {other.plan_id}
