"""Finds instances stored on a class, as by `_instance`, `__new__`, `get_instance` or the Borg pattern."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tree_sitter import Node

from scanner.python.always_raises import is_tombstone
from scanner.python.classes import bases, class_definitions, class_of, full_name, own_class
from scanner.python.inference import Classes, instance_classes
from scanner.python.source import Source
from scanner.python.statements import bindings_in_body, statements
from scanner.rules.singleton.class_stores import Store
from scanner.rules.singleton.metaclasses import is_metaclass
from scanner.rules.singleton.shape import Shape

STORED_ELSEWHERE = "stored-elsewhere"  # topic: another file stores an instance of this class on the class
BORG = re.compile(rb"\.__dict__[ \t]*=(?!=)")
_PLAIN_BASES = frozenset({"object", "ABC", "Generic", "Protocol", "Exception"})
_LIKE_INSTANCE = re.compile(r"_*(?:\w+_)?(?:instance|singleton)_*", re.IGNORECASE)
_Found = tuple[Node, Shape]


def class_instances(source: Source, stored: Sequence[Store]) -> Iterator[Shape]:
    """Yield instances stored on classes in this file.

    A class's own instance is yielded once per class, other instances once per attribute.
    """
    found: dict[tuple[int, str], Shape] = {}
    for class_node, shape in (*_in_bodies(source), *_by_stores(source, stored), *_borgs(source)):
        if not shape.classes or is_metaclass(source, class_node):
            continue
        own = full_name(source, class_node) in shape.classes
        key = (class_node.id, "" if own else shape.symbol)
        best = shape if key not in found or _rank(source, shape) < _rank(source, found[key]) else found[key]
        found[key] = replace(best, declared=shape.declared and (key not in found or found[key].declared))
    yield from found.values()


def stored_on_imports(source: Source, stored: Sequence[Store]) -> Iterator[str]:
    """Yield the full names of imported classes on which an instance is stored: `Thing._one = Thing()`."""
    for store in stored:
        if own_class(source, store.owner) is None and class_of(source, store.owner) is None:
            names = source.resolve(store.owner)
            yield from (name for name in instance_classes(source, store.value) if name in names)


def unfilled_attributes(source: Source) -> Iterator[Shape]:
    """Yield attributes named like an instance that this file does not fill, although another file may."""
    if b"instance" not in source.data.lower() and b"singleton" not in source.data.lower():
        return
    for class_node in class_definitions(source, source.root):
        for name, target in _names_in(source, class_node).items():
            if _LIKE_INSTANCE.fullmatch(name):
                full = full_name(source, class_node)
                yield Shape(
                    "class-instance", target, target, f"{full}.{name}", (full,), (STORED_ELSEWHERE, full)
                )


def _rank(source: Source, shape: Shape) -> tuple[int, int]:
    """Return the preference rank of a location: the attribute, then `__new__`, then the first one."""
    if shape.start.type == "identifier":
        return 0, shape.start.start_byte
    return 1 if source.text(shape.end) == "__new__" else 2, shape.start.start_byte


def _in_bodies(source: Source) -> Iterator[_Found]:
    known: dict[int, bool] = {}
    for class_node in class_definitions(source, source.root):
        body = class_node.child_by_field_name("body")
        for target, value in bindings_in_body(source, class_node, body) if body is not None else ():
            if target.type == "identifier" and value.type != "identifier":
                _, shape = _shape(source, class_node, target, instance_classes(source, value))
                public = bool(shape.classes) and not source.text(target).startswith("_")
                declared = public and not _is_plain(source, class_node, known)
                yield class_node, replace(shape, declared=declared)


def _is_plain(source: Source, class_node: Node, known: dict[int, bool]) -> bool:
    """Return whether no base of the class, or of an enclosing class, may turn class attributes into fields.

    `known` caches the results, because classes share bases.
    """
    if class_node.id not in known:
        around = source.enclosing(class_node, "class_definition")
        known[class_node.id] = (around is None or _is_plain(source, around, known)) and all(
            _is_plain_base(source, base, known) for base in bases(class_node)
        )
    return known[class_node.id]


def _is_plain_base(source: Source, base: Node, known: dict[int, bool]) -> bool:
    if base.type == "subscript":
        base = base.child_by_field_name("value") or base
    if source.text(base).rpartition(".")[2] in _PLAIN_BASES:
        return True
    here = [binding.statement for binding in source.lookup(base)] if base.type == "identifier" else []
    return bool(here) and all(
        above.type == "class_definition"
        and above.end_byte < base.start_byte
        and _is_plain(source, above, known)
        for above in here
    )


def _by_stores(source: Source, stored: Sequence[Store]) -> Iterator[_Found]:
    for store in stored:
        class_node = class_of(source, store.owner)
        function = source.enclosing(store.owner, "function_definition")
        if class_node is None or (function is not None and is_tombstone(function)):
            continue
        named = _names_in(source, class_node).get(store.attribute)
        classes = instance_classes(source, store.value)
        inside = function is not None and source.enclosing(function, "class_definition") == class_node
        own = inside and full_name(source, class_node) in classes
        location = named or (function if own else None) or store.owner
        yield _shape(source, class_node, location, classes, store.attribute)


def _borgs(source: Source) -> Iterator[_Found]:
    for match in BORG.finditer(source.data):
        assignment = source.above(match.start() + 1, levels=2)
        value = assignment.child_by_field_name("right") if assignment.type == "assignment" else None
        if value is None or value.type != "attribute":
            continue
        owner, name = value.child_by_field_name("object"), value.child_by_field_name("attribute")
        if owner is None or name is None:
            continue
        class_node = class_of(source, owner) or source.enclosing(owner, "class_definition")
        location = None if class_node is None else _names_in(source, class_node).get(source.text(name))
        if class_node is not None and location is not None:
            yield _shape(source, class_node, location, (full_name(source, class_node),))


def _names_in(source: Source, class_node: Node) -> dict[str, Node]:
    """Return the names that a class body assigns or annotates, each with the first node that does so."""
    body = class_node.child_by_field_name("body")
    found: dict[str, Node] = {}
    for statement in statements(source, body) if body is not None else ():
        left = statement.child_by_field_name("left") if statement.type == "assignment" else None
        if left is not None and left.type == "identifier":
            found.setdefault(source.text(left), left)
    return found


def _shape(source: Source, class_node: Node, location: Node, classes: Classes, attribute: str = "") -> _Found:
    """Return the shape for an attribute, located at its name in the class body, a method, or the store."""
    end = location.child_by_field_name("name") or location
    symbol = f"{full_name(source, class_node)}.{attribute or source.text(location)}"
    return class_node, Shape("class-instance", location, end, symbol, classes)
