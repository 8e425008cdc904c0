"""Programs that print the same before and after their fixes, or are left with a reason."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.scanner.fixes.executed import TABLES, Program, Runner, check, programs

pytestmark = pytest.mark.slow

CASES = [
    pytest.param(program, id=f"{table.stem}: {program.name}")
    for table in sorted(TABLES.glob("*.txt"))
    for program in programs(table.stem)
]


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    one = Runner()
    yield one
    one.close()


@pytest.mark.parametrize("program", CASES)
def test_a_program_prints_the_same(program: Program, tmp_path: Path, runner: Runner) -> None:
    check(program, tmp_path, runner)
