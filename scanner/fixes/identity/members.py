"""Which members the code uses of a symbol, of its instances and of its subclasses, as far as it shows."""

import ast
from collections.abc import Iterator

from scanner.fixes.identity.classes import Class
from scanner.fixes.identity.instances import Member, uses_of_instance, uses_of_name
from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.scopes import Bound, Reference
from scanner.python.signatures import Signature

_RECEIVERS = frozenset({"self", "cls"})
_NONE: frozenset[ast.ClassDef] = frozenset()


def used_members(module: Module, reference: Reference, count: int) -> Iterator[Member]:
    """Yield the members that code uses of what the first `count` parts of a reference refer to."""
    line = module.line(reference.start)
    if len(reference.parts) > count:
        yield Member((reference.parts[count],), line)
        return
    node = module.expression(reference)
    parent = module.parent(node)
    if isinstance(parent, ast.Call) and parent.func is node:
        yield from uses_of_instance(module, parent)
    elif isinstance(parent, ast.arg) or (isinstance(parent, ast.AnnAssign) and parent.annotation is node):
        yield from _of_annotated(module, parent)
    elif isinstance(parent, ast.ClassDef) and node in parent.bases:
        yield from _of_subclass(module, parent, _NONE)
    elif isinstance(parent, ast.MatchClass) and parent.cls is node:
        yield from (Member((name,), line, of_instance=True) for name in parent.kwd_attrs)
        if parent.patterns:
            yield Member(("__match_args__",), line)


def _of_annotated(module: Module, node: ast.arg | ast.AnnAssign) -> Iterator[Member]:
    for scope in module.scopes:
        for every in scope.bound.values():
            if len(every) == 1 and every[0].node is node:
                yield from uses_of_name(module, every[0])


def _of_subclass(module: Module, node: ast.ClassDef, seen: frozenset[ast.ClassDef]) -> Iterator[Member]:
    """Yield the members that a subclass, or code that uses it, takes from its bases.

    `seen` are the classes on the way to it: one that names itself as a base is followed once.
    """
    own = Class(module, node).names()
    for part in ast.walk(node):
        if not isinstance(part, ast.Attribute) or not isinstance(part.ctx, ast.Load):
            continue
        is_receiver = isinstance(part.value, ast.Name) and part.value.id in _RECEIVERS
        if (is_receiver and part.attr not in own) or _is_super(part.value):
            yield Member((part.attr,), part.lineno)
    for one in module.references:
        if one.use == "load" and one.parts[0] == node.name and _is_bound_to(one, node):
            yield from _of_subclass_use(module, one, 1, own, seen | {node})


def used_of_subclass(module: Module, reference: Reference, count: int, own: set[str]) -> Iterator[Member]:
    """Yield the members that a use of a subclass takes from its bases."""
    return _of_subclass_use(module, reference, count, own, _NONE)


def _of_subclass_use(
    module: Module, one: Reference, count: int, own: set[str], seen: frozenset[ast.ClassDef]
) -> Iterator[Member]:
    parent = module.parent(module.expression(one))
    if isinstance(parent, ast.ClassDef):
        found = _of_subclass(module, parent, seen) if parent not in seen else iter(())
    else:
        found = used_members(module, one, count)
    yield from (member for member in found if own.isdisjoint(member.names))


def _is_bound_to(one: Reference, node: ast.ClassDef) -> bool:
    bound: list[Bound] = one.scope.lookup(node.name, one.start)
    return len(bound) == 1 and bound[0].node is node


def _is_super(node: ast.expr) -> bool:
    """Return whether an expression is a call of `super`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "super"


def super_calls(node: ast.ClassDef) -> Iterator[ast.Call]:
    """Yield the calls of `super().__init__` in a class."""
    for part in ast.walk(node):
        function = part.func if isinstance(part, ast.Call) else None
        if isinstance(function, ast.Attribute) and function.attr == "__init__" and _is_super(function.value):
            yield part  # type: ignore[misc]


def problem_of(signature: Signature, call: ast.Call, skipped: int = 0) -> str:
    """Return why a call does not fit a signature, without its first arguments; empty if it may fit."""
    if any(isinstance(one, ast.Starred) for one in call.args) or any(
        one.arg is None for one in call.keywords
    ):
        return ""
    names = [one.arg for one in call.keywords if one.arg is not None]
    return signature.problem(len(call.args) - skipped, names)
