"""Finds the mutable containers that a module, or a class in it, defines."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from scanner.python.classes import bases, class_definitions, full_name
from scanner.python.containers import is_container, is_container_hint
from scanner.python.scopes import FUNCTIONS
from scanner.python.source import Source
from scanner.python.statements import bindings_in_body, declared_globals, targets
from scanner.python.value_types import is_declaration

_FIELDS = frozenset({"field", "attrib", "ib", "PrivateAttr", "relationship", "mapped_column"})

# The default values of their fields are copied for each object.
_COPYING = frozenset({"BaseModel", "BaseSettings", "SQLModel", "RootModel", "TypedDict", "NamedTuple"})


@dataclass(frozen=True, slots=True)
class Container:
    """A container: the node of its name, the kind of its owner, and the class if it belongs to one."""

    role: str
    name: str
    symbol: str
    node: Node
    owner: Node | None = None


def containers(source: Source) -> Iterator[Container]:
    """Yield every container once: module containers, globals set in functions, then class containers."""
    found: dict[str, Container] = {}
    for name, node in _in_body(source, source.root, source.root):
        symbol = f"{source.module}.{name}" if source.module else name
        found.setdefault(name, Container("module-state", name, symbol, node))
    for name in declared_globals(source):
        home = None if name in found else _rebound(source, name)
        if home is not None:
            symbol = f"{source.module}.{name}" if source.module else name
            found[name] = Container("module-state", name, symbol, home)
    yield from found.values()
    for class_node in class_definitions(source, source.root):
        body = class_node.child_by_field_name("body")
        if body is None or _COPYING.intersection(
            source.text(b).rpartition(".")[2] for b in bases(class_node)
        ):
            continue
        seen: dict[str, Container] = {}
        for name, node in _in_body(source, class_node, body):
            symbol = f"{full_name(source, class_node)}.{name}"
            seen.setdefault(name, Container("class-state", name, symbol, node, class_node))
        yield from seen.values()


def _in_body(source: Source, scope: Node, body: Node) -> Iterator[tuple[str, Node]]:
    for target, value in bindings_in_body(source, scope, body):
        statement = source.enclosing(target, "assignment", "named_expression")
        hint = None if statement is None else statement.child_by_field_name("type")
        held = is_container(source, value) or (
            value.type == "call" and is_container_hint(source, hint) and not _declares(source, value)
        )
        if target.type == "identifier" and held:
            yield source.text(target), target


def _declares(source: Source, call: Node) -> bool:
    """Return whether a call declares a field that is created per object: `field(default_factory=dict)`."""
    callee = call.child_by_field_name("function")
    if callee is None:
        return False
    word = source.text(callee).rpartition(".")[2]
    return word in _FIELDS or any(map(is_declaration, (word, *source.resolve(callee))))


def _rebound(source: Source, name: str) -> Node | None:
    """Return the definition of a global that a function rebinds to a container; None if none does."""
    bound = [binding for binding in source.bindings(name) if binding.scope == source.root]
    outside = [b for b in bound if b.kind == "assign" and source.enclosing(b.node, *FUNCTIONS) is None]
    for binding in bound:
        if binding.statement.type != "assignment" or binding in outside:
            continue
        if any(
            target == binding.node and is_container(source, value)
            for target, value in targets(binding.statement)
        ):
            return (outside or [binding])[0].node
    return None
