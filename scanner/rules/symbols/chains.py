"""Resolves attribute chains as far as a single file allows."""

from collections.abc import Sequence
from dataclasses import dataclass

from tree_sitter import Node

from scanner.python.builtin_names import BUILTINS
from scanner.python.resolver import split_chain
from scanner.python.scopes import Trail, is_use
from scanner.python.source import Source
from scanner.rules.symbols.symbol_list import Listed

_PATTERN = frozenset({"case_pattern", "class_pattern", "dict_pattern", "keyword_pattern", "union_pattern"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """The full names that a chain may refer to; `unbound` is true if no scope binds its first name."""

    names: tuple[str, ...]
    unbound: bool


def resolve_chain(source: Source, listed: Listed, parts: Sequence[str], at: Node) -> Meaning:
    """Resolve the chain `parts` at a node; names defined in the file itself count only if they are listed."""
    bound = source.lookup_word(parts[0], at)
    tail = "".join(f".{part}" for part in parts[1:])
    if not bound and len(parts) > 1 and source.package and parts[0] not in BUILTINS:
        # A submodule that any module has imported is an attribute of its package.
        return Meaning((".".join((source.module, *parts)).lstrip("."),), unbound=True)
    imported, defined = source.meanings(bound)
    own = [name + tail for name in defined]
    return Meaning(
        (*(name + tail for name in imported), *(name for name in own if name in listed)), not bound
    )


def chain_at(source: Source, trail: Trail) -> tuple[Node, tuple[str, ...]] | None:
    """Return the chain ending in a trail's identifier, and its components; None if it is not a use."""
    parent, step = trail[-2].node, trail[-1]
    if parent.type == "attribute" and step.field == "attribute":
        words = _words(source, parent)
        return (parent, words) if words else None
    if parent.type == "dotted_name" and trail[-3].node.type in _PATTERN:
        until = [child for child in parent.named_children if child.start_byte <= step.node.start_byte]
        return (parent, tuple(source.text(child) for child in until)) if is_value(trail) else None
    return (step.node, (source.text(step.node),)) if is_use(trail) else None


def is_value(trail: Trail) -> bool:
    """Return whether a name in a pattern is looked up; a single word is a capture unless it is a class."""
    return trail[-3].node.type == "class_pattern" or trail[-2].node.named_child_count > 1


def _words(source: Source, node: Node) -> tuple[str, ...]:
    found = split_chain(node)
    return tuple(source.text(part) for part in (found[0], *found[1])) if found else ()
