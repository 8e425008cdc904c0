"""A violation whose code is edited in place stays the same; one that is fixed while another one is added
elsewhere doesn't.
"""

from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Protocol

import pytest

from scanner import Comparison, RepoPath, Walker, compare, open_repository, read_plan
from scanner.engine.edited_places import edited_pairs
from tests.scanner.history import Commit, Entry, write_history

PLAN = read_plan(
    """
version: 1
name: Old
rules:
  - {id: old, kind: deprecated-symbol, symbols: [lib.five.items, lib.vine.items, lib.five.zip]}
  - id: format
    kind: pattern
    rule:
      kind: call
      has: {field: function, has: {field: attribute, regex: "^format$"}}
""",
    "plan.yaml",
)
PADDING = "".join(f"value_{number} = {number} * {number}\n" for number in range(40))
BOTH_WAYS = pytest.mark.parametrize("backwards", [False, True])


class Step(Protocol):
    """Compares two states of a tree."""

    def __call__(
        self, before: Mapping[str, Entry], after: Mapping[str, Entry], *, backwards: bool = False
    ) -> Comparison: ...


@pytest.fixture
def step(tmp_path: Path) -> Step:
    def run(
        before: Mapping[str, Entry], after: Mapping[str, Entry], *, backwards: bool = False
    ) -> Comparison:
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}.git"
        shas = write_history(folder, [Commit(before), Commit(after)])
        with open_repository(str(folder)) as repository, Walker(repository, PLAN) as walker:
            visits = walker.walk(shas[::-1] if backwards else shas)
            differences = [visit.difference for visit in visits]
            return compare(differences[1].reversed() if backwards else differences[1])

    return run


def lines(comparison: Comparison) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    """The lines of what is new, fixed and moved."""
    moved = [(move.before.line, move.after.line) for move in comparison.moved]
    return [f.line for f in comparison.new], [f.line for f in comparison.fixed], sorted(moved)


def method(text: str, name: str = "f") -> str:
    return f"def {name}(a, b):\n    c = a + b\n    return {text}.format(a, b)\n\n\n"


@BOTH_WAYS
def test_an_edited_text_is_the_same_place(step: Step, backwards: bool) -> None:
    before, after = method("'{0} of {1}'"), method("'{} of {}'")
    comparison = step({"a.py": before}, {"a.py": after}, backwards=backwards)
    assert lines(comparison) == ([], [], [(3, 3)])
    assert comparison.moved[0].rung == "edit"


@BOTH_WAYS
def test_an_edited_text_in_a_renamed_function_is_the_same_place(step: Step, backwards: bool) -> None:
    before, after = method("'{0} of {1}'", "f"), PADDING + method("'{} of {}'", "g")
    comparison = step({"a.py": before}, {"a.py": after}, backwards=backwards)
    assert lines(comparison) == ([], [], [(3, 43)])


@BOTH_WAYS
def test_an_edited_text_in_a_function_that_was_moved_and_renamed_is_the_same_place(
    step: Step, backwards: bool
) -> None:
    kept = "def kept():\n    return 1\n\n\n"
    before = method("'{0} of {1} in all'", "f") + PADDING + kept
    after = (
        kept + PADDING + "class C:\n    def run(self, a, b):\n        return '{} of {} in all'.format(a, b)\n"
    )
    comparison = step({"a.py": before}, {"a.py": after}, backwards=backwards)
    assert lines(comparison) == ([], [], [(3, 47)])


@BOTH_WAYS
def test_another_text_in_another_function_is_one_fixed_and_one_new(step: Step, backwards: bool) -> None:
    before = method("'{0} of {1} in all'", "f") + PADDING
    after = PADDING + "class C:\n    def run(self, a, b):\n        return 'No {} in {}'.format(a, b)\n"
    comparison = step({"a.py": before}, {"a.py": after}, backwards=backwards)
    assert lines(comparison) == ([43], [3], [])


@BOTH_WAYS
def test_an_edited_text_in_a_renamed_file_is_the_same_place(step: Step, backwards: bool) -> None:
    before, after = PADDING + method("'{0} of {1}'"), PADDING + method("'{} of {}'")
    comparison = step({"a.py": before}, {"a.py": None, "b.py": after}, backwards=backwards)
    assert lines(comparison) == ([], [], [(43, 43)])
    assert comparison.moved[0].rung == "edit"


@BOTH_WAYS
def test_a_name_from_another_listed_module_is_the_same_place(step: Step, backwards: bool) -> None:
    before = "from lib.five import items\n\nfor each in items(x):\n    pass\n"
    after = before.replace("five", "vine")
    comparison = step({"a.py": before}, {"a.py": after}, backwards=backwards)
    assert lines(comparison) == ([], [], [(1, 1)])
    assert comparison.moved[0].rung == "edit"
    assert [move.before.line for move in comparison.kept] == [3]


