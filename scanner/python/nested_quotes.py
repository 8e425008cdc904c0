"""Finds the dotted names in a quoted annotation that contains quotes itself.

A string in an annotation is a type (`"list['C']"`), except in `Literal` and in the metadata of `Annotated`.
"""

import ast
from collections.abc import Callable, Iterator

Chain = tuple[int, tuple[str, ...]]  # the offset of a dotted name, in bytes, and its parts
LastName = Callable[[tuple[str, ...]], str]  # the last part of what a dotted name refers to
_DEEPEST = 5


def chains(text: str, last_name: LastName, depth: int = 0) -> list[Chain] | None:
    """Return the dotted names in an annotation; None if it is no expression on one line."""
    if "\n" in text or depth > _DEEPEST:
        return None
    try:
        tree = ast.parse(f"({text})", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return list(_within(tree, text, last_name, depth))


def _within(node: ast.AST, text: str, last_name: LastName, depth: int) -> Iterator[Chain]:
    parts = _parts(node)
    if parts:
        yield node.col_offset - 1, parts  # type: ignore[attr-defined]
    elif isinstance(node, ast.Constant):
        yield from _in_string(node, text, last_name, depth)
    elif isinstance(node, ast.Subscript):
        yield from _within(node.value, text, last_name, depth)
        name = last_name(_parts(node.value))
        if name == "Annotated" and isinstance(node.slice, ast.Tuple):
            types, data = node.slice.elts[:1], node.slice.elts[1:]
        else:
            types, data = ([], [node.slice]) if name == "Literal" else ([node.slice], [])
        for one in types:
            yield from _within(one, text, last_name, depth)
        for one in data:
            yield from _outside_strings(one)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _within(child, text, last_name, depth)


def _in_string(node: ast.Constant, text: str, last_name: LastName, depth: int) -> Iterator[Chain]:
    """Yield the names in a string, if it has neither a prefix nor escapes nor several parts."""
    end = node.end_col_offset
    if not isinstance(node.value, str) or end is None:
        return
    written = text.encode()[node.col_offset - 1 : end - 1]
    if written[1:-1] == node.value.encode():
        for at, parts in chains(node.value, last_name, depth + 1) or ():
            yield node.col_offset + at, parts


def _outside_strings(node: ast.AST) -> Iterator[Chain]:
    parts = _parts(node)
    if parts:
        yield node.col_offset - 1, parts  # type: ignore[attr-defined]
        return
    for child in ast.iter_child_nodes(node):
        yield from _outside_strings(child)


def _parts(node: ast.AST) -> tuple[str, ...]:
    """Return the parts of a dotted name; empty for any other expression."""
    if isinstance(node, ast.Name):
        return (node.id,)
    above = _parts(node.value) if isinstance(node, ast.Attribute) else ()
    return (*above, node.attr) if above and isinstance(node, ast.Attribute) else ()
