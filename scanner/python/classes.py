"""The classes in one file: their names, bases and methods, and the class that an expression refers to."""

from collections.abc import Iterator

from tree_sitter import Node

from scanner.python.source import Source
from scanner.python.statements import statements


def is_class_name(name: str) -> bool:
    """Return whether a dotted name looks like a class name according to PEP 8."""
    return name.rpartition(".")[2].lstrip("_")[:1].isupper()


def full_name(source: Source, definition: Node) -> str:
    """Return the dotted name of a class or function definition."""
    name = definition.child_by_field_name("name")
    word = "" if name is None else source.text(name)
    return ".".join(filter(None, [source.module, source.scope(definition), word]))


def class_definitions(source: Source, body: Node) -> Iterator[Node]:
    """Yield the classes at module level and in class bodies, outer classes first."""
    for statement in statements(source, body):
        if statement.type == "class_definition":
            yield statement
            inner = statement.child_by_field_name("body")
            if inner is not None:
                yield from class_definitions(source, inner)


def bases(class_node: Node) -> list[Node]:
    """Return the base classes of a class definition, excluding keyword arguments such as `metaclass=`."""
    around = class_node.child_by_field_name("superclasses")
    return [] if around is None else [n for n in around.named_children if n.type != "keyword_argument"]


def methods(class_node: Node) -> Iterator[Node]:
    """Yield the functions defined directly in a class body, whether or not they are decorated."""
    body = class_node.child_by_field_name("body")
    for child in body.named_children if body is not None else ():
        inner = child.child_by_field_name("definition") if child.type == "decorated_definition" else child
        if inner is not None and inner.type == "function_definition":
            yield inner


def own_class(source: Source, node: Node) -> Node | None:
    """Return the class to which `cls`, `self.__class__`, `type(self)` or `__class__` refers at a node."""
    text = source.text(node)
    if node.type == "parenthesized_expression":  # the grammar parses `type(self).x = …` as a type alias
        text = source.data[max(node.start_byte - 4, 0) : node.start_byte].decode(errors="replace") + text
    if text in {"cls", "__class__", "type(self)", "type(cls)"} or text.endswith(".__class__"):
        return source.enclosing(node, "class_definition")
    return None


def class_of(source: Source, owner: Node) -> Node | None:
    """Return the class in this file to which an expression refers, by its name or from inside the class."""
    own = own_class(source, owner)
    if own is not None or owner.type != "identifier":
        return own
    return next((b.statement for b in source.lookup(owner) if b.kind == "class"), None)