@BOTH_WAYS
def test_of_several_edited_texts_those_that_are_alike_are_the_same(step: Step, backwards: bool) -> None:
    texts = "x = '{0} apples'.format(1)\ny = '{0} pears'.format(2)\nz = '{0} of the plums'.format(3)\n"
    after = "x = '{} apples'.format(1)\nz = '{} of the plums'.format(3)\n"
    comparison = step({"a.py": texts}, {"a.py": after}, backwards=backwards)
    assert lines(comparison) == ([], [2], [(1, 1), (3, 2)])


@BOTH_WAYS
def test_a_fix_far_from_a_new_place_in_one_file_is_one_fixed_and_one_new(step: Step, backwards: bool) -> None:
    before = "x = '{0} apples'.format(1)\n" + PADDING + "y = f'{2} pears'\n"
    after = "x = f'{1} apples'\n" + PADDING + "y = '{} pears'.format(2)\n"
    comparison = step({"a.py": before}, {"a.py": after}, backwards=backwards)
    assert lines(comparison) == ([42], [1], [])


@BOTH_WAYS
def test_a_fix_beside_unlike_code_is_one_fixed_and_one_new(step: Step, backwards: bool) -> None:
    before = "x = '{0} apples'.format(1)\n"
    after = "QUERY = SELECT_ROWS + ';;'.format(table, limit=limits[0])\n"
    comparison = step({"a.py": before}, {"a.py": after}, backwards=backwards)
    assert lines(comparison) == ([1], [1], [])


@BOTH_WAYS
def test_a_swap_of_two_functions_in_one_edit_is_one_fixed_and_one_new(step: Step, backwards: bool) -> None:
    before = "def f(): return '{0}'.format(1)\ndef g(): return f'{1}'\n"
    after = "def f(): return f'{1}'\ndef g(): return '{}'.format(1)\n"
    comparison = step({"a.py": before}, {"a.py": after}, backwards=backwards)
    assert lines(comparison) == ([2], [1], [])


@BOTH_WAYS
def test_an_edited_place_that_is_now_suppressed_is_not_fixed(step: Step, backwards: bool) -> None:
    before, ignored = method("'{0} of {1}'"), "format(a, b)  # ssot: ignore[format] because it is public\n"
    after = method("'{} of {}'").replace("format(a, b)\n", ignored)
    comparison = step({"a.py": before}, {"a.py": after}, backwards=backwards)
    assert lines(comparison) == ([], [], [])
    assert [move.rung for move in comparison.suppressed] == ["edit"]


@pytest.mark.parametrize("seed", range(12))
def test_any_edit_is_read_alike_in_both_directions(step: Step, seed: int) -> None:
    chance = Random(seed)
    before = {f"{name}.py": _module(chance) for name in "abc"}
    after = {path: _edited(text, chance) for path, text in before.items()}
    assert step(before, after) == step(before, after, backwards=True)


@pytest.mark.parametrize("seed", range(12))
def test_undoing_an_edit_pairs_the_same_places(tmp_path: Path, seed: int) -> None:
    chance = Random(seed)
    before = _module(chance)
    commits = [Commit({"a.py": before}), Commit({"a.py": _edited(before, chance)})]
    shas = write_history(tmp_path / "r.git", commits)
    with open_repository(str(tmp_path / "r.git")) as repository, Walker(repository, PLAN) as walker:
        _, visit = walker.walk(shas)
        old, new = visit.difference.changed[RepoPath("a.py")]
        assert old is not None
        assert new is not None
        edits = visit.difference.edits(old.blob, new.blob)
        undoing = visit.difference.edits(new.blob, old.blob)
    assert undoing == tuple(edit.reversed() for edit in edits)
    pairs = edited_pairs(old.violations, new.violations, edits, old.defined, new.defined)
    undone = edited_pairs(new.violations, old.violations, undoing, new.defined, old.defined)
    assert len(pairs) > 5
    assert {(two, one) for one, two in pairs} == set(undone)


def _module(chance: Random) -> str:
    words = ("apples", "pears", "plums", "limes")
    return "".join(
        f"def f{number}(a):\n"
        + "".join(_line(chance, chance.choice(words)) for _ in range(chance.randint(1, 6)))
        + "\n\n"
        for number in range(12)
    )


def _line(chance: Random, word: str) -> str:
    if chance.random() < 0.3:
        return f"    print(f'{{a}} {word}')\n"
    return f"    print('{{{chance.choice(('', '0'))}}} {word}'.format({chance.randint(0, 3)}))\n"


def _edited(text: str, chance: Random) -> str:
    return "".join(_edited_line(line, chance) for line in text.splitlines(keepends=True)) + "x = 1\n"


def _edited_line(line: str, chance: Random) -> str:
    kind = chance.random()
    if not line.startswith("    "):
        return line.replace("def f", "def g") if kind < 0.3 else line
    if kind < 0.2:
        return _line(chance, "cherries")
    if kind < 0.5:
        return line.replace("{0}", "{}")
    return "" if kind > 0.9 else line if kind < 0.8 else line + _line(chance, "limes")
