"""Detects tombstones: functions that always raise, and classes that can no longer be instantiated."""

from collections.abc import Iterable

from tree_sitter import Node

_Ends = frozenset[str]  # how a statement ends: "raise", "leave" (return, break, continue) or "fall" (through)
_FALL: _Ends = frozenset({"fall"})
_LEAVES = frozenset({"raise_statement", "return_statement", "break_statement", "continue_statement"})
_DEEP = 100  # the deepest nesting of blocks that Python allows
_LOOPS = frozenset({"for_statement", "while_statement"})


def is_tombstone(definition: Node) -> bool:
    """Return whether a function raises on every path.

    A class is a tombstone if its `__init__` or `__new__` is.
    """
    body = definition.child_by_field_name("body")
    if body is None:
        return False
    if definition.type == "function_definition":
        return _sequence(body.named_children) == {"raise"}
    return any(is_tombstone(method) for method in _constructors(body))


def _constructors(body: Node) -> Iterable[Node]:
    for child in body.named_children:
        function = child.child_by_field_name("definition") if child.type == "decorated_definition" else child
        if function is not None and function.type == "function_definition":
            name = function.child_by_field_name("name")
            if name is not None and name.text in {b"__init__", b"__new__"}:
                yield function


def _sequence(statements: Iterable[Node], depth: int = 0) -> _Ends:
    ends: _Ends = frozenset()
    if depth > _DEEP:
        return _FALL
    for statement in statements:
        ends_here = _ends(statement, depth)
        ends |= ends_here - _FALL
        if "fall" not in ends_here:
            return ends
    return ends | _FALL


def _ends(statement: Node, depth: int) -> _Ends:
    kind = statement.type
    if kind in _LEAVES:
        return frozenset({"raise" if kind == "raise_statement" else "leave"})
    if kind == "try_statement":
        return _try(statement, depth)
    if kind == "with_statement":
        return _bodies(statement, depth)
    if kind == "if_statement":
        return _bodies(statement, depth) | (frozenset() if _has(statement, "else_clause") else _FALL)
    if kind in _LOOPS or kind == "match_statement":
        return _bodies(statement, depth) | _FALL
    return _FALL


def _try(statement: Node, depth: int) -> _Ends:
    ends = _bodies(statement, depth)
    last = next((child for child in statement.children if child.type == "finally_clause"), None)
    after = _bodies(last, depth) if last is not None else _FALL
    return (ends - _FALL) | after if ends & _FALL or "fall" not in after else ends


def _bodies(statement: Node, depth: int) -> _Ends:
    """Return how the blocks of a statement and its clauses end, apart from a `finally` block."""
    ends: _Ends = frozenset()
    for child in statement.named_children:
        if child.type == "block":
            ends |= _sequence(child.named_children, depth + 1)
        elif child.type.endswith("_clause") and child.type not in {"finally_clause", "with_clause"}:
            ends |= _bodies(child, depth)
    return ends


def _has(statement: Node, kind: str) -> bool:
    return any(child.type == kind for child in statement.children)
