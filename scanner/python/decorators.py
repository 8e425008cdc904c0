"""The decorators of functions and classes, and the names of decorators that cache results."""

from collections.abc import Iterator

from tree_sitter import Node

from scanner.python.source import Source

CACHES = frozenset(
    {"functools.lru_cache", "functools.cache", "async_lru.alru_cache", "methodtools.lru_cache"}
)


def decorators(source: Source, definition: Node) -> Iterator[Node]:
    """Yield the decorators of a function or class."""
    wrapper = next(source.ancestors(definition), None)
    if wrapper is not None and wrapper.type == "decorated_definition":
        yield from (child for child in wrapper.named_children if child.type == "decorator")


def decorator_callee(decorator: Node) -> Node | None:
    """Return the name or attribute that a decorator applies, without its call arguments."""
    callee = decorator.named_child(0)
    if callee is not None and callee.type == "call":
        return callee.child_by_field_name("function")
    return callee
