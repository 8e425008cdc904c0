"""`history --all-commits`: every commit once, after its parents, compared with the first of them."""

import subprocess
import sys
from pathlib import Path

import pytest

from scanner import Walker, compare, open_repository, read_plan
from tests.scanner.command import PROJECT, run
from tests.scanner.history import Commit, write_history

pytestmark = pytest.mark.slow

PLAN = """\
version: 1
name: Small
rules: [{id: old, kind: deprecated-symbol, symbols: [pkg.old.get]}]
"""
USE = "from pkg.old import get\n\n\ndef run():\n    return get()\n"
CLEAN = "def run():\n    return 1\n"

# Two branches that cross, a merge that mends on its own, a second beginning that is merged.
MERGED = [
    Commit({"pkg/old.py": "def get():\n    return 1\n"}, subject="begin"),
    Commit({"a.py": USE}, (0,), "main adds a"),
    Commit({"b.py": USE}, (0,), "branch adds b"),
    Commit({"b.py": CLEAN, "c.py": USE}, (2,), "branch mends b, adds c"),
    Commit({"b.py": CLEAN, "c.py": USE}, (1, 3), "main merges branch"),
    Commit({"a.py": CLEAN, "b.py": CLEAN, "c.py": CLEAN}, (3, 4), "branch merges main and mends all"),
    Commit({"d.py": USE}, (), "another beginning"),
    Commit({"d.py": USE, "e.py": "def broken(:\n    get(\n"}, (4, 6), "main merges the other beginning"),
    Commit({"a.py": CLEAN, "c.py": CLEAN}, (7, 5), "main merges branch again"),
]


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN)
    return path


def test_every_commit_is_there_once_after_its_parents(tmp_path: Path, plan: Path) -> None:
    shas = write_history(tmp_path / "r.git", MERGED)
    rows = run("history", tmp_path / "r.git", "--plan", plan, "--all-commits", "--format", "json").values
    seen = [row["commit"] for row in rows]
    assert sorted(seen) == sorted(shas)
    for number, commit in enumerate(MERGED):
        parents = commit.parents if commit.parents is not None else ((number - 1,) if number else ())
        assert all(seen.index(shas[parent]) < seen.index(shas[number]) for parent in parents)


def test_each_row_is_a_cold_scan_compared_with_the_first_parent(tmp_path: Path, plan: Path) -> None:
    write_history(tmp_path / "r.git", MERGED)
    rows = run("history", tmp_path / "r.git", "--plan", plan, "--all-commits", "--format", "json").values
    with open_repository(str(tmp_path / "r.git")) as repository:
        for row in rows:
            revision = repository.revision(row["commit"])
            with Walker(repository, read_plan(PLAN, "plan.yaml")) as walker:
                visit = list(walker.walk([*revision.parents[:1], revision]))[-1]
                comparison = compare(visit.difference)
                faulty = sorted(path for path, result in visit.files.items() if result.unparsed)
            assert row["violations"] == visit.tally.violations
            assert (row["new"], row["fixed"]) == (len(comparison.new), len(comparison.fixed)), row["subject"]
            assert [fault["path"] for fault in row["unparsed"]] == faulty
    by_subject = {row["subject"]: (row["new"], row["fixed"]) for row in rows}
    assert by_subject["main merges branch"] == (2, 0)
    assert by_subject["branch merges main and mends all"] == (0, 2)
    assert by_subject["another beginning"] == (2, 0)
    assert by_subject["main merges the other beginning"] == (3, 0)
    assert by_subject["main merges branch again"] == (0, 4)


def test_without_the_option_the_first_parents_alone_are_shown(tmp_path: Path, plan: Path) -> None:
    write_history(tmp_path / "r.git", MERGED)
    rows = run("history", tmp_path / "r.git", "--plan", plan, "--format", "json").values
    assert [row["subject"] for row in rows] == [MERGED[number].subject for number in (0, 1, 4, 7, 8)]


