"""Finds statements that Python parses and then refuses to compile, because of where they are."""

from collections.abc import Callable

from scanner.python.scopes import FUNCTIONS, Trail

Fault = tuple[int, str]
_LOOPS = frozenset({"for_statement", "while_statement"})
# What a statement begins with at column 0, where no function or loop can enclose it.
_OUTSIDE = {
    b"return": ("return_statement", "'return' outside function"),
    b"yield": ("yield", "'yield' outside function"),
    b"break": ("break_statement", "'break' outside loop"),
    b"continue": ("continue_statement", "'continue' outside loop"),
    b"nonlocal": ("nonlocal_statement", "nonlocal declaration not allowed at module level"),
}


def misplaced_statement(data: bytes, descend: Callable[[int], Trail]) -> Fault | None:
    """Return the line and reason of the first such statement: at column 0, or a star import in a function.

    Such lines are left over when code is moved or merged. Other errors of the compiler are not looked for.
    """
    found = []
    for word, (kind, reason) in _OUTSIDE.items():
        at = 0 if data.startswith(word) else data.find(b"\n" + word) + 1
        while at or data.startswith(word):
            if _is_in(descend(at), kind):
                found.append((at, reason))
                break
            at = data.find(b"\n" + word, at) + 1
            if not at:
                break
    at = data.find(b"import *")
    while at >= 0:
        kinds = [step.node.type for step in descend(at)]
        if "import_from_statement" in kinds and not FUNCTIONS.isdisjoint(kinds):
            found.append((at, "import * only allowed at module level"))
            break
        at = data.find(b"import *", at + 1)
    if not found:
        return None
    first, reason = min(found)
    return data.count(b"\n", 0, first) + 1, reason


def _is_in(trail: Trail, kind: str) -> bool:
    """Return whether a trail enters such a statement outside functions and, if it matters, loops."""
    kinds = [step.node.type for step in trail]
    return kind in kinds and FUNCTIONS.isdisjoint(kinds) and _LOOPS.isdisjoint(kinds)
