"""The baseline is chosen once, and what happens later does not move it: regressions stay regressions."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance import scans
from compliance.models import Baseline, Commit, Repository
from compliance.work.waivers import end
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.factories import OTHER, PHASED, point
from tests.scans.measured import (
    FOUR,
    baseline,
    check_a_full_refresh_changes_nothing,
    regressions,
    starting,
    told,
    tracked,
)
from tests.scans.upstream import NEW, OLD, again, git, push, status
from tests.scans.verify import run_jobs
from tests.work.factories import waive

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", [FOUR])
    return tmp_path / "r.git"


@pytest.mark.parametrize("glob", ["", "app/a.py", "app/[ac].py", "app/*.py"])
def test_what_breaks_again_is_regressed_whatever_is_waived(folder: Path, glob: str) -> None:
    repository = tracked(folder)
    first = baseline(repository)
    if glob:
        waive(repository, User.objects.create_user("ben"), "Stays", None, glob=glob)
    push(folder, "Fix", app__b=NEW)
    again(repository)
    push(folder, "Break", app__b=OLD)
    repository = again(repository)

    assert regressions() == [(3, "app/b.py")]
    assert status("app/b.py") == ("waived" if glob == "app/*.py" else "regressed")
    assert baseline(repository) == first
    check_a_full_refresh_changes_nothing(repository)


def test_an_ended_waiver_moves_no_baseline(folder: Path) -> None:
    repository = tracked(folder)
    first = baseline(repository)
    waiver = waive(repository, User.objects.create_user("ben"), "Stays", None, glob="app/a.py")
    push(folder, "Fix", app__b=NEW)
    again(repository)
    end(waiver)
    push(folder, "Break", app__b=OLD)
    repository = again(repository)

    assert (regressions(), baseline(repository)) == ([(3, "app/b.py")], first)
    check_a_full_refresh_changes_nothing(repository)


@pytest.mark.parametrize("together", [False, True])
def test_a_commit_with_more_violations_than_ever_does_not_become_the_baseline(
    folder: Path, together: bool
) -> None:
    repository = tracked(folder)
    first = baseline(repository)
    pushes: tuple[dict[str, str], ...] = (
        {"app__a": NEW},
        {"app__a": OLD},
        {"app__b": NEW},
        {"app__b": OLD, "app__e": OLD, "app__f": OLD},
        {"app__g": OLD},
    )
    for files in pushes:
        push(folder, "Change", **files)
        if not together:
            again(repository)
    repository = again(repository)

    assert regressions() == [(3, "app/a.py"), (5, "app/b.py")]
    assert baseline(repository) == first
    check_a_full_refresh_changes_nothing(repository)


def test_of_the_history_before_the_plan_the_worst_commit_is_the_baseline(folder: Path) -> None:
    worst = push(folder, "More", app__e=OLD)
    push(folder, "Fix", app__a=NEW)
    push(folder, "Break", app__a=OLD)  # as bad as the worst: the first of them is it
    repository = tracked(folder)
    push(folder, "Worse than ever", app__f=OLD, app__g=OLD)
    repository = again(repository)

    assert baseline(repository) == worst
    assert regressions() == [(4, "app/a.py")]
    check_a_full_refresh_changes_nothing(repository)


@pytest.mark.parametrize(
    ("day", "position"),
    [("2023-11-16", 2), ("2023-11-17", 3), ("2023-11-01", 1), ("2023-11-15", 1)],
)
def test_a_phase_that_starts_sets_the_baseline(tmp_path: Path, day: str, position: int) -> None:
    folder = tmp_path / "r.git"
    line = write_history(
        folder, [FOUR, Written({"app/a.py": NEW}), Written({"app/b.py": NEW}), Written({"app/c.py": NEW})]
    )
    whole = tracked(folder, starting(day))
    assert baseline(whole) == line[position - 1]
    push(folder, "Worse", app__a=OLD, app__b=OLD, app__c=OLD, app__e=OLD)
    again(whole)
    assert baseline(whole) == line[position - 1]
    Repository.objects.all().delete()
    for sha in line:  # the same one push at a time
        point(folder, sha)
        pushed = tracked(folder, starting(day))
        check_a_full_refresh_changes_nothing(pushed)
    assert baseline(pushed) == line[position - 1]


def test_another_plan_keeps_the_baseline_unless_its_first_phase_starts_on_another_day(folder: Path) -> None:
    repository = tracked(folder)
    first = baseline(repository)
    push(folder, "Worse", app__e=OLD)
    again(repository)
    assert baseline(tracked(folder, PHASED.replace("call: high", "call: low"))) == first
    tip = git(folder, "rev-parse", "main")
    assert baseline(tracked(folder, starting("2023-11-01"))) == tip  # no commit is so old: the worst one
    push(folder, "Worse still", app__f=OLD)
    assert baseline(again(repository)) == tip
    assert baseline(tracked(folder, PHASED)) == first
    assert baseline(tracked(folder, OTHER)) == first


def test_a_baseline_that_a_force_push_removed_is_chosen_anew(folder: Path) -> None:
    push(folder, "More", app__e=OLD)
    repository = tracked(folder)
    gone = baseline(repository)
    assert gone == git(folder, "rev-parse", "main")
    point(folder, git(folder, "rev-parse", "main~1"))
    tip = push(folder, "Otherwise", app__e=OLD, app__f=NEW)
    push(folder, "Fix", app__a=NEW)
    push(folder, "Break", app__a=OLD, app__f=OLD)
    repository = again(repository)
    assert baseline(repository) == tip
    assert regressions() == [(4, "app/a.py"), (4, "app/f.py")]
    check_a_full_refresh_changes_nothing(repository)
    point(folder, git(folder, "rev-parse", "main~2"))
    repository = again(repository)
    assert (baseline(repository), regressions()) == (tip, [])
    check_a_full_refresh_changes_nothing(repository)


def test_the_plan_page_and_the_api_name_the_baseline(folder: Path) -> None:
    repository = tracked(folder)
    client = Client()
    client.force_login(User.objects.create_user("ada", is_staff=True))
    sha = baseline(repository)
    page = client.get("/repositories/r/plan/").content.decode()
    assert f"measured from commit {sha[:10]} of 14 Nov 2023, the one with the most violations when" in page
    assert client.get("/api/v1/repositories/r/plans/1").json()["baseline"] == sha
    assert Commit.objects.get(sha=sha).position == 1


def test_waivers_survive_a_force_push_to_an_older_commit(folder: Path) -> None:
    repository = tracked(folder)
    first = git(folder, "rev-parse", "main")
    push(folder, "Fix", app__a=NEW)
    again(repository)
    waive(repository, User.objects.create_user("ben"), "Stays", None, glob="app/*.py")
    point(folder, first)
    repository = again(repository)
    assert {status(f"app/{name}.py") for name in "abcd"} == {"waived"}
    check_a_full_refresh_changes_nothing(repository)


@pytest.mark.parametrize("chosen_by", ["product", "manager"])
def test_a_force_push_that_is_taken_back_restores_the_baseline(folder: Path, chosen_by: str) -> None:
    worst = push(folder, "More", app__e=OLD)
    tip = push(folder, "Fix", app__a=NEW)
    repository = tracked(folder)
    expected = worst
    if chosen_by == "manager":
        expected = scans.set_baseline(repository, tip, User.objects.create_user("boss")).sha
        run_jobs()
    before = told(repository)
    point(folder, git(folder, "rev-parse", "main~2"))
    repository = again(repository)
    assert baseline(repository) == git(folder, "rev-parse", "main"), "the only commit that is left"
    check_a_full_refresh_changes_nothing(repository)
    point(folder, tip)
    repository = again(repository)
    assert baseline(repository) == expected
    assert told(repository) == before
    row = Baseline.objects.get(plan=repository.plan)
    assert (row.tip, row.removed, bool(row.person)) == (3, None, chosen_by == "manager")
    check_a_full_refresh_changes_nothing(repository)


def test_a_manager_who_sets_a_baseline_meanwhile_is_heeded(folder: Path) -> None:
    push(folder, "More", app__e=OLD)
    tip = push(folder, "More still", app__f=OLD)
    repository = tracked(folder)
    assert baseline(repository) == tip
    first = git(folder, "rev-parse", "main~2")
    point(folder, git(folder, "rev-parse", "main~1"))
    repository = again(repository)
    scans.set_baseline(repository, first, User.objects.create_user("boss"))
    run_jobs()
    point(folder, tip)
    assert baseline(again(repository)) == first
