"""Finds values that outlive a call because a class, a module or an object stores them."""

from collections.abc import Iterator

from tree_sitter import Node

from scanner.python.classes import class_of, own_class
from scanner.python.source import Source
from scanner.python.statements import statements, targets
from scanner.rules.shared_return.local_values import always_runs_before
from scanner.rules.shared_return.shared_values import is_mutable_object, is_plain_hint


def class_attribute_values(source: Source, class_node: Node, name: str) -> Iterator[Node]:
    """Yield the values of a class attribute: those in the class body, then those assigned from outside it."""
    body = class_node.child_by_field_name("body")
    for statement in statements(source, body) if body is not None else ():
        if statement.type == "assignment" and not is_plain_hint(
            source, statement.child_by_field_name("type")
        ):
            yield from (value for target, value in targets(statement) if source.text(target) == name)
    for trail in source.trails(name):
        owner = trail[-2].node.child_by_field_name("object") if trail[-1].field == "attribute" else None
        if owner is None or class_of(source, owner) != class_node:
            continue
        assignment = source.enclosing(owner, "assignment")
        for target, value in targets(assignment) if assignment is not None else ():
            if target == trail[-2].node:
                yield value


def is_assigned(source: Source, attribute: Node, name: Node) -> bool:
    """Return whether the file assigns to an attribute that is written in the same way."""
    text = source.text(attribute)
    return any(
        trail[-1].field == "attribute" and trail[-2].field == "left" and source.text(trail[-2].node) == text
        for trail in source.trails(source.text(name))
    )


def is_filled_lazily(
    source: Source, stored: Node, read: Node, function: Node, *, items: bool = False
) -> bool:
    """Return whether a function fills what it reads only under some conditions.

    This applies to attributes, and to the items in containers.
    """
    if stored.type not in {"identifier", "attribute"} or not outlives_call(source, stored):
        return False
    values = [
        (target, value)
        for target in _stores(source, stored, function, items=items)
        for value in _mutable_values(source, target)
    ]
    return bool(values) and not any(
        _always_replaces(source, target, value, stored, read) for target, value in values
    )


def outlives_call(source: Source, expression: Node) -> bool:
    """Return whether a name is global, or the owner of an attribute already exists before the call."""
    if expression.type == "identifier":
        return any(binding.scope == source.root for binding in source.lookup(expression))
    head = expression
    while head.type == "attribute" and (below := head.child_by_field_name("object")) is not None:
        head = below
    if head.type != "identifier":
        return own_class(source, head) is not None
    bound = source.lookup(head)
    return not bound or any(b.scope == source.root or b.kind in {"parameter", "import"} for b in bound)


def _stores(source: Source, stored: Node, function: Node, *, items: bool) -> Iterator[Node]:
    """Yield nodes in a function that may be assignment targets: the stored name, or items in it."""
    name = stored.child_by_field_name("attribute") or stored
    for trail in source.trails_within(source.text(name), function.start_byte, function.end_byte):
        at = len(trail) - 1 - (stored.type == "attribute")
        if source.text(trail[at].node) != source.text(stored):
            continue
        if stored.type == "identifier" and trail[at].field == "attribute":
            continue
        if not items:
            yield trail[at].node
        elif trail[at - 1].node.type == "subscript" and trail[at].field == "value":
            yield trail[at - 1].node


def _mutable_values(source: Source, target: Node) -> Iterator[Node]:
    """Yield the mutable objects that an assignment stores in a target, excluding parameters."""
    assignment = source.enclosing(target, "assignment")
    for left, value in targets(assignment) if assignment is not None else ():
        if left == target and is_mutable_object(source, value) and not _is_parameter(source, value):
            yield value


def _is_parameter(source: Source, value: Node) -> bool:
    return value.type == "identifier" and any(b.kind == "parameter" for b in source.lookup(value))


def _always_replaces(source: Source, target: Node, value: Node, stored: Node, read: Node) -> bool:
    """Return whether a store before a read always runs and does not reuse the stored object."""
    assignment = source.enclosing(target, "assignment")
    return (
        assignment is not None
        and assignment.end_byte <= read.start_byte
        and source.text(stored) not in source.text(value)
        and always_runs_before(source, target, read)
    )
