"""Classes whose metaclass hands out one instance, and the metaclasses that do."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from scanner.python.always_raises import is_tombstone
from scanner.python.classes import bases, full_name, methods
from scanner.python.source import Source
from scanner.rules.singleton.shape import Shape

KEEPER = "keeper"  # topic: this metaclass hands out one instance
USER = "user"  # topic: this class has such a metaclass
_ASKED = re.compile(rb"\bmetaclass[ \t]*=|\bwith_metaclass\(|\b__metaclass__[ \t]*=")
# An expression that begins with a literal is ten times as fast as one that begins at a word's edge.
_CLASS = re.compile(rb"class(?<=\bclass)[ \t]+\w+[ \t]*\(")
_KEEPS = re.compile(r"\b(?:cls|self|\w*instances?\w*)\b[^\n]*(?:=(?!=)|setdefault\()")


def metaclass_users(source: Source) -> Iterator[Shape]:
    """The classes with a metaclass that keeps their instance, by themselves or by a base in this file."""
    found: dict[int, Shape] = {}
    for match in _ASKED.finditer(source.data) if b"metaclass" in source.data else ():
        class_node = source.enclosing(source.descend(match.start())[-1].node, "class_definition")
        asked = None if class_node is None else _metaclass(source, class_node)
        if class_node is None or asked is None or is_metaclass(source, class_node):
            continue
        for verdict in _verdicts(source, asked):
            found.setdefault(class_node.id, _shape(source, class_node, verdict))
    for class_node in _subclasses(source):
        named = [base for base in bases(class_node) if base.type in {"identifier", "attribute"}]
        here = [
            binding.statement.id
            for base in named
            if base.type == "identifier"
            for binding in source.lookup(base)
        ]
        if (above := next((found[key] for key in here if key in found), None)) is not None:
            found.setdefault(class_node.id, _shape(source, class_node, above.asks))
        for base in named:
            imported = [
                name for name in source.resolve(base) if "singleton" in name.rpartition(".")[2].lower()
            ]
            if imported and not any(b.kind == "class" for b in source.lookup(base)):
                found.setdefault(class_node.id, _shape(source, class_node, (USER, imported[0])))
    yield from found.values()


def keepers(source: Source) -> Iterator[str]:
    """The full names of the metaclasses of this file that hand out one instance."""
    for class_node in _subclasses(source):
        if is_metaclass(source, class_node) and _hands_out_one(source, class_node):
            yield full_name(source, class_node)


def is_metaclass(source: Source, class_node: Node) -> bool:
    """Whether a class is made to be the class of classes, by its bases."""
    names = [source.text(base).rpartition(".")[2] for base in bases(class_node)]
    return any(name == "type" or name.endswith(("Meta", "Metaclass", "MetaClass")) for name in names)


def _subclasses(source: Source) -> Iterator[Node]:
    for match in _CLASS.finditer(source.data):
        node = source.above(match.start())
        if node.type == "class_definition":
            yield node


def _metaclass(source: Source, class_node: Node) -> Node | None:
    around = class_node.child_by_field_name("superclasses")
    for part in around.named_children if around is not None else ():
        if part.type == "keyword_argument":
            name = part.child_by_field_name("name")
            if name is not None and source.text(name) == "metaclass":
                return part.child_by_field_name("value")
        elif part.type == "call" and source.text(part).partition("(")[0].endswith("with_metaclass"):
            arguments = part.child_by_field_name("arguments")
            return None if arguments is None else arguments.named_child(0)
    body = class_node.child_by_field_name("body")
    for statement in body.named_children if body is not None else ():
        inner = statement.named_child(0) if statement.type == "expression_statement" else None
        left = inner.child_by_field_name("left") if inner is not None else None
        if inner is not None and left is not None and source.text(left) == "__metaclass__":
            return inner.child_by_field_name("right")
    return None


def _verdicts(source: Source, asked: Node) -> Iterator[tuple[str, str] | None]:
    """Nothing if the metaclass keeps no instance; None if it does; a question where another file knows."""
    here = (
        [b.statement for b in source.lookup(asked) if b.kind == "class"] if asked.type == "identifier" else []
    )
    if here:
        if any(_hands_out_one(source, class_node) for class_node in here):
            yield None
        return
    for name in source.resolve(asked) or (source.text(asked),):
        yield None if "singleton" in name.rpartition(".")[2].lower() else (KEEPER, name)


def _hands_out_one(source: Source, metaclass: Node, seen: frozenset[int] = frozenset()) -> bool:
    """Whether `__call__` stores what it made, by itself or by a base in this file that was not `seen` yet."""
    for function in methods(metaclass):
        name = function.child_by_field_name("name")
        body = function.child_by_field_name("body")
        if name is not None and body is not None and source.text(name) == "__call__":
            return not is_tombstone(function) and _KEEPS.search(source.text(body)) is not None
    below = (
        b.statement for base in bases(metaclass) if base.type == "identifier" for b in source.lookup(base)
    )
    seen |= {metaclass.id}  # `class Meta(Meta)` is its own base here, where another one is meant
    return any(
        node.type == "class_definition" and node.id not in seen and _hands_out_one(source, node, seen)
        for node in below
    )


def _shape(source: Source, class_node: Node, asks: tuple[str, str] | None) -> Shape:
    full = full_name(source, class_node)
    end = class_node.child_by_field_name("name") or class_node
    return Shape("metaclass", class_node, end, full, (full,), asks)
