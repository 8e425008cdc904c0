"""Edits of plan documents: 500 generated ones change in the edited node alone."""

from copy import deepcopy
from dataclasses import asdict
from difflib import SequenceMatcher
from pathlib import Path as FilePath
from random import Random
from typing import Any

import pytest
import yaml

from scanner.planfile import read_plan
from scanner.planfile.editing import Document, Edit, EditError, Path, apply_edit
from tests.scanner.planfile.generated_plans import GLOBS, RISKS, WORDS, document
from tests.scanner.shares import share

DOCUMENTS = share(500)
EXAMPLE = (FilePath(__file__).parent / "plans" / "example.yaml").read_text()


def load(text: str) -> Any:
    return yaml.safe_load(text.removeprefix("\ufeff"))


def at(tree: Any, path: Path) -> Any:
    for step in path:
        tree = tree[step]
    return tree


def lists(tree: Any, path: Path = ()) -> list[Path]:
    """Return the paths of all lists."""
    found = [path] if isinstance(tree, list) else []
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return found + [inner for step, part in items for inner in lists(part, (*path, step))]


def node_at(text: str, path: Path) -> Any:
    """Return the node at a path, as PyYAML composes it."""
    node: Any = yaml.compose(text.removeprefix("\ufeff"))
    for step in path:
        if isinstance(step, int):
            node = node.value[step]
        else:
            node = next(value for key, value in node.value if key.value == step)
    return node


def marks(text: str, path: Path) -> tuple[int, int]:
    """Return where a scalar begins and ends, as PyYAML sees it."""
    node, shift = node_at(text, path), int(text.startswith("\ufeff"))
    return node.start_mark.index + shift, node.end_mark.index + shift


def same_plan(old: str, new: str, change: Any) -> None:
    """Assert that two texts are the same plan apart from a change of their content."""
    wanted = deepcopy(load(old))
    change(wanted)
    assert load(new) == wanted
    assert list(load(new)) == list(wanted)


