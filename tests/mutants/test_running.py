"""A whole run over a small product: recorded, planted, killed, resumed, and nothing left behind."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutants.copies import Copy
from tests.mutants.lane import Lane, Outcome
from tests.mutants.line_map import LineMap
from tests.mutants.mutant import Mutant
from tests.mutants.python_source import mutants_of
from tests.mutants.report import report
from tests.mutants.results import Results
from tests.mutants.selection import Selection

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PRODUCT = """\
LIMIT = 3


def small(x):
    return x < LIMIT


def forked(x):
    return x + 1


def wait(x):
    while x < 10:
        x += 1
    return x


def unused(x):
    return x * 2
"""
TESTS = """\
import subprocess
import sys
import time

from scanner import tiny


def test_small():
    assert tiny.small(2) and not tiny.small(3)


def test_of_another_process():
    code = "import sys; sys.path.insert(0, '.'); from scanner import tiny; print(tiny.forked(1))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "2\\n"


def test_wait():
    assert tiny.wait(3) == 10
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with a product of one module, and with this tool."""
    for name, text in (
        ("scanner/__init__.py", ""),
        ("scanner/tiny.py", PRODUCT),
        ("tests/__init__.py", ""),
        ("tests/scanner/__init__.py", ""),
        ("tests/scanner/test_tiny.py", TESTS),
        ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = '-ra --import-mode=importlib'\n"),
        (".gitignore", "build/\n.venv\nnode_modules\n__pycache__/\n"),
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    shutil.copytree(ROOT / "tests" / "mutants", tmp_path / "tests" / "mutants")
    for link in (".venv", "node_modules"):
        (tmp_path / link).symlink_to(ROOT / link)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    return tmp_path


def record(root: Path, *modules: str) -> None:
    """Record the lines of test modules."""
    environment = {
        **os.environ,
        "MUTANTS_MAP": str(root / "build"),
        "PYTHONPATH": str(root / "tests" / "mutants" / "site"),
    }
    options = ("-q", "-p", "tests.mutants.recorder", "-p", "no:django")
    command = [sys.executable, "-m", "pytest", *options, *modules]
    subprocess.run(command, cwd=root, env=environment, check=True)


@pytest.fixture
def lines(root: Path) -> LineMap:
    """The recorded lines of its tests."""
    folder = root / "build"
    folder.mkdir()
    module = "tests/scanner/test_tiny.py"
    record(root, module)
    found = LineMap(folder / "map.sqlite", root)
    assert found.outdated([module]) == []
    return found


@pytest.fixture
def lane(root: Path) -> Iterator[Lane]:
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    lane = Lane(Copy(root, root / "build" / "lane"), "node", environment, lambda: None)
    yield lane
    lane.close()


def one(operator: str, was: str) -> Mutant:
    found = mutants_of("scanner/tiny.py", PRODUCT.encode())
    return next(each for each in found if (each.operator, each.was) == (operator, was))


def test_the_tests_of_a_line_are_found_in_whatever_process_it_runs(root: Path, lines: LineMap) -> None:
    place = "tests/scanner/test_tiny.py::test_"
    selection = Selection(root, lines, lines.seconds)
    expected = {
        ("comparison", "x < LIMIT"): ["small"],
        ("constant", "3"): ["small"],  # a name at the top: the tests of the lines that use it
        ("arithmetic", "x + 1"): ["of_another_process"],
        ("arithmetic", "x += 1"): ["wait"],
    }
    for (operator, was), names in expected.items():
        assert selection.tests_for(one(operator, was)) == [f"{place}{name}" for name in names], was
    # Nothing runs this line, so the module's tests are asked.
    assert len(selection.tests_for(one("arithmetic", "x * 2"))) == 3


def test_modules_whose_tests_are_not_run_in_one_go_are_recorded_whole(root: Path, lines: LineMap) -> None:
    (root / "tests" / "scanner" / "test_other.py").write_text("def test_other():\n    pass\n")
    (root / "tests" / "scanner" / "conftest.py").write_text(
        "def pytest_collection_modifyitems(items):\n"
        "    items.sort(key=lambda item: (item.name != 'test_small', 'test_other' not in item.name))\n"
    )
    (root / "build" / "map.sqlite").unlink()
    record(root, "tests/scanner/test_tiny.py", "tests/scanner/test_other.py")
    again = LineMap(root / "build" / "map.sqlite", root)
    assert again.outdated(["tests/scanner/test_tiny.py", "tests/scanner/test_other.py"]) == []
    assert again.seconds.keys() == {*lines.seconds, "tests/scanner/test_other.py::test_other"}
    assert again.executed("scanner/tiny.py") == lines.executed("scanner/tiny.py")


def test_tests_that_were_renamed_since_they_were_recorded_are_not_chosen(root: Path, lines: LineMap) -> None:
    small = "tests/scanner/test_tiny.py::test_small"
    selection = Selection(root, lines, lines.seconds.keys() - {small})
    assert small in Selection(root, lines, lines.seconds).tests_for(one("comparison", "x < LIMIT"))
    assert small not in selection.tests_for(one("comparison", "x < LIMIT"))


def test_lines_that_moved_since_they_were_recorded_keep_their_tests(root: Path, lines: LineMap) -> None:
    file = root / "scanner" / "tiny.py"
    file.write_text("import sys\n\n" + PRODUCT.replace("def small", "# A comment\ndef small"))
    moved = LineMap(root / "build" / "map.sqlite", root)
    assert moved.tests_of("scanner/tiny.py", [8]) == {"tests/scanner/test_tiny.py::test_small"}
    assert moved.tests_of("scanner/tiny.py", [2]) == set()


def test_mutants_are_killed_survive_and_time_out_and_nothing_is_left(
    root: Path, lane: Lane, monkeypatch: pytest.MonkeyPatch
) -> None:
    tests = [f"tests/scanner/test_tiny.py::test_{name}" for name in ("small", "of_another_process", "wait")]
    before = (root / "scanner" / "tiny.py").read_bytes()

    outcomes = {
        "killed": lane.judge(one("comparison", "x < LIMIT"), tests),
        "survived": lane.judge(one("arithmetic", "x * 2"), tests),
        "untested": lane.judge(one("arithmetic", "x * 2"), []),
    }
    monkeypatch.setattr("tests.mutants.lane.START", 0.0)
    monkeypatch.setattr("tests.mutants.lane.SECONDS", 25.0)
    outcomes["time-out"] = lane.judge(one("arithmetic", "x += 1"), tests[2:])
    monkeypatch.undo()

    assert {name: outcome.state for name, outcome in outcomes.items()} == {name: name for name in outcomes}
    assert lane.failing(tests) == set()
    assert (root / "scanner" / "tiny.py").read_bytes() == before
    assert (root / "build" / "lane" / "scanner" / "tiny.py").read_bytes() == before


def test_what_also_fails_without_the_mutant_decides_nothing(root: Path, lane: Lane) -> None:
    (root / "build" / "lane" / "tests" / "scanner" / "conftest.py").write_text("raise ValueError\n")
    tests = ["tests/scanner/test_tiny.py::test_small"]
    assert lane.judge(one("comparison", "x < LIMIT"), tests).state == "undecided"


def test_the_mutated_file_is_put_back_whatever_happens(root: Path) -> None:
    copy = Copy(root, root / "build" / "lane")
    file = copy.folder / "scanner" / "tiny.py"

    def interrupted() -> None:
        with copy.plant(one("arithmetic", "x + 1")):
            assert b"x - 1" in file.read_bytes()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert file.read_bytes() == PRODUCT.encode()


def test_results_are_kept_between_runs(tmp_path: Path) -> None:
    killed, survived = one("arithmetic", "x + 1"), one("arithmetic", "x * 2")
    Results(tmp_path / "r").add(killed.identity, Outcome("killed", 3, "tests/a.py::test_a", 1.5))
    Results(tmp_path / "r").add(survived.identity, Outcome("survived", 2))
    results = Results(tmp_path / "r")

    told = "\n".join(report([killed, survived], results.known, 1))

    assert "scanner                      1         1     50%" in told
    assert "scanner/tiny.py:19 [arithmetic] x * 2  ->  x // 2" in told
    assert "tiny.py:9" not in told
    results.forget({survived.identity})
    assert list(Results(tmp_path / "r").known) == [killed.identity]
