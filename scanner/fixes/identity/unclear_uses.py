"""Attributes of objects whose class the code does not show."""

import ast
from collections.abc import Iterator

from scanner.fixes.identity.classes import Class, reference_at
from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.tree import TreeModel

_DISPLAYS = (ast.Constant, ast.JoinedStr, ast.List, ast.Dict, ast.Set, ast.Tuple, ast.ListComp, ast.DictComp)


def unclear_uses(model: TreeModel, module: Module, names: frozenset[str]) -> Iterator[tuple[str, int]]:
    """Yield each attribute with one of some names, and its line, whose owner may be any object."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Attribute) or node.attr not in names or isinstance(node.ctx, ast.Store):
            continue
        owner = node.value
        if isinstance(owner, _DISPLAYS) or _is_own(module, owner, node.attr):
            continue
        if not _is_known(model, module, owner):
            yield node.attr, node.lineno


def _is_own(module: Module, owner: ast.expr, name: str) -> bool:
    """Return whether an attribute is that of `self` in a class that has it."""
    if not isinstance(owner, ast.Name) or owner.id not in {"self", "cls"}:
        return False
    around = module.class_around(owner)
    return around is not None and name in Class(module, around).names()


def _is_known(model: TreeModel, module: Module, owner: ast.expr) -> bool:
    """Return whether an expression is a module, a function, a class, or a new object of a known class."""
    start = module.by_start.get(module.offset(owner))
    end = module.end(owner)
    if start is not None and end in start.ends and isinstance(owner, ast.Name | ast.Attribute):
        found = model.resolve_parts(module, start, start.ends.index(end) + 1)
        if found and all(one.kind in {"module", "symbol"} and not _is_value(one.bound) for one in found):
            return True
        bound = start.bindings()
        value = getattr(bound[0].node, "value", None) if len(bound) == 1 and len(start.parts) == 2 else None
        return isinstance(value, ast.Call) and _is_class(model, module, value.func)
    return isinstance(owner, ast.Call) and _is_class(model, module, owner.func)


def _is_value(bound: object) -> bool:
    return bound is not None and not isinstance(
        getattr(bound, "node", None), ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    )


def _is_class(model: TreeModel, module: Module, node: ast.expr) -> bool:
    """Return whether an expression is a class of the tree, or anything outside it."""
    reference = reference_at(module, node)
    found = model.resolve(module, reference) if reference is not None else ()
    return bool(found) and all(
        one.kind == "symbol" and (one.bound is None or isinstance(one.bound.node, ast.ClassDef))
        for one in found
    )