def added(old: str, new: str) -> tuple[list[str], list[str]]:
    """Return the lines that were removed, and those that were added."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    removed = [line for tag, a, b, _, _ in codes if tag != "equal" for line in before[a:b]]
    return removed, [line for tag, _, _, a, b in codes if tag != "equal" for line in after[a:b]]


def check_a_new_value_changes_its_own_characters_alone(seed: int) -> None:
    random, text = Random(seed), document(seed)
    tree = load(text)
    path: Path = random.choice([("name",), ("issues", 0, "title"), ("issues", 0, "phases", 0, "title")])
    value = random.choice(WORDS)
    new = apply_edit(text, Edit("set", path, value))
    start, end = marks(text, path)
    assert new.startswith(text[:start])
    # The line breaks after a block scalar belong to it, but stay.
    assert new.endswith(text[start:end][len(text[start:end].rstrip()) :] + text[end:])
    same_plan(text, new, lambda tree: at(tree, path[:-1]).update({path[-1]: value}))
    assert apply_edit(new, Edit("set", path, value)) == new
    assert read_plan(new, "new").rules == read_plan(text, "old").rules
    assert tree == load(text)


def check_an_item_is_inserted_and_removed_again(seed: int) -> None:
    random, text = Random(seed), document(seed)
    rule = {"id": "new", "kind": "pattern", "pattern": "f($A)", "message": random.choice(WORDS)}
    tree = load(text)
    place = random.randint(0, len(tree["rules"]))
    new = apply_edit(text, Edit("insert", ("rules",), rule, place))
    same_plan(text, new, lambda tree: tree["rules"].insert(place, rule))
    if not node_at(text, ("rules",)).flow_style and text.endswith("\n"):
        assert added(text, new)[0] == []
    back = apply_edit(new, Edit("remove", ("rules", place)))
    assert back.rstrip() == text.rstrip()
    plan, same = asdict(read_plan(text, "old")), asdict(read_plan(back, "back"))
    assert plan == same


def check_a_move_keeps_every_line_and_comment(seed: int) -> None:
    random, text = Random(seed), document(seed)
    tree = load(text)
    places = [path for path in lists(tree) if len(at(tree, path)) > 1]
    path = random.choice(places)
    first, last = random.sample(range(len(at(tree, path))), 2)
    new = apply_edit(text, Edit("move", (*path, first), index=last))
    same_plan(text, new, lambda tree: at(tree, path).insert(last, at(tree, path).pop(first)))
    assert sorted(new) == sorted(text)
    assert apply_edit(new, Edit("move", (*path, last), index=first)) == text


def check_a_list_keeps_the_items_that_stay_with_their_comments(seed: int) -> None:
    random, text = Random(seed), document(seed)
    tree = load(text)
    name = random.choice(list(tree["categories"]))
    path: Path = ("categories", name)
    old = tree["categories"][name]
    value = [*random.sample(old, random.randint(1, len(old))), *random.sample(GLOBS, random.randint(0, 2))]
    new = apply_edit(text, Edit("set", path, value))
    same_plan(text, new, lambda tree: tree["categories"].update({name: value}))
    assert apply_edit(text, Edit("set", path, old)) == text
    assert new.startswith(text[: text.index("categories") + len("categories")])
    assert new.endswith(text[text.index("compliance_counts") :])


def check_keys_are_added_changed_and_removed(seed: int) -> None:
    order = ("id", "kind", "message", "risk", "paths")
    random, text = Random(seed), document(seed)
    tree = load(text)
    place = random.randrange(len(tree["rules"]))
    path: Path = ("rules", place)
    kept = text
    for key, value in (("risk", random.choice(RISKS)), ("paths", list(GLOBS[:2])), ("issues", ["#12"])):
        changed = apply_edit(kept, Edit("set", (*path, key), value, order=order))
        same_plan(kept, changed, lambda tree, key=key, value=value: tree["rules"][place].update({key: value}))
        kept = changed
    for key in ("issues", "paths", "risk"):
        changed = apply_edit(kept, Edit("remove", (*path, key)))
        same_plan(kept, changed, lambda tree, key=key: tree["rules"][place].pop(key))
        kept = changed
    if not {"risk", "paths", "issues"} & tree["rules"][place].keys():
        assert kept.rstrip() == text.rstrip()


def check_one_risk_becomes_one_per_role_and_back(seed: int) -> None:
    text = document(seed)
    path: Path = ("rules", 0, "risk")
    risk = {"match": "low", "call": "high"}
    new = apply_edit(text, Edit("set", path, risk))
    same_plan(text, new, lambda tree: tree["rules"][0].update({"risk": risk}))
    one = apply_edit(new, Edit("set", path, "low"))
    same_plan(text, one, lambda tree: tree["rules"][0].update({"risk": "low"}))


def check_categories_are_renamed_and_reordered(seed: int) -> None:
    text = document(seed)
    names = list(load(text)["categories"])
    new = apply_edit(text, Edit("rename", ("categories", names[0]), "renamed"))
    assert list(load(new)["categories"]) == ["renamed", *names[1:]]
    moved = apply_edit(text, Edit("move", ("categories", names[-1]), index=0))
    assert list(load(moved)["categories"]) == [names[-1], *names[:-1]]
    assert sorted(moved) == sorted(text)


CHECKS = (
    check_a_new_value_changes_its_own_characters_alone,
    check_an_item_is_inserted_and_removed_again,
    check_a_move_keeps_every_line_and_comment,
    check_a_list_keeps_the_items_that_stay_with_their_comments,
    check_keys_are_added_changed_and_removed,
    check_one_risk_becomes_one_per_role_and_back,
    check_categories_are_renamed_and_reordered,
)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(20))
def test_an_edit_of_a_generated_document_changes_nothing_else(batch: int) -> None:
    for seed in range(batch, DOCUMENTS, 20):
        CHECKS[seed % len(CHECKS)](seed)


def test_shared_nodes_are_refused() -> None:
    text = EXAMPLE.replace('e2e: ["tests/e2e/**"]', 'e2e: &e ["tests/e2e/**"]').replace(
        'unit: ["**/tests/unit/**", "tests/unit/**"]', "unit: *e"
    )
    for path in (("categories", "e2e"), ("categories", "unit"), ("categories",)):
        with pytest.raises(EditError, match="anchor or an alias"):
            apply_edit(text, Edit("set", path, ["x/**"]))
    assert "unit: *e" in apply_edit(text, Edit("set", ("categories", "test"), ["x/**"]))


@pytest.mark.parametrize(
    "edit",
    [
        Edit("remove", ("rules", 99)),
        Edit("remove", ("rules", "x")),
        Edit("move", ("rules", 0), index=99),
        Edit("set", ("rules", 99, "risk"), "low"),
        Edit("insert", ("name",), "x"),
        Edit("insert", ("rules",), "x", 99),
        Edit("rename", ("categories", "e2e"), "unit"),
        Edit("remove", ()),
    ],
)
def test_edits_of_what_is_not_there_are_refused(edit: Edit) -> None:
    with pytest.raises(EditError):
        apply_edit(EXAMPLE, edit)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (["b", "a"], "x:\n  - b\n  - a\n# note\ny: 1\n"),
        (["a", "b", "c"], "x:\n  - a\n# note\n  - b\n  - c\ny: 1\n"),
        (["a"], "x:\n  - a\n# note\ny: 1\n"),
    ],
)
def test_a_comment_in_another_column_is_no_blank_line(value: list[str], wanted: str) -> None:
    text = "x:\n  - a\n# note\n  - b\ny: 1\n"
    assert apply_edit(text, Edit("set", ("x",), value)) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("a\nb\n", "x: |  # why\n    a\n    b\ny: 1\n"),
        ("a\nb", "x: |-  # why\n    a\n    b\ny: 1\n"),
        ("a\n", "x: >  # why\n    a\ny: 1\n"),
        ("a", "x: a  # why\ny: 1\n"),
        (" a\nb\n", 'x: " a\\nb\\n"  # why\ny: 1\n'),
        ("\n", 'x: "\\n"  # why\ny: 1\n'),
    ],
)
def test_a_block_scalar_keeps_its_style_and_its_comment(value: str, wanted: str) -> None:
    text = "x: >  # why\n    one\n    two\ny: 1\n"
    assert apply_edit(text, Edit("set", ("x",), value)) == wanted


def test_the_source_of_a_part_is_shown_without_its_indentation() -> None:
    found = Document(EXAMPLE)
    assert found.source(("rules", 0, "replacement")).splitlines()[1].startswith("arguments:")
    assert found.line(("rules", 0, "nothing")) == found.line(("rules", 0))
