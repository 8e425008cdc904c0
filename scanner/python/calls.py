"""The arguments of a call and their keywords."""

from tree_sitter import Node

from scanner.python.source import Source


def arguments(call: Node) -> list[Node]:
    """Return the arguments of a call, excluding comments."""
    around = call.child_by_field_name("arguments")
    return [] if around is None else [node for node in around.named_children if node.type != "comment"]


def keyword(source: Source, argument: Node) -> str:
    """Return the name of a keyword argument, or an empty string for any other argument."""
    name = argument.child_by_field_name("name") if argument.type == "keyword_argument" else None
    return source.text(name) if name is not None else ""
