"""The names that a module exports: through star imports and through `__all__`."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from scanner.python.imports import origin
from scanner.python.resolver import Names

_HOLDS = frozenset({"list", "tuple", "set", "binary_operator", "parenthesized_expression", "argument_list"})
_STAR = re.compile(rb"import[ \t\\\r\n]*\*")
_SIMPLE = re.compile(rb"from[ \t]+[\w.]+[ \t]+import[ \t]*\*[ \t]*(?:#[^\n]*)?\r?\n?")
_NOT_BEFORE = (b'"', b"'", b"}")


def stars(tree: Names) -> tuple[tuple[Node, str], ...]:
    """Return the `wildcard_import` nodes at module level, each with the full name of the imported module."""
    found: list[tuple[Node, str]] = []
    for match in _STAR.finditer(tree.data):
        trail = tree.descend(match.end() - 1)
        at = next((i for i, step in enumerate(trail) if step.node.type == "wildcard_import"), None)
        if at is None or not tree.is_in_module_scope(trail[at].node):
            continue
        module = origin(trail[at - 1].node, tree.module, tree.package)
        if module is not None:
            found.append((trail[at].node, module))
    return tuple(found)


def exported(tree: Names) -> frozenset[str] | None:
    """Return the literal names in `__all__`: assigned, or added with `+=`, `.extend()` or `.append()`."""
    listed: set[str] | None = None
    for trail in tree.trails("__all__"):
        parent, field = trail[-2].node, trail[-1].field
        value: Node | None = None
        if parent.type in {"assignment", "augmented_assignment"} and field == "left":
            value = parent.child_by_field_name("right")
        elif parent.type == "attribute" and field == "object" and len(trail) > 3:
            call = trail[-3].node
            value = call.child_by_field_name("arguments") if call.type == "call" else None
        if value is not None and tree.is_in_module_scope(parent):
            listed = (listed or set()) | set(_literals(tree, value))
    return None if listed is None else frozenset(listed)


def _literals(tree: Names, value: Node) -> Iterator[str]:
    """Yield the strings in a list, tuple or set, or in a sum of these."""
    pending = [value]
    while pending:
        node = pending.pop()
        if node.type in {"string", "concatenated_string"}:
            name = tree.constant(node)
            if name is not None:
                yield name
        elif node.type in _HOLDS:
            pending += node.named_children


def exports_end(text: bytes) -> int:
    """Return the offset after the last star import of a valid text, if it has no `__all__`.

    Returns the length of the text if its bytes do not suffice to find that import.
    """
    if b"__all__" in text or not text.isascii() or text.count(b"\r") != text.count(b"\r\n"):
        return len(text)
    for match in reversed(list(_STAR.finditer(text))):
        start = text.rfind(b"\n", 0, match.start()) + 1
        before = text[start : match.start()].strip()
        if not before.startswith(b"#") and not before.endswith(_NOT_BEFORE):
            end = text.find(b"\n", match.end()) + 1 or len(text)
            return end if _SIMPLE.fullmatch(text, start, end) else len(text)
    return 0
