"""What is new, fixed and moved between two commits of a real repository."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Protocol

import pytest

from scanner import Comparison, Walker, compare, open_repository, read_plan
from tests.scanner.history import Commit, Entry, write_history

PLAN = read_plan(
    "{version: 1, name: Old, rules: [{id: old, kind: deprecated-symbol, symbols: [lib.old]}]}", "plan.yaml"
)
HEAD = "import lib\n\n\n"
PADDING = "".join(f"value_{number} = {number} * {number}\n" for number in range(40))


class Step(Protocol):
    """Compares two states of a tree; the second is given by what changes."""

    def __call__(
        self, before: Mapping[str, Entry], after: Mapping[str, Entry], *, backwards: bool = False
    ) -> Comparison: ...


def use(*functions: str, head: str = HEAD) -> str:
    """A module whose functions each call the old function once."""
    return head + "\n\n".join(f"def {name}():\n    return lib.old()\n" for name in functions)


@pytest.fixture
def step(tmp_path: Path) -> Step:
    def run(
        before: Mapping[str, Entry], after: Mapping[str, Entry], *, backwards: bool = False
    ) -> Comparison:
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}.git"
        shas = write_history(folder, [Commit(before), Commit(after)])
        with open_repository(str(folder)) as repository, Walker(repository, PLAN) as walker:
            differences = [visit.difference for visit in walker.walk(shas[::-1] if backwards else shas)]
        return compare(differences[1].reversed() if backwards else differences[1])

    return run


def counts(comparison: Comparison) -> tuple[int, int, int, int]:
    """New, fixed, moved, kept."""
    return len(comparison.new), len(comparison.fixed), len(comparison.moved), len(comparison.kept)


def test_untouched_lines_of_a_touched_file_are_kept(step: Step) -> None:
    assert counts(step({"a.py": use("f")}, {"a.py": use("f") + "\nx = 1\n"})) == (0, 0, 0, 1)


def test_a_line_that_slid_down_is_moved(step: Step) -> None:
    comparison = step({"a.py": use("f")}, {"a.py": "# one more line\n" + use("f")})
    assert counts(comparison) == (0, 0, 1, 0)
    assert comparison.moved[0].rung == "fingerprint"


def test_an_edited_line_is_moved_by_its_scope(step: Step) -> None:
    comparison = step({"a.py": use("f")}, {"a.py": use("f").replace("return lib", "return 1 + lib")})
    assert [move.rung for move in comparison.moved] == ["scope"]
    assert not comparison.new


def test_a_renamed_function_keeps_its_finding_by_its_text(step: Step) -> None:
    comparison = step({"a.py": use("f")}, {"a.py": use("g")})
    assert [move.rung for move in comparison.moved] == ["text"]


def test_code_moved_into_a_new_function_keeps_its_finding(step: Step) -> None:
    after = HEAD + "def f():\n    return g()\n\n\ndef g():\n    return lib.old()\n"
    assert counts(step({"a.py": use("f")}, {"a.py": after})) == (0, 0, 1, 0)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_swap_in_one_file_is_one_fixed_and_one_new(step: Step, backwards: bool) -> None:
    clean = "def {}():\n    return 1\n"
    before = use("f") + "\n\n" + clean.format("g")
    after = HEAD + clean.format("f") + "\n\ndef g():\n    return lib.old()\n"
    comparison = step({"a.py": before}, {"a.py": after}, backwards=backwards)
    assert [finding.scope for finding in comparison.new] == ["g"]
    assert [finding.scope for finding in comparison.fixed] == ["f"]


@pytest.mark.parametrize("backwards", [False, True])
def test_a_swap_in_a_file_that_is_renamed_as_well_is_one_fixed_and_one_new(
    step: Step, backwards: bool
) -> None:
    clean = "def {}():\n    return 1\n"
    before = use("f") + "\n\n" + clean.format("g") + PADDING
    after = HEAD + clean.format("f") + "\n\ndef g():\n    return lib.old()\n" + PADDING
    comparison = step({"a.py": before}, {"a.py": None, "d/b.py": after}, backwards=backwards)
    assert [finding.scope for finding in comparison.new] == ["g"]
    assert [finding.scope for finding in comparison.fixed] == ["f"]


def test_a_swap_inside_one_function_cannot_be_told_from_an_edit_and_is_moved(step: Step) -> None:
    before = HEAD + "def f(a):\n    x = lib.old()\n    y = a.new(1)\n    return x, y\n"
    after = HEAD + "def f(a):\n    x = a.new()\n    y = lib.old(1)\n    return x, y\n"
    comparison = step({"a.py": before}, {"a.py": after})
    assert counts(comparison) == (0, 0, 1, 0)
    assert comparison.moved[0].rung == "scope"


def test_a_swap_of_roles_inside_one_function_is_one_fixed_and_one_new(step: Step) -> None:
    before = HEAD + "def f(self):\n    lib.old()\n    self.x = new()\n"
    after = HEAD + "def f(self):\n    new()\n    self.x = lib.old()\n"
    comparison = step({"a.py": before}, {"a.py": after})
    assert [finding.role for finding in comparison.new] == ["stored-call"]
    assert [finding.role for finding in comparison.fixed] == ["call"]


def test_two_functions_that_change_places_keep_their_findings(step: Step) -> None:
    comparison = step({"a.py": use("f", "g")}, {"a.py": use("g", "f")})
    assert counts(comparison) == (0, 0, 2, 0)
    assert {move.rung for move in comparison.moved} == {"fingerprint"}
    assert all(move.before.scope == move.after.scope for move in comparison.moved)


def test_a_swap_between_two_files_is_one_fixed_and_one_new(step: Step) -> None:
    clean = HEAD + "def f():\n    return 1\n"
    comparison = step({"a.py": use("f"), "b.py": clean}, {"a.py": clean, "b.py": use("f")})
    assert counts(comparison) == (1, 1, 0, 0)


def test_the_second_of_two_like_calls_put_right_is_one_fixed(step: Step) -> None:
    twice = HEAD + "def f():\n    x = lib.old()\n    x = lib.old()\n"
    once = HEAD + "def f():\n    x = lib.old()\n"
    assert counts(step({"a.py": twice}, {"a.py": once})) == (0, 1, 0, 1)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_renamed_file_keeps_its_findings(step: Step, backwards: bool) -> None:
    comparison = step({"a.py": use("f")}, {"a.py": None, "d/b.py": use("f")}, backwards=backwards)
    assert counts(comparison) == (0, 0, 1, 0)
    assert (comparison.moved[0].before.path, comparison.moved[0].after.path) == ("a.py", "d/b.py")
    assert comparison.moved[0].rung == "fingerprint"


def test_a_renamed_and_edited_file_keeps_its_findings(step: Step) -> None:
    before, after = use("f", "g") + PADDING, use("f", "h") + PADDING + "more = 1\n"
    comparison = step({"a.py": before}, {"a.py": None, "b.py": after})
    assert counts(comparison) == (0, 0, 2, 0)
    assert {move.rung for move in comparison.moved} == {"fingerprint", "text"}


def test_a_renamed_file_that_was_put_right_is_fixed_not_lost(step: Step) -> None:
    clean = PADDING + "def f():\n    return 1\n"
    comparison = step({"a.py": use("f") + PADDING}, {"a.py": None, "b.py": clean})
    assert counts(comparison) == (0, 1, 0, 0)


def test_a_copy_has_new_findings(step: Step) -> None:
    comparison = step({"a.py": use("f")}, {"b.py": use("f")})
    assert counts(comparison) == (1, 0, 0, 0)
    assert comparison.new[0].path == "b.py"


def test_a_copy_beside_an_edited_original_has_new_findings_alone(step: Step) -> None:
    comparison = step({"a.py": use("f")}, {"a.py": "# one more line\n" + use("f"), "b.py": use("f")})
    assert [finding.path for finding in comparison.new] == ["b.py"]
    assert [(move.after.path, move.rung) for move in comparison.moved] == [("a.py", "fingerprint")]


def test_a_deleted_file_fixes_and_an_unlike_new_one_breaks(step: Step) -> None:
    other = "import lib\n" + PADDING.replace("value", "other") + "\nclass C:\n    x = lib.old()\n"
    assert counts(step({"a.py": use("f")}, {"a.py": None, "b.py": other})) == (1, 1, 0, 0)


@pytest.mark.parametrize("backwards", [False, True])
def test_a_split_file_keeps_its_findings_in_both_parts(step: Step, backwards: bool) -> None:
    whole = use("f", "g", "h") + PADDING
    parts = {"a.py": use("f") + PADDING, "b.py": use("g"), "c.py": use("h")}
    comparison = step({"a.py": whole}, parts, backwards=backwards)
    assert not comparison.new
    assert not comparison.fixed
    assert {move.after.path for move in comparison.moved} == {"b.py", "c.py"}
    assert {move.rung for move in comparison.moved} == {"fingerprint"}


def test_code_that_left_a_file_clean_behind_is_moved(step: Step) -> None:
    clean = "def g():\n    return 1\n"
    comparison = step({"a.py": use("f") + "\n\n" + clean}, {"a.py": clean, "b.py": use("f")})
    assert counts(comparison) == (0, 0, 1, 0)


def test_the_imports_of_moved_code_move_with_it(step: Step) -> None:
    head = "from lib import old\n\n\n"
    body = dedent("""
    def f():
        return old()
    """)
    comparison = step({"a.py": head + body + PADDING}, {"a.py": PADDING, "b.py": head + body})
    assert counts(comparison) == (0, 0, 2, 0)


def test_files_with_equal_content_are_matched_by_name(step: Step) -> None:
    comparison = step(
        {"x/a.py": use("f"), "x/b.py": use("f")},
        {"x/a.py": None, "x/b.py": None, "y/b.py": use("f"), "y/a.py": use("f")},
    )
    moves = {(move.before.path, move.after.path) for move in comparison.moved}
    assert moves == {("x/a.py", "y/a.py"), ("x/b.py", "y/b.py")}


IGNORE = "# ssot: ignore[old] because it waits"
USED = use("f")
BEHIND = USED.replace("lib.old()", f"lib.old()  {IGNORE}")
ABOVE = USED.replace("    return", f"    {IGNORE}\n    return")


def beside(comparison: Comparison) -> tuple[int, int, int]:
    """Suppressed, restored, silent."""
    return len(comparison.suppressed), len(comparison.restored), len(comparison.silent)


@pytest.mark.parametrize("silenced", [BEHIND, ABOVE], ids=["behind", "above"])
def test_suppressed_is_not_fixed_and_restored_is_not_new(step: Step, silenced: str) -> None:
    hidden = step({"a.py": USED}, {"a.py": silenced})
    assert (counts(hidden), beside(hidden)) == ((0, 0, 0, 0), (1, 0, 0))
    assert [(move.before.suppressed, move.after.suppressed) for move in hidden.suppressed] == [(False, True)]
    shown = step({"a.py": silenced}, {"a.py": USED})
    assert (counts(shown), beside(shown)) == ((0, 0, 0, 0), (0, 1, 0))
    moved = step({"a.py": USED}, {"a.py": None, "b.py": silenced})
    assert (counts(moved), beside(moved)) == ((0, 0, 0, 0), (1, 0, 0))


@pytest.mark.parametrize("behind", [True, False])
def test_one_put_right_and_one_suppressed_are_told_apart(step: Step, behind: bool) -> None:
    line = f"    return lib.old()  {IGNORE}\n" if behind else f"    {IGNORE}\n    return lib.old()\n"
    after = HEAD + "def f():\n    return 1\n\n\ndef g():\n" + line
    comparison = step({"a.py": use("f", "g")}, {"a.py": after})
    assert [finding.scope for finding in comparison.fixed] == ["f"]
    assert [move.after.scope for move in comparison.suppressed] == ["g"]


def test_a_finding_suppressed_from_the_start_is_neither_new_nor_fixed(step: Step) -> None:
    comparison = step({"a.py": HEAD}, {"a.py": BEHIND})
    assert (counts(comparison), beside(comparison)) == ((0, 0, 0, 0), (0, 0, 1))
    gone = step({"a.py": BEHIND}, {"a.py": HEAD})
    assert (counts(gone), beside(gone)) == ((0, 0, 0, 0), (0, 0, 0))


def test_another_reason_does_not_make_a_neighbours_repair_look_suppressed(step: Step) -> None:
    two = HEAD + f"def f():\n    x = lib.old()  {IGNORE}\n    return lib.old()\n"
    comparison = step(
        {"a.py": two}, {"a.py": two.replace("it waits", "of #7").replace("return lib.old()", "return x")}
    )
    assert (counts(comparison)[:2], beside(comparison)) == ((0, 1), (0, 0, 0))
