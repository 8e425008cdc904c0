"""Finds definitions of listed symbols in their own module, and other bindings of the same names there."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from scanner.python.always_raises import is_tombstone
from scanner.python.scopes import Binding
from scanner.python.source import Source
from scanner.rules.base import Hit
from scanner.rules.symbols.symbol_list import Listed

_WHOLE = frozenset({"def", "class"})


@dataclass(frozen=True, slots=True)
class Definitions:
    """The definitions of listed symbols in one file.

    `inside` contains the byte ranges of listed functions and classes, because their whole body belongs to the
    definition. `nodes` contains the ids of identifiers that only this module judges.
    """

    hits: tuple[Hit, ...]
    inside: tuple[tuple[int, int], ...]
    nodes: frozenset[int]

    def covers(self, node: Node) -> bool:
        """Return whether a node is inside the definition of a listed symbol."""
        return any(start <= node.start_byte < end for start, end in self.inside)


def definitions(source: Source, listed: Listed) -> Definitions:
    """Return the definitions and rebindings of listed symbols in one file."""
    found: list[tuple[Binding, Hit]] = []
    for last in listed.by_last:
        own: dict[str, list[Binding]] = {}
        for bound in source.bindings(last):
            symbol = _symbol(source, listed, bound)
            if symbol is not None:
                own.setdefault(symbol, []).append(bound)
        for symbol, bindings in own.items():
            found += [(bound, _hit(source, symbol, bound, role)) for bound, role in _roles(source, bindings)]
    inside = tuple(
        _stretch(source, bound.statement)
        for bound, hit in found
        if hit.role == "definition" and bound.kind in _WHOLE
    )
    found = [(bound, hit) for bound, hit in found if not is_overload(source, bound)]
    hits = tuple(hit for bound, hit in found if hit.role == "definition" or not _within(inside, bound.node))
    return Definitions(hits, inside, frozenset(bound.node.id for bound, _ in found))


def _symbol(source: Source, listed: Listed, bound: Binding) -> str | None:
    if bound.kind != "import":
        return listed.first_of(source.expand((bound,)))
    if bound.scope != source.root or (bound.target and bound.target in listed):
        return None
    return listed.first_of([f"{source.module}.{bound.name}"])


def _roles(source: Source, bindings: list[Binding]) -> Iterator[tuple[Binding, str]]:
    """Yield each binding's role.

    Every `def`, `class` and import is a definition; if there are none, the first assignment is.
    """
    direct = [b for b in bindings if b.kind != "del" and source.scopes(b.node)[-1] == b.scope]
    defining = [b for b in direct if b.kind in _WHOLE or b.kind == "import"]
    if not defining:
        defining = [b for b in direct if not _is_bare_annotation(b)][:1] or direct[:1]
    for bound in bindings:
        if bound in defining:
            yield bound, "definition"
        elif not _is_bare_annotation(bound):
            yield bound, "reference"


def _is_bare_annotation(bound: Binding) -> bool:
    statement = bound.statement
    return statement.type == "assignment" and statement.child_by_field_name("right") is None


def _hit(source: Source, symbol: str, bound: Binding, role: str) -> Hit:
    if bound.kind not in _WHOLE:
        return Hit(source.location(bound.node), role, symbol, source.scope(bound.node))
    location = source.location(bound.statement, until=bound.node)
    return Hit(location, role, symbol, source.scope(bound.statement), low=is_tombstone(bound.statement))


def _stretch(source: Source, statement: Node) -> tuple[int, int]:
    wrapper = next(source.ancestors(statement), statement)
    whole = wrapper if wrapper.type == "decorated_definition" else statement
    return whole.start_byte, whole.end_byte


def is_overload(source: Source, bound: Binding) -> bool:
    """Return whether a binding is an `@overload` signature that precedes the actual definition."""
    wrapper = next(source.ancestors(bound.statement), source.root)
    return wrapper.type == "decorated_definition" and any(
        source.text(child).rstrip().endswith("overload")
        for child in wrapper.named_children
        if child.type == "decorator"
    )


def _within(ranges: tuple[tuple[int, int], ...], node: Node) -> bool:
    return any(start <= node.start_byte < end for start, end in ranges)
