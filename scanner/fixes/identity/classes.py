"""The classes of a tree: their bases, their members, and the parameters that a call of them takes."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from scanner.fixes.identity.expressions import decorator_name, last_name
from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.scopes import Reference
from scanner.fixes.identity.tree import Meaning, TreeModel

_PLAIN = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"})
_MAX_BASES = 30
_TYPE_MEMBERS = frozenset(dir(type))
_OBJECT_MEMBERS = frozenset(dir(type("_", (), {})))
PLAIN_DECORATORS = frozenset({"final", "total_ordering", "runtime_checkable"})
"""Decorators that neither replace a class nor change how it is called."""


@dataclass(frozen=True, slots=True)
class Class:
    """One class in the tree."""

    module: Module
    node: ast.ClassDef

    def method(self, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """Return the last method with a name; None if there is none."""
        found = [
            node
            for node in self.node.body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
        ]
        return found[-1] if found else None

    def names(self) -> set[str]:
        """Return the attributes that the class body, its methods on `self`, and assignments to it create."""
        found = set(self._body_names())
        for node in ast.walk(self.node):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.ctx, ast.Store)
                and isinstance(node.value, ast.Name)
            ):
                found.add(node.attr)
        for reference in self.module.references:
            if (
                reference.use == "store"
                and len(reference.parts) == 2
                and reference.parts[0] == self.node.name
            ):
                found.add(reference.parts[1])
        return found

    def _body_names(self) -> Iterator[str]:
        at = self.module.offset(self.node)
        for scope in self.module.scopes:
            if scope.kind == "class" and scope.at == at:
                yield from scope.bound
        for node in self.node.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                yield node.target.id


@dataclass(frozen=True, slots=True)
class Lineage:
    """A class and its bases in the tree, nearest first, and the full names of the bases outside it."""

    classes: tuple[Class, ...]
    foreign: tuple[str, ...]
    call: ast.FunctionDef | ast.AsyncFunctionDef | None = (
        None  # what a metaclass in the tree does when called
    )

    open: frozenset[int] = frozenset()  # the classes, by index, that have a base outside the tree
    chain: int = 0  # so many classes after the first are each the first base of the one before

    def is_certain(self, at: int) -> bool:
        """Return whether no base outside the tree comes before one of the classes."""
        return at <= self.chain or all(one >= at for one in self.open)

    @property
    def is_known(self) -> bool:
        """Return whether every base is known."""
        return set(self.foreign) <= _PLAIN

    def members(self) -> frozenset[str] | None:
        """Return every attribute of the class and its instances; None if some cannot be known."""
        own = self.instance_members()
        return None if own is None else own | _TYPE_MEMBERS

    def instance_members(self) -> frozenset[str] | None:
        """Return every attribute of the instances; None if some cannot be known."""
        if not set(self.foreign) <= _PLAIN or any(_is_dynamic(one) for one in self.classes):
            return None
        found = set(_OBJECT_MEMBERS)
        for one in self.classes:
            found |= one.names()
        return frozenset(found)


def find_class(meanings: tuple[Meaning, ...]) -> Class | None:
    """Return the class that an expression refers to; None unless there is exactly one."""
    if len(meanings) != 1 or meanings[0].bound is None or meanings[0].module is None or meanings[0].rest:
        return None
    node = meanings[0].bound.node
    return Class(meanings[0].module, node) if isinstance(node, ast.ClassDef) else None


def lineage(model: TreeModel, start: Class) -> Lineage:
    """Return a class and all of its bases."""
    classes: list[Class] = []
    foreign: dict[str, None] = {}
    call = None
    waiting = [start]
    outside: set[int] = set()
    chain, first = 0, start
    while waiting:
        one = waiting.pop(0)
        if any(one.node is other.node for other in classes):
            continue
        if classes and one is first and chain == len(classes) - 1:
            chain += 1
        classes.append(one)
        if len(classes) > _MAX_BASES:
            foreign["too many bases"] = None
            break
        above: list[Class] = []
        for base in one.node.bases:
            found = meanings_of(model, one.module, base)
            known = find_class(found)
            if known is not None:
                above.append(known)
            else:
                names = dict.fromkeys(meaning.final for meaning in found) or {"an expression": None}
                foreign |= names
                if not names.keys() <= _PLAIN:
                    outside.add(len(classes) - 1)
            first = above[0] if above and base is one.node.bases[0] else first
        for keyword in one.node.keywords:
            if keyword.arg == "metaclass" and last_name(keyword.value) != "ABCMeta":
                foreign["a metaclass"] = None
                meta = find_class(meanings_of(model, one.module, keyword.value))
                call = call or (meta.method("__call__") if meta is not None else None)
        waiting = [*above, *waiting]
    return Lineage(tuple(classes), tuple(foreign), call, frozenset(outside), chain)


def meanings_of(model: TreeModel, module: Module, node: ast.expr) -> tuple[Meaning, ...]:
    """Return what an expression refers to, without its type arguments; empty if it is not a dotted name."""
    while isinstance(node, ast.Subscript):
        node = node.value
    reference = reference_at(module, node)
    return model.resolve(module, reference) if reference is not None else ()


def reference_at(module: Module, node: ast.AST) -> Reference | None:
    """Return the reference that covers exactly one expression."""
    start, end = module.offset(node), module.end(node)
    found = module.by_start.get(start)
    return found if found is not None and found.ends[-1] == end else None


def _is_dynamic(one: Class) -> bool:
    if not PLAIN_DECORATORS.issuperset(map(decorator_name, one.node.decorator_list)):
        return True
    return any(one.method(name) for name in ("__getattr__", "__getattribute__", "__init_subclass__")) or any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"setattr", "vars"}
        for node in ast.walk(one.node)
    )


def has_registered_class(model: TreeModel, module: Module) -> bool:
    """Return whether a base of a module's class is told of it by `__init_subclass__`."""
    return any(
        base.method("__init_subclass__") is not None
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and node.bases
        for base in lineage(model, Class(module, node)).classes[1:]
    )
