"""A commit that changes many files costs what it changes, whatever the statistics of the tables say."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from compliance import scans
from compliance.models import File, Repository, Snapshot
from tests.scanner.history import Commit as Written
from tests.scanner.history import write_history
from tests.scans.rows_read import STATISTICS, mislead, rows_read
from tests.scans.upstream import NEW, OLD, PLAN, git, push
from tests.scans.verify import check_against_cold_scans, run_jobs
from tests.work.factories import waive

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

SMALL, LARGE = 60, 240
HOME = {"app/home.py": "def get_it():\n    return 1\n"}
Files = dict[str, str | None]


def many(number: int, text: str | None = OLD, folder: str = "app") -> Files:
    return {f"{folder}/m{n}.py": text and f"{text}y = {n}\n" for n in range(number)}


def twenty(_: int) -> Files:
    return {f"app/s{n}.py": f"x = {n}\n" for n in range(20)}


def renamed(number: int) -> Files:
    return {**many(number, None), **many(number, folder="lib")}


CHANGES: dict[str, tuple[Callable[[int], Files], Callable[[int], Files]]] = {
    "added to one file": (lambda _: {}, many),
    "added to twenty files": (twenty, many),
    "modified": (many, lambda n: many(n, f"import os\n{OLD}")),
    "fixed": (many, lambda n: many(n, NEW)),
    "broken": (lambda n: many(n, NEW), many),
    "renamed": (many, renamed),
    "deleted": (many, lambda n: many(n, None)),
    "one file with many violations": (
        lambda n: {"app/a.py": OLD + "get_it()\n" * n},
        lambda n: {"app/a.py": f"import os\n{OLD}" + "get_it()\n" * n},
    ),
}


@pytest.fixture(params=["analyzed", *STATISTICS], autouse=True)
def statistics(request: pytest.FixtureRequest) -> str:
    """What the planner is told of the tables before the second commit is recorded."""
    return str(request.param)


def record(folder: Path, plan: str | None = None) -> int:
    """Record the branch's tip; return the number of rows that were read for it."""
    scans.track(str(folder), slug=folder.name, plan=plan)
    before = rows_read()
    run_jobs()
    return rows_read() - before


def begin(folder: Path, before: Files, after: Files, statistics: str) -> str:
    """Record the first of two commits, and give the planner statistics of before the second; the latter."""
    first, second = write_history(folder, [Written({**HOME, **before}), Written(after)])
    git(folder, "update-ref", "refs/heads/main", first)
    record(folder, PLAN)
    mislead(statistics)
    return second


def cost(folder: Path, before: Files, after: Files, statistics: str) -> int:
    """Return the rows that are read to record the second of two commits."""
    git(folder, "update-ref", "refs/heads/main", begin(folder, before, after, statistics))
    return record(folder)


@pytest.mark.parametrize("change", CHANGES)
def test_a_large_commit_reads_rows_in_proportion_to_what_it_changes(
    tmp_path: Path, change: str, statistics: str
) -> None:
    before, after = CHANGES[change]

    small = cost(tmp_path / "small", before(SMALL), after(SMALL), statistics)
    large = cost(tmp_path / "large", before(LARGE), after(LARGE), statistics)

    assert large < 1.5 * LARGE / SMALL * small
    check_against_cold_scans(Repository.objects.get(slug="large"))


def rollback_cost(folder: Path, number: int, statistics: str) -> int:
    """Return the rows that are read when a force push replaces a commit with so many files by another."""
    cost(folder, {}, many(number), statistics)
    git(folder, "update-ref", "refs/heads/main", "main~1")
    push(folder, "Another way", **dict.fromkeys(many(number, folder="app__lib"), OLD))
    return record(folder)


def test_a_force_push_reads_rows_in_proportion_to_what_it_changes(tmp_path: Path, statistics: str) -> None:
    small = rollback_cost(tmp_path / "small", SMALL, statistics)
    large = rollback_cost(tmp_path / "large", LARGE, statistics)

    assert large < 1.5 * LARGE / SMALL * small
    check_against_cold_scans(Repository.objects.get(slug="large"))


def waived_cost(folder: Path, number: int, statistics: str) -> int:
    """Return the rows that are read to record files that are waived as soon as they are there."""
    second = begin(folder, {}, many(number), statistics)
    repository = Repository.objects.get(slug=folder.name)
    manager, _ = User.objects.get_or_create(username="manager", is_superuser=True)
    for glob in ("app/m1*.py", "app/*.py"):
        waive(repository, manager, "Later.", None, glob=glob)
    git(folder, "update-ref", "refs/heads/main", second)
    return record(folder)


def test_waivers_of_new_files_read_rows_in_proportion_to_them(tmp_path: Path, statistics: str) -> None:
    small = waived_cost(tmp_path / "small", SMALL, statistics)
    large = waived_cost(tmp_path / "large", LARGE, statistics)

    assert large < 1.5 * LARGE / SMALL * small
    waived = File.objects.filter(status=File.Status.WAIVED, path__startswith="app/m")
    assert waived.count() == SMALL + LARGE


def plan_change_cost(folder: Path, number: int, statistics: str) -> int:
    """Return the rows that are read to activate a plan with another risk on a tree of so many files."""
    cost(folder, {}, many(number), statistics)
    mislead(statistics)
    return record(folder, PLAN.replace("call: high", "call: low"))


def test_a_plan_change_reads_rows_in_proportion_to_the_tree(tmp_path: Path, statistics: str) -> None:
    small = plan_change_cost(tmp_path / "small", SMALL, statistics)
    large = plan_change_cost(tmp_path / "large", LARGE, statistics)

    assert large < 1.5 * LARGE / SMALL * small


def waived_history_cost(folder: Path, number: int, statistics: str) -> int:
    """Return the rows that are read to subtract waivers from a history that another plan evaluates anew."""
    waived_cost(folder, number, statistics)
    push(folder, "Something else", app__other="z = 1\n")
    record(folder)
    mislead(statistics)
    return record(folder, PLAN.replace("call: high", "call: low"))


def test_waivers_of_the_past_read_rows_in_proportion_to_them(tmp_path: Path, statistics: str) -> None:
    small = waived_history_cost(tmp_path / "small", SMALL, statistics)
    large = waived_history_cost(tmp_path / "large", LARGE, statistics)

    assert large < 1.5 * LARGE / SMALL * small
    figures = Snapshot.objects.filter(plan__repository__slug="large").exclude(waived={})
    assert {row.waived["violations"] for row in figures} == {1, 2 * LARGE + 1}  # one is in app/home.py
