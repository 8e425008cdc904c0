"""Finds names that are used as types in quoted annotations, and all uses of a binding including those."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from scanner.python.scopes import Binding, is_use
from scanner.python.source import Source

_DOTTED = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def uses_of(source: Source, bound: Binding) -> Iterator[Node]:
    """Yield every node that reads a binding's name, quoted annotations included."""
    if bound.name not in source.uses_by_scope:
        # Every use is looked up once: a file may bind one name thousands of times.
        source.uses_by_scope[bound.name] = _find_uses(source, bound.name)
    return iter(source.uses_by_scope[bound.name].get(bound.scope.id, ()))


def _find_uses(source: Source, name: str) -> dict[int, list[Node]]:
    """Return the nodes that read a name, by the scope to whose bindings they refer."""
    found: dict[int, list[Node]] = {}
    for trail in source.trails(name):
        node = trail[-1].node
        if is_use(trail) and (refers := source.lookup(node)):
            found.setdefault(refers[0].scope.id, []).append(node)
    for node in source.strings(name):
        chain = quoted(source, node, name)
        if chain[:1] == (name,) and (refers := source.lookup_word(name, node)):
            found.setdefault(refers[0].scope.id, []).append(node)
    return found


def quoted(source: Source, node: Node, word: str) -> tuple[str, ...]:
    """Return the chain ending in `word` in a quoted annotation; empty if the string is not an annotation."""
    if not _is_annotation(source, node):
        return ()
    text = source.constant(node) or ""
    for match in _DOTTED.finditer(text):
        if text.count("'", 0, match.start()) % 2 or text.count('"', 0, match.start()) % 2:
            continue  # a string inside the annotation, such as an argument of Literal
        parts = match.group().split(".")
        if word in parts:
            return tuple(parts[: parts.index(word) + 1])
    return ()


def _is_annotation(source: Source, node: Node) -> bool:
    below = node
    for above in source.ancestors(node):
        if above.type == "type" and below.type != "type":
            below = above
            continue
        if above.type in {"generic_type", "subscript"}:
            first = above.named_children[0]
            if source.text(first).endswith("Literal"):
                return False
        if above.type == "argument_list":
            return _is_cast(source, above, below)
        if above.type in {"block", "module", "expression_statement", "call", "lambda"}:
            return False
        if below.type == "type" and above.type not in {"type_parameter", "generic_type", "type"}:
            return True
        below = above
    return False


def _is_cast(source: Source, arguments: Node, argument: Node) -> bool:
    """Return whether an argument is the quoted type in `cast("C", x)`."""
    call = source.enclosing(arguments, "call")
    function = call.child_by_field_name("function") if call is not None else None
    return (
        function is not None
        and source.text(function).rpartition(".")[2] == "cast"
        and arguments.named_children[0] == argument
    )