def test_since_a_day_compares_with_parents_that_are_older(tmp_path: Path, plan: Path) -> None:
    write_history(tmp_path / "r.git", MERGED)
    options = ("--plan", plan, "--all-commits", "--since", "2023-11-18", "--format", "json")
    rows = run("history", tmp_path / "r.git", *options).values
    assert {row["subject"] for row in rows} == {commit.subject for commit in MERGED[4:]}
    (merge,) = [row for row in rows if row["subject"] == "main merges branch"]
    assert (merge["new"], merge["fixed"]) == (2, 0)


def test_memory_does_not_grow_with_the_length_of_history(tmp_path: Path, plan: Path) -> None:
    # The kernel's own figure for a child begins with that of its parent, so the process asks itself.
    program = (
        "import sys, scanner.__main__ as command\n"
        "command.main(sys.argv[1:])\n"
        "print(*[line.split()[1] for line in open('/proc/self/status') if 'VmHWM' in line], file=sys.stderr)"
    )
    peaks = []
    for length in (300, 3000):
        commits = [Commit({f"m{n % 7}.py": f"# {n}\n{USE if n % 3 else CLEAN}"}) for n in range(length)]
        folder = tmp_path / f"{length}.git"
        write_history(folder, commits)
        command = [
            sys.executable,
            "-c",
            program,
            "history",
            str(folder),
            "--plan",
            str(plan),
        ]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)
        assert len(done.stdout.splitlines()) == length
        peaks.append(int(done.stderr.split()[-1]) / 1024)
    print(peaks)
    assert peaks[1] < peaks[0] + 4


COUNTING = f"""{PLAN}
categories: {{test: ["tests/**"], tool: ["tools/**"]}}
compliance_counts: [production, tool]
"""
COMMENTED = USE.replace("get()", "get()  # ssot: ignore[old] because it waits")
ACROSS = [
    Commit({"pkg/old.py": "def get():\n    return 1\n", "tests/a.py": USE, "b.py": CLEAN}),
    Commit({"b.py": USE, "tests/b.py": USE}, subject="2 more that count, 2 that do not"),
    Commit({"tests/a.py": None, "tools/a.py": USE}, subject="2 come into the counted categories"),
    Commit({"b.py": None, "tools/b.py": USE}, subject="moved between two that count"),
    Commit({"tools/b.py": None, "tests/c.py": USE}, subject="2 leave them"),
    Commit({"tools/a.py": COMMENTED, "tests/c.py": COMMENTED}, subject="one suppressed"),
    Commit({"tools/a.py": USE}, subject="and back"),
    Commit({"tools/a.py": CLEAN, "tests/c.py": CLEAN, "tests/b.py": None}, subject="all fixed"),
]


def test_the_movement_adds_up_over_the_counted_categories(tmp_path: Path) -> None:
    write_history(tmp_path / "r.git", ACROSS)
    (tmp_path / "plan.yaml").write_text(COUNTING)
    options = (tmp_path / "r.git", "--plan", tmp_path / "plan.yaml")
    rows = run("history", *options, "--format", "json").values
    names = ("new", "fixed", "newly_suppressed", "restored", "moved_in", "moved_out")
    before = 0
    for row in rows:
        new, fixed, hidden, restored, came, left = (row[name] for name in names)
        assert before + new + restored + came - fixed - hidden - left == row["violations"], row["subject"]
        before = row["violations"]
    assert [tuple(row[name] for name in names) for row in rows[1:]] == [
        (2, 0, 0, 0, 0, 0),
        (0, 0, 0, 0, 2, 0),
        (0, 0, 0, 0, 0, 0),
        (0, 0, 0, 0, 0, 2),
        (0, 0, 1, 0, 0, 0),
        (0, 0, 0, 1, 0, 0),
        (0, 2, 0, 0, 0, 0),
    ]
    lines = run("history", *options, "--format", "csv").out.splitlines()
    assert lines[0].endswith(",".join([*names, "plan_digest"]))
    assert [line.split(",")[-7:-1] for line in lines[1:]] == [
        [str(row[name]) for name in names] for row in rows
    ]
