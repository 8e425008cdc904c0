"""docs/reliability.md names, for each of its promises, tests that exist."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ROWS = re.findall(
    r"^\| (\d+) \|.*\| ([^|]*) \|$", (TESTS.parent / "docs" / "reliability.md").read_text(), re.MULTILINE
)


def test_every_promise_is_there_once() -> None:
    assert sorted(int(number) for number, _ in ROWS) == list(range(1, len(ROWS) + 1))


@pytest.mark.parametrize(("number", "cell"), ROWS)
def test_the_tests_that_hold_a_promise_exist(number: str, cell: str) -> None:
    named = re.findall(r"`([^`]+)::(\w+)`", cell)
    assert named, f"{number} is held by nothing"
    for path, function in named:
        tree = ast.parse((TESTS / path).read_text())
        found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert function in found, f"{number}: {path} has no {function}"
