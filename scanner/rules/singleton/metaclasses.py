"""Finds classes whose metaclass returns one shared instance, and the metaclasses that do so."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from scanner.python.always_raises import is_tombstone
from scanner.python.classes import bases, full_name, methods
from scanner.python.source import Source
from scanner.rules.singleton.shape import Condition, Shape

SINGLETON_METACLASS = "singleton-metaclass"  # topic: this metaclass returns one shared instance
SINGLETON_CLASS = "singleton-class"  # topic: this class has such a metaclass
_DECLARED = re.compile(rb"\bmetaclass[ \t]*=|\bwith_metaclass\(|\b__metaclass__[ \t]*=")
# An expression that begins with a literal is ten times as fast as one beginning with `\b`.
_CLASS = re.compile(rb"class(?<=\bclass)[ \t]+[\w\x80-\xff]+[ \t]*\(")
_STORES = re.compile(r"\b(?:cls|self|\w*instances?\w*)\b[^\n]*(?:=(?!=)|setdefault\()")


def metaclass_users(source: Source) -> Iterator[Shape]:
    """Yield the classes with such a metaclass, whether declared by the class itself or inherited."""
    found: dict[int, Shape] = {}
    for class_node, metaclass in _declarations(source):
        for condition in _conditions(source, metaclass):
            found.setdefault(class_node.id, _shape(source, class_node, condition))
    for class_node in _subclasses(source):
        for condition in _inherited_conditions(source, class_node, found):
            found.setdefault(class_node.id, _shape(source, class_node, condition))
    yield from found.values()


def singleton_metaclasses(source: Source) -> Iterator[str]:
    """Yield the full names of metaclasses in this file that return one shared instance."""
    for class_node in _subclasses(source):
        if is_metaclass(source, class_node) and _stores_instance(source, class_node):
            yield full_name(source, class_node)


def is_metaclass(source: Source, class_node: Node) -> bool:
    """Return whether a class is a metaclass, judging by its bases."""
    names = [source.text(base).rpartition(".")[2] for base in bases(class_node)]
    return any(name == "type" or name.endswith(("Meta", "Metaclass", "MetaClass")) for name in names)


def _declarations(source: Source) -> Iterator[tuple[Node, Node]]:
    """Yield every class that declares a metaclass, with that metaclass."""
    for match in _DECLARED.finditer(source.data) if b"metaclass" in source.data else ():
        class_node = source.enclosing(source.descend(match.start())[-1].node, "class_definition")
        metaclass = None if class_node is None else _metaclass(source, class_node)
        if class_node is not None and metaclass is not None and not is_metaclass(source, class_node):
            yield class_node, metaclass


def _subclasses(source: Source) -> Iterator[Node]:
    for match in _CLASS.finditer(source.data):
        node = source.above(match.start())
        if node.type == "class_definition":
            yield node


def _metaclass(source: Source, class_node: Node) -> Node | None:
    """Return the metaclass from `metaclass=`, `with_metaclass()` or `__metaclass__ =`; None without one."""
    arguments = class_node.child_by_field_name("superclasses")
    for argument in arguments.named_children if arguments is not None else ():
        if argument.type == "keyword_argument":
            name = argument.child_by_field_name("name")
            if name is not None and source.text(name) == "metaclass":
                return argument.child_by_field_name("value")
        elif argument.type == "call" and source.text(argument).partition("(")[0].endswith("with_metaclass"):
            inner = argument.child_by_field_name("arguments")
            return None if inner is None else inner.named_child(0)
    return _metaclass_in_body(source, class_node)


def _metaclass_in_body(source: Source, class_node: Node) -> Node | None:
    body = class_node.child_by_field_name("body")
    for statement in body.named_children if body is not None else ():
        assignment = statement.named_child(0) if statement.type == "expression_statement" else None
        left = assignment.child_by_field_name("left") if assignment is not None else None
        if assignment is not None and left is not None and source.text(left) == "__metaclass__":
            return assignment.child_by_field_name("right")
    return None


def _conditions(source: Source, metaclass: Node) -> Iterator[Condition | None]:
    """Yield the conditions under which a metaclass stores an instance.

    Yields None if it certainly does, nothing if it does not, and otherwise what another file must publish.
    """
    local: list[Node] = []
    if metaclass.type == "identifier":
        local = [b.statement for b in source.lookup(metaclass) if b.kind == "class"]
    if local:
        if any(_stores_instance(source, class_node) for class_node in local):
            yield None
        return
    for name in source.resolve(metaclass) or (source.text(metaclass),):
        yield None if _is_named_singleton(name) else (SINGLETON_METACLASS, name)


def _inherited_conditions(
    source: Source, class_node: Node, found: dict[int, Shape]
) -> Iterator[Condition | None]:
    """Yield the conditions that a class inherits from bases in this file, then from imported bases."""
    named_bases = [base for base in bases(class_node) if base.type in {"identifier", "attribute"}]
    local = [
        binding.statement.id
        for base in named_bases
        if base.type == "identifier"
        for binding in source.lookup(base)
    ]
    yield from [found[key].condition for key in local if key in found][:1]
    for base in named_bases:
        imported = [name for name in source.resolve(base) if _is_named_singleton(name)]
        if imported and not any(binding.kind == "class" for binding in source.lookup(base)):
            yield SINGLETON_CLASS, imported[0]


def _is_named_singleton(name: str) -> bool:
    return "singleton" in name.rpartition(".")[2].lower()


def _stores_instance(source: Source, metaclass: Node, seen: frozenset[int] = frozenset()) -> bool:
    """Return whether `__call__` stores its result, either here or in a base that is not in `seen`."""
    for function in methods(metaclass):
        name = function.child_by_field_name("name")
        body = function.child_by_field_name("body")
        if name is not None and body is not None and source.text(name) == "__call__":
            return not is_tombstone(function) and _STORES.search(source.text(body)) is not None
    inherited = (
        b.statement for base in bases(metaclass) if base.type == "identifier" for b in source.lookup(base)
    )
    seen |= {metaclass.id}  # `class Meta(Meta)` resolves to itself here, although it means another class
    return any(
        node.type == "class_definition" and node.id not in seen and _stores_instance(source, node, seen)
        for node in inherited
    )


def _shape(source: Source, class_node: Node, condition: Condition | None) -> Shape:
    full = full_name(source, class_node)
    end = class_node.child_by_field_name("name") or class_node
    return Shape("metaclass", class_node, end, full, (full,), condition)
