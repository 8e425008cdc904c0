"""Finds uses of listed names in one file: calls, stored calls, references, and dotted names in strings."""

from collections.abc import Collection, Iterator, Mapping

from tree_sitter import Node

from scanner.python.annotations import quoted
from scanner.python.builtin_names import BUILTINS
from scanner.python.source import Source
from scanner.rules.symbols.chains import chain_at, resolve_chain
from scanner.rules.symbols.definitions import Definitions
from scanner.rules.symbols.sites import Site
from scanner.rules.symbols.symbol_list import Listed
from scanner.rules.symbols.value_flow import Flow

Words = Mapping[str, Collection[str]]
"""The listed last names to which each local name may refer."""


def uses(source: Source, listed: Listed, words: Words, own: Definitions) -> Iterator[Site]:
    """Yield the sites that read a listed name."""
    flow = Flow(source)
    for word, lasts in words.items():
        for trail in source.trails(word):
            found = chain_at(source, trail) if trail[-1].node.id not in own.nodes else None
            if found is None or own.covers(trail[-1].node):
                continue
            node, parts = found
            meaning = None
            for last in lasts:
                if word == last or len(parts) == 1:
                    meaning = meaning or resolve_chain(source, listed, parts, node)
                    names = listed.ending_in(meaning.names, last)
                    site = _site(flow, node, last, names, meaning.unbound and parts == (last,))
                    if site is not None:
                        yield site


def _site(flow: Flow, node: Node, last: str, names: tuple[str, ...], is_bare: bool) -> Site | None:
    """Return the site of a chain that may refer to some names; `is_bare` is true if the chain is the listed
    last name itself, and no scope binds it.
    """
    source = flow.source
    stars: tuple[str, ...] = ()
    bare = False
    if is_bare:
        stars = tuple(module for _, module in reversed(source.stars))
        bare = _is_bare(source, last)
    if not names and not stars and not bare:
        return None
    node, role = _role(flow, node)
    return Site(source.location(node), role, source.scope(node), last, names, stars, bare)


def _is_bare(source: Source, name: str) -> bool:
    """Return whether an unbound name may be listed: a builtin, or a name that nothing in the file binds.

    A name that only another scope binds is hardly the listed one, but a builtin still exists there.
    """
    return name in BUILTINS or not source.bindings(name)


def _role(flow: Flow, node: Node) -> tuple[Node, str]:
    """Return the node to report, and the role of the use."""
    above = flow.source.ancestors(node)
    inner = node
    parent = next(above, None)
    while parent is not None and parent.type == "parenthesized_expression":
        inner, parent = parent, next(above, None)
    if parent is None or parent.type != "call" or parent.child_by_field_name("function") != inner:
        return node, "reference"
    return parent, "stored-call" if flow.is_stored(parent) else "call"


def strings(source: Source, listed: Listed, words: Words, own: Definitions) -> Iterator[Site]:
    """Yield quoted annotations that use a listed name, and string constants that contain its dotted name."""
    for word, last in ((word, last) for word, lasts in words.items() for last in lasts):
        for node in source.strings(word):
            if own.covers(node):
                continue
            chain = quoted(source, node, word)
            if chain:
                meaning = resolve_chain(source, listed, chain, node)
                names = listed.ending_in(meaning.names, last)
                bare = chain == (last,) and meaning.unbound and _is_bare(source, word)
                stars = tuple(m for _, m in reversed(source.stars)) if bare else ()
                if names or bare:
                    yield Site(
                        source.location(node), "reference", source.scope(node), last, names, stars, bare
                    )
                    continue
            site = _spelled(source, listed, node, last) if word == last else None
            if site is not None:
                yield site


def _spelled(source: Source, listed: Listed, node: Node, last: str) -> Site | None:
    """Return the site of a string constant that ends in a listed last name; docstrings are ignored."""
    value = source.constant(node)
    above = next(source.ancestors(node), None)
    if value is None or not value.endswith("." + last) or above is None:
        return None
    if above.type == "expression_statement" or not all(part.isidentifier() for part in value.split(".")):
        return None
    return Site(
        source.location(node), "string", source.scope(node), last, (listed.symbol_at_end(value) or value,)
    )
