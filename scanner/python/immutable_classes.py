"""Finds the immutable classes in one file: enumerations, named tuples and frozen dataclasses."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from scanner.python.classes import full_name
from scanner.python.source import Source

NEEDLES = (b"Enum", b"Flag", b"frozen", b"NamedTuple")
_BASES = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag", "ReprEnum", "NamedTuple"})
_CLASS = re.compile(rb"\bclass[ \t]+\w+[ \t]*\([^)]*\b(?:\w*Enum|\w*Flag|NamedTuple)\b")
_FROZEN = re.compile(rb"\bfrozen\b(?:[ \t]*=[ \t]*True)?")


def immutables(source: Source) -> Iterator[str]:
    """Yield the full names of classes in this file whose instances are immutable."""
    for match in _CLASS.finditer(source.data):
        class_node = source.above(match.start())
        bases = class_node.child_by_field_name("superclasses")
        if bases is not None and any(
            source.text(n).rpartition(".")[2] in _BASES for n in bases.named_children
        ):
            yield full_name(source, class_node)
    for match in _FROZEN.finditer(source.data):
        frozen = _frozen(source, source.descend(match.start())[-1].node, b"=" in match.group())
        if frozen is not None:
            yield full_name(source, frozen)


def _frozen(source: Source, word: Node, keyword: bool) -> Node | None:
    """Return the class frozen by a decorator with `frozen`, or by `frozen=True` in its bases or body."""
    for above in source.ancestors(word):
        if above.type == "decorator":
            around = source.enclosing(above, "decorated_definition")
            found = None if around is None else around.child_by_field_name("definition")
            return found if found is not None and found.type == "class_definition" else None
        if above.type == "class_definition" and keyword:
            return above
        if above.type in {"function_definition", "string"}:
            return None
    return None
