"""Programs that print the same before and after their fixes, or are left with a reason."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scanner.fixes.executed import Program, Runner, check, every_program, runner_of_this_python

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    one = runner_of_this_python()
    yield one
    one.close()


@pytest.mark.parametrize("program", [pytest.param(program, id=name) for name, program in every_program()])
def test_a_program_prints_the_same(program: Program, tmp_path: Path, runner: Runner) -> None:
    check(program, tmp_path, runner)
