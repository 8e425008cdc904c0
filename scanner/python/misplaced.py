"""Finds statements that Python parses and then refuses to compile, because of where they are."""

import re
from collections.abc import Callable, Iterator
from itertools import islice

from tree_sitter import Node

from scanner.python.multi_search import Needles
from scanner.python.scopes import COMPREHENSIONS, FUNCTIONS, Trail

Fault = tuple[int, str]
_APART = frozenset(
    {*COMPREHENSIONS, *FUNCTIONS, "class_definition", "global_statement", "nonlocal_statement"}
    | {"import_statement", "import_from_statement"}
)
_GLOBAL = re.compile(rb"^[ \t]+global[ \t]+([^\n;#\\]+)", re.MULTILINE)
_WORD = re.compile(rb"[\w\x80-\xff]+")
_LOOPS = frozenset({"for_statement", "while_statement"})
# What a statement begins with at column 0, where no function or loop can enclose it.
_OUTSIDE = {
    b"return": ("return_statement", "'return' outside function"),
    b"yield": ("yield", "'yield' outside function"),
    b"break": ("break_statement", "'break' outside loop"),
    b"continue": ("continue_statement", "'continue' outside loop"),
    b"nonlocal": ("nonlocal_statement", "nonlocal declaration not allowed at module level"),
}
_STAR = b"import *"
# One search for all words; a search for each of them took a twelfth of the time of parsing.
_WORDS = Needles([*((b"\n" + word,) for word in _OUTSIDE), (_STAR,), (b"global",)])
_HAS_STAR = len(_OUTSIDE)
_HAS_GLOBAL = _HAS_STAR + 1


def may_misplace(data: bytes) -> bool:
    """Return whether a text may contain such a statement, apart from star imports, judging by its bytes."""
    present = _WORDS.found_in(data) - {_HAS_STAR}
    if _HAS_GLOBAL in present and not _GLOBAL.search(data):
        present -= {_HAS_GLOBAL}
    return bool(present) or data.startswith(tuple(_OUTSIDE))


def misplaced_statement(data: bytes, descend: Callable[[int], Trail]) -> Fault | None:
    """Return the line and reason of the first such statement.

    It stands at column 0, is a star import in a function, or is a `global` after a use of its name. Such
    lines are left over when code is moved or merged, and Python 2 allowed the last. Other errors of the
    compiler are not looked for.
    """
    present = _WORDS.found_in(data)
    found = [*islice(_late_globals(data, descend), 1)] if _HAS_GLOBAL in present else []
    for number, (word, (kind, reason)) in enumerate(_OUTSIDE.items()):
        if number not in present and not data.startswith(word):
            continue
        at = 0 if data.startswith(word) else data.find(b"\n" + word) + 1
        while at or data.startswith(word):
            if _is_in(descend(at), kind):
                found.append((at, reason))
                break
            at = data.find(b"\n" + word, at) + 1
            if not at:
                break
    at = data.find(_STAR) if _HAS_STAR in present else -1
    while at >= 0:
        kinds = [step.node.type for step in descend(at)]
        if "import_from_statement" in kinds and not FUNCTIONS.isdisjoint(kinds):
            found.append((at, "import * only allowed at module level"))
            break
        at = data.find(_STAR, at + 1)
    if not found:
        return None
    first, reason = min(found)
    return data.count(b"\n", 0, first) + 1, reason


def _late_globals(data: bytes, descend: Callable[[int], Trail]) -> Iterator[tuple[int, str]]:
    """Yield each `global` statement below a use of its name in the same function."""
    for match in _GLOBAL.finditer(data):
        trail = descend(match.start())
        if not any(step.node.type == "global_statement" for step in trail):
            continue
        body = next((step.node for step in reversed(trail) if step.field == "body"), trail[0].node)
        function = next((step.node for step in reversed(trail) if step.node.type in FUNCTIONS), None)
        if function is not None:
            body = function.child_by_field_name("body") or body
        for name in _WORD.findall(match[1]):
            word = re.compile(rb"(?<![\w.\x80-\xff])%b(?![\w\x80-\xff])" % re.escape(name))
            for use in word.finditer(data, body.start_byte, match.start()):
                if _is_use_in(descend(use.start()), body):
                    yield match.start(), f"name '{name.decode()}' is used prior to global declaration"
                    return


def _is_use_in(trail: Trail, body: Node) -> bool:
    """Return whether a trail leads to a name in a body: not in a scope inside it, nor in an import."""
    at = next((i for i, step in enumerate(trail) if step.node == body), None)
    if at is None or trail[-1].node.type != "identifier" or trail[-1].field in {"attribute", "name"}:
        return False
    inner = {step.node.type for step in trail[at + 1 :]}
    return inner.isdisjoint(_APART)


def _is_in(trail: Trail, kind: str) -> bool:
    """Return whether a trail enters such a statement outside functions and, if it matters, loops."""
    kinds = [step.node.type for step in trail]
    return kind in kinds and FUNCTIONS.isdisjoint(kinds) and _LOOPS.isdisjoint(kinds)
