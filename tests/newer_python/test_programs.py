"""The programs of the engine's tests print the same before and after their fixes in a newer Python, too."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.newer_python.interpreter import NewerPython
from tests.scanner.fixes.executed import Program, check, every_program

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def newer_python() -> Iterator[NewerPython]:
    one = NewerPython()
    yield one
    one.close()


def test_it_is_the_newest_python_that_the_scanner_reads(newer_python: NewerPython) -> None:
    assert newer_python.version.startswith("3.14.")


def test_what_one_program_changes_is_gone_in_the_next(newer_python: NewerPython, tmp_path: Path) -> None:
    change = """\
import builtins, colorsys, os, sys, warnings
builtins.abs = builtins.added = print
os.path.join = os.environ["ADDED"] = "changed"
sys.path.append("added")
warnings.simplefilter("error")
print("changed")
import other
raise SystemExit("ended")
"""
    look = """\
import builtins, os, sys, warnings
print(abs(-4), hasattr(builtins, "added"), os.path.join("a", "b"))
print("ADDED" in os.environ, "added" in sys.path)
print("colorsys" in sys.modules, [action for action, *_ in warnings.filters].count("error"))
import other
"""
    assert newer_python.run(tmp_path / "a", {"main.py": change, "other.py": "print('other')\n"}) == (
        "changed\nother\nSystemExit: ended\n"
    )
    assert newer_python.run(tmp_path / "b", {"main.py": look}) == (
        "4 False a/b\nFalse False\nFalse 0\nModuleNotFoundError: No module named 'other'\n"
    )


@pytest.mark.parametrize("program", [pytest.param(program, id=name) for name, program in every_program()])
def test_a_program_prints_the_same(program: Program, tmp_path: Path, newer_python: NewerPython) -> None:
    check(program, tmp_path, newer_python)
