"""Which members the code uses of a symbol, of its instances and of its subclasses, as far as it shows."""

import ast
from collections.abc import Iterator

from scanner.fixes.identity.classes import Class
from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.scopes import Bound, Reference
from scanner.python.signatures import Signature

Member = tuple[str, int]  # an attribute and its line
_RECEIVERS = frozenset({"self", "cls"})


def used_members(module: Module, reference: Reference, count: int) -> Iterator[Member]:
    """Yield the members that code uses of what the first `count` parts of a reference refer to."""
    line = module.line(reference.start)
    if len(reference.parts) > count:
        yield reference.parts[count], line
        return
    node = module.expression(reference)
    parent = module.parent(node)
    if isinstance(parent, ast.Call) and parent.func is node:
        yield from _of_value(module, parent, reference)
    elif isinstance(parent, ast.arg) or (isinstance(parent, ast.AnnAssign) and parent.annotation is node):
        yield from _of_annotated(module, parent)
    elif isinstance(parent, ast.ClassDef) and node in parent.bases:
        yield from _of_subclass(module, parent)


def _of_value(module: Module, call: ast.Call, reference: Reference) -> Iterator[Member]:
    """Yield the members that are used of the result of a call."""
    parent = module.parent(call)
    match parent:
        case ast.Attribute():
            yield parent.attr, parent.lineno
        case ast.withitem():
            outer = module.parent(parent)
            prefix = "a" if isinstance(outer, ast.AsyncWith) else ""
            yield from ((f"__{prefix}{name}__", call.lineno) for name in ("enter", "exit"))
        case ast.Subscript() if parent.value is call:
            yield "__getitem__", call.lineno
        case ast.Call() if parent.func is call:
            yield "__call__", call.lineno
        case ast.Await():
            yield "__await__", call.lineno
        case ast.Assign() if len(parent.targets) == 1 and isinstance(parent.targets[0], ast.Name):
            scope = reference.scope.holder(parent.targets[0].id)
            bound = [one for one in scope.bound.get(parent.targets[0].id, ()) if one.kind != "del"]
            if len(bound) == 1:
                yield from _of_name(module, bound[0])


def _of_name(module: Module, bound: Bound) -> Iterator[Member]:
    for one in module.references:
        is_member = one.parts[0] == bound.name and len(one.parts) > 1 and one.use == "load"
        if is_member and one.scope.lookup(bound.name, one.start) == [bound]:
            yield one.parts[1], module.line(one.start)


def _of_annotated(module: Module, node: ast.arg | ast.AnnAssign) -> Iterator[Member]:
    for scope in module.scopes:
        for every in scope.bound.values():
            if len(every) == 1 and every[0].node is node:
                yield from _of_name(module, every[0])


def _of_subclass(module: Module, node: ast.ClassDef) -> Iterator[Member]:
    """Yield the members that a subclass uses of itself but does not have."""
    own = Class(module, node).names()
    for part in ast.walk(node):
        if not isinstance(part, ast.Attribute) or not isinstance(part.ctx, ast.Load):
            continue
        is_receiver = isinstance(part.value, ast.Name) and part.value.id in _RECEIVERS
        if (is_receiver and part.attr not in own) or _is_super(part.value):
            yield part.attr, part.lineno


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
