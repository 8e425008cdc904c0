"""Finds instances created at module level, and globals that functions fill."""

from collections.abc import Iterator

from tree_sitter import Node

from scanner.python.always_raises import is_tombstone
from scanner.python.inference import Classes, annotated_classes, instance_classes
from scanner.python.scopes import Binding
from scanner.python.source import Source
from scanner.python.statements import assigned_values, bindings_in_body, declared_globals
from scanner.rules.singleton.shape import Shape


def module_instances(source: Source) -> Iterator[Shape]:
    """Yield instances created at module level, as in `registry = Registry()`, located at the name."""
    for target, value in bindings_in_body(source, source.root, source.root):
        if target.type == "identifier" and value.type != "identifier":  # an alias is not an instance
            symbol = _symbol(source, source.text(target))
            yield Shape("module-instance", target, target, symbol, instance_classes(source, value))


def module_globals(source: Source) -> Iterator[Shape]:
    """Yield globals that a function fills with an instance, located at their module-level assignment."""
    for name in declared_globals(source):
        bound = [binding for binding in source.bindings(name) if binding.scope == source.root]
        fills = [(b, function) for b in bound if (function := _function(source, b)) is not None]
        classes = tuple(dict.fromkeys(c for fill, function in fills for c in _filled(source, fill, function)))
        homes = [
            binding for binding in bound if binding.kind == "assign" and _function(source, binding) is None
        ]
        if not classes and any(_gives_value(fill, function) for fill, function in fills):
            classes = tuple(c for home in homes for c in annotated_classes(source, _hint(home)))
        if classes:
            node = (homes or [fills[0][0]])[0].node
            yield Shape("module-global", node, node, _symbol(source, name), classes)


def _symbol(source: Source, name: str) -> str:
    return f"{source.module}.{name}" if source.module else name


def _function(source: Source, binding: Binding) -> Node | None:
    return source.enclosing(binding.node, "function_definition")


def _hint(binding: Binding) -> Node | None:
    return binding.statement.child_by_field_name("type")


def _filled(source: Source, fill: Binding, function: Node) -> Classes:
    if is_tombstone(function):
        return ()
    return tuple(name for value in assigned_values(fill) for name in instance_classes(source, value))


def _gives_value(fill: Binding, function: Node) -> bool:
    """Return whether a function fills the global with a computed value and can also return."""
    return not is_tombstone(function) and any(
        value.type
        in {"call", "identifier", "attribute", "await", "conditional_expression", "boolean_operator"}
        for value in assigned_values(fill)
    )
