"""Finds deprecated symbols in quoted annotations: where the name is, and what it refers to."""

import re
from dataclasses import dataclass

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.model import RefusedError
from scanner.python.annotations import names_in, quoted

_WORD = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Quoted:
    """A name in a quoted annotation.

    It has the name's components, the full names that it may refer to, and the byte ranges of its last
    component.
    """

    chain: tuple[str, ...]
    names: tuple[str, ...]
    ranges: tuple[tuple[int, int], ...]


def find_in_quotes(context: FixContext, node: Node, symbol: str) -> Quoted:
    """Return where a quoted annotation names a symbol. Raises RefusedError if it cannot be edited."""
    value = context.source.constant(node)
    content = [child for child in node.named_children if child.type == "string_content"]
    if node.type != "string" or value is None or len(content) != 1 or context.text(content[0]) != value:
        raise RefusedError("the annotation is made of several strings: change it by hand")
    last = symbol.rpartition(".")[2]
    for word in (last, *_WORD.findall(value)):
        chain = quoted(context.source, node, word)
        names = _full(context, chain, node)
        # Only the last component is known of a name that is unbound or from a star import.
        if chain and (symbol in names or (word == last and not (len(chain) == 1 and names))):
            return Quoted(chain, names, _places(context, node, content[0], chain))
    raise RefusedError("the name in the annotation could not be resolved: change it by hand")


def _full(context: FixContext, chain: tuple[str, ...], node: Node) -> tuple[str, ...]:
    """Return the full dotted names of an attribute chain at a node."""
    if not chain:
        return ()
    tail = "".join(f".{word}" for word in chain[1:])
    bound = context.source.lookup_word(chain[0], node)
    return tuple(name + tail for name in context.source.expand(bound))


def _places(
    context: FixContext, node: Node, content: Node, chain: tuple[str, ...]
) -> tuple[tuple[int, int], ...]:
    """Return the byte ranges of a chain's last component in a quoted annotation."""
    found: list[tuple[int, int]] = []
    for at, parts in names_in(context.source, node, context.text(content)):
        if parts[: len(chain)] == chain:
            end = content.start_byte + at + len(".".join(chain).encode())
            found.append((end - len(chain[-1].encode()), end))
    return tuple(found)
