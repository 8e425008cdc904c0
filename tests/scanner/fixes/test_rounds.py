"""Several changes of one file: those that cannot be proven are refused, and the others are made."""

from tests.scanner.fixes.trees import plan_of, rewritten

PLAN = plan_of("""
  - {id: text, kind: pattern, pattern: "str($X)", message: Show it, fix: "repr($X)"}
  - {id: set, kind: pattern, pattern: "set($X)", message: Keep the order, fix: "list($X)"}
  - {id: list, kind: pattern, pattern: "list($X)", message: Say what it holds}
  - {id: pair, kind: pattern, pattern: "[repr($A), repr($B)]", message: Name them}
""")
NEW = "the result would introduce a new finding: a.py:"


def test_one_that_brings_a_finding_is_refused_and_those_around_it_are_made() -> None:
    found = rewritten(PLAN, {"a.py": "a = str(1)\nb = set(2)\nc = str(3)\nd = str(4)\n"}, "a.py")

    assert found.text == "a = repr(1)\nb = set(2)\nc = repr(3)\nd = repr(4)\n"
    assert found.reasons == [f"2: {NEW}2 list/match"]


def test_of_two_that_only_fail_together_the_first_is_made() -> None:
    found = rewritten(PLAN, {"a.py": "x = [str(1), str(2)]\ny = str(3)\n"}, "a.py")

    assert found.text == "x = [repr(1), str(2)]\ny = repr(3)\n"
    assert found.reasons == [f"1: {NEW}1 pair/match"]


def test_two_that_fail_by_themselves_are_both_refused() -> None:
    found = rewritten(PLAN, {"a.py": "a = set(1)\nb = set(2)\n"}, "a.py")

    assert found.text == "a = set(1)\nb = set(2)\n"
    assert found.reasons == [f"1: {NEW}1 list/match", f"2: {NEW}2 list/match"]


def test_one_that_fails_at_first_is_made_once_another_one_has_made_it_right() -> None:
    plan = plan_of("""
  - {id: text, kind: pattern, pattern: "str($X)", message: Show it, fix: "repr($X)"}
  - {id: set, kind: pattern, pattern: "set($X)", message: Keep the order, fix: "list($X)"}
  - {id: mixed, kind: pattern, pattern: "[list($A), str($B)]", message: Use repr with a list}
  - {id: frozen, kind: pattern, pattern: "frozenset($X)", message: Keep the order, fix: "tuple($X)"}
  - {id: tuple, kind: pattern, pattern: "tuple($X)", message: Say what it holds}
""")

    found = rewritten(plan, {"a.py": "x = [set(1), str(2)]\ny = frozenset(3)\n"}, "a.py")

    assert found.text == "x = [list(1), repr(2)]\ny = frozenset(3)\n"
    assert found.reasons == [f"2: {NEW}2 tuple/match"]
