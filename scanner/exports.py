"""What a module hands on: its star imports and the names that its `__all__` lists."""

import re
from typing import TYPE_CHECKING

from tree_sitter import Node

from scanner.imports import origin

if TYPE_CHECKING:
    from scanner.syntax import Source

_STAR = re.compile(rb"import[ \t\\\r\n]*\*")


def stars(source: "Source") -> tuple[tuple[Node, str], ...]:
    """The `wildcard_import` nodes at module level, each with the full name of its module."""
    found: list[tuple[Node, str]] = []
    for match in _STAR.finditer(source.data):
        trail = source.descend(match.end() - 1)
        at = next((i for i, step in enumerate(trail) if step.node.type == "wildcard_import"), None)
        if at is None or not source.is_module_level(trail[at].node):
            continue
        module = origin(trail[at - 1].node, source.module, source.package)
        if module is not None:
            found.append((trail[at].node, module))
    return tuple(found)


def exported(source: "Source") -> frozenset[str] | None:
    """The literal names of `__all__`: assigned, added with `+=`, `.extend()` or `.append()`."""
    names: set[str] | None = None
    for trail in source.trails("__all__"):
        parent, field = trail[-2].node, trail[-1].field
        value: Node | None = None
        if parent.type in {"assignment", "augmented_assignment"} and field == "left":
            value = parent.child_by_field_name("right")
        elif parent.type == "attribute" and field == "object" and len(trail) > 3:
            call = trail[-3].node
            value = call.child_by_field_name("arguments") if call.type == "call" else None
        if value is not None and source.is_module_level(parent):
            names = (names or set()) | _literals(source, value)
    return None if names is None else frozenset(names)


def _literals(source: "Source", node: Node) -> set[str]:
    if node.type in {"string", "concatenated_string"}:
        value = source.constant(node)
        return set() if value is None else {value}
    if node.type in {"list", "tuple", "set", "binary_operator", "parenthesized_expression", "argument_list"}:
        return {name for child in node.named_children for name in _literals(source, child)}
    return set()
