"""Lists and events of subtasks have the same result in every order, with repetitions."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from compliance.integrations.subtasks import MOST, Subtask, checklist, with_list, with_one
from tests.integrations.tracker_payloads import moment

Step = Callable[[dict[str, Any]], dict[str, Any]]


def listed(minute: float, *subtasks: Subtask) -> Step:
    return lambda stored: with_list(stored, subtasks, moment(minute))


def changed(minute: float, subtask: Subtask) -> Step:
    return lambda stored: with_one(stored, subtask, moment(minute))


def after(*steps: Step) -> dict[str, bool]:
    stored: dict[str, Any] = {}
    for step in steps:
        stored = step(stored)
    return {task["text"]: task["done"] for task in checklist(stored)}


def a(title: str = "A", *, done: bool = False, gone: bool = False) -> Subtask:
    return Subtask("S-1", title, done, gone)


def b(title: str = "B", *, done: bool = False, gone: bool = False) -> Subtask:
    return Subtask("S-2", title, done, gone)


LIFE = (
    listed(0, a(), b()),
    changed(1, a(done=True)),
    changed(2, b(gone=True)),
    listed(3, a(done=True)),
    changed(4, a("A again")),
    changed(5, Subtask("S-3", "C", done=True)),
)


def test_every_order_has_the_same_result() -> None:
    results = {tuple(sorted(after(*steps).items())) for steps in permutations(LIFE)}
    assert results == {(("S-1 A again", False), ("S-3 C", True))}


@given(st.lists(st.sampled_from(LIFE), max_size=12))
def test_repetitions_change_nothing(steps: list[Step]) -> None:
    once = after(*dict.fromkeys(steps))
    assert after(*steps) == once


def test_a_subtask_that_a_newer_list_does_not_name_is_gone() -> None:
    assert after(listed(3, a()), changed(2, b())) == {"S-1 A": False}
    assert after(listed(3, a()), changed(4, b())) == {"S-1 A": False, "S-2 B": False}
    assert after(listed(3, a(), b()), listed(4)) == {}


def test_a_deletion_takes_precedence_over_a_change_at_the_same_time() -> None:
    for steps in permutations((listed(0, a()), changed(1, a("New")), changed(1, a(gone=True)))):
        assert after(*steps) == {}


def test_only_so_many_are_kept() -> None:
    many = tuple(Subtask(f"S-{number}", "T" * 600, done=False) for number in range(MOST + 10))
    stored = with_list({}, many, moment(0))
    stored = with_one(stored, Subtask("X-1", "One more", done=False), moment(1))
    assert len(checklist(stored)) == MOST
    assert max(len(task["text"]) for task in checklist(stored)) == 500
