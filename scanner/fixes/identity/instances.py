"""Which members the code uses of an instance: by name, by syntax, and through variables that hold it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.scopes import Bound

_ITERATED = ("__iter__", "__getitem__")
_BY_FUNCTION = {
    "len": ("__len__",),
    "next": ("__next__",),
    "reversed": ("__reversed__", "__len__"),
    "abs": ("__abs__",),
    "int": ("__int__", "__index__", "__trunc__"),
    "float": ("__float__", "__index__"),
    **dict.fromkeys(("iter", "list", "tuple", "set", "frozenset", "sorted", "sum", "enumerate"), _ITERATED),
    **dict.fromkeys(("min", "max", "any", "all"), _ITERATED),
}
_BY_OPERATOR: dict[type[ast.AST], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.Div: "truediv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.FloorDiv: "floordiv",
    ast.MatMult: "matmul",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
    ast.Lt: "lt",
    ast.LtE: "le",
    ast.Gt: "gt",
    ast.GtE: "ge",
    ast.USub: "neg",
    ast.UAdd: "pos",
    ast.Invert: "invert",
}
_BY_USE = {ast.Load: "__getitem__", ast.Store: "__setitem__", ast.Del: "__delitem__"}


@dataclass(frozen=True, slots=True)
class Member:
    """A member that code uses: one of some names, on a line, of a class or of its instances."""

    names: tuple[str, ...]
    line: int
    of_instance: bool = False


def uses_of_instance(module: Module, node: ast.expr) -> Iterator[Member]:
    """Yield the members that are used of the value of an expression."""
    yield from _uses_at(module, node)
    parent = module.parent(node)
    targets = parent.targets if isinstance(parent, ast.Assign) else [getattr(parent, "target", None)]
    if isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr) and len(targets) == 1:
        target = targets[0]
        if isinstance(target, ast.Name):
            yield from _of_target(module, target)
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
            yield from _of_attribute(module, target, target.value.id)
        elif isinstance(target, ast.Tuple | ast.List):
            yield Member(_ITERATED, node.lineno, of_instance=True)


def uses_of_name(module: Module, bound: Bound) -> Iterator[Member]:
    """Yield the members that are used of a name that only one statement binds."""
    for one in module.references:
        if one.parts[0] != bound.name or one.use not in {"load", "store", "del"}:
            continue
        if one.scope.lookup(bound.name, one.start) != [bound]:
            continue
        if len(one.parts) > 1 and one.use == "load":
            yield Member((one.parts[1],), module.line(one.start), of_instance=True)
        elif len(one.parts) == 1 and one.use == "load":
            yield from _uses_at(module, module.expression(one))


def _of_target(module: Module, target: ast.Name) -> Iterator[Member]:
    for scope in module.scopes:
        bound = [one for one in scope.bound.get(target.id, ()) if one.kind != "del"]
        if len(bound) == 1 and module.offset(bound[0].node) <= module.offset(target) < module.end(
            bound[0].node
        ):
            yield from uses_of_name(module, bound[0])


def _of_attribute(module: Module, target: ast.Attribute, receiver: str) -> Iterator[Member]:
    """Yield the members that a class uses of an attribute of its instances, as in `self.x.member`."""
    around = module.class_around(target)
    for part in ast.walk(around) if around is not None else ():
        if (
            isinstance(part, ast.Attribute)
            and part.attr == target.attr
            and isinstance(part.ctx, ast.Load)
            and isinstance(part.value, ast.Name)
            and part.value.id == receiver
        ):
            yield from _uses_at(module, part)


def _uses_at(module: Module, node: ast.expr) -> Iterator[Member]:
    """Yield the members that the code directly around an expression uses of its value."""
    parent = module.parent(node)
    for names in _names_at(module, node, parent):
        yield Member(names, node.lineno, of_instance=True)


def _names_at(module: Module, node: ast.expr, parent: ast.AST | None) -> Iterator[tuple[str, ...]]:
    match parent:
        case ast.Attribute():
            yield (parent.attr,)
        case ast.withitem(context_expr=one) if one is node:
            prefix = "a" if isinstance(module.parent(parent), ast.AsyncWith) else ""
            yield from ((f"__{prefix}{name}__",) for name in ("enter", "exit"))
        case ast.Subscript(value=one) if one is node:
            yield (_BY_USE[type(parent.ctx)],)
        case ast.Call(func=one) if one is node:
            yield ("__call__",)
        case ast.Call(func=ast.Name(id=name)) if node in parent.args[:1] and name in _BY_FUNCTION:
            yield _BY_FUNCTION[name]
        case ast.Await():
            yield ("__await__",)
        case ast.Starred() | ast.YieldFrom():
            yield _ITERATED
        case ast.For(iter=one) | ast.AsyncFor(iter=one) | ast.comprehension(iter=one) if one is node:
            is_async = isinstance(parent, ast.AsyncFor) or bool(getattr(parent, "is_async", False))
            yield ("__aiter__",) if is_async else _ITERATED
        case ast.Compare(ops=[*_, ast.In() | ast.NotIn()], comparators=[*_, one]) if one is node:
            yield ("__contains__", *_ITERATED)
        case _:
            yield from _operator_at(node, parent)


def _operator_at(node: ast.expr, parent: ast.AST | None) -> Iterator[tuple[str, ...]]:
    match parent:
        case ast.BinOp(left=one) | ast.UnaryOp(operand=one) if (
            one is node and type(parent.op) in _BY_OPERATOR
        ):
            yield (f"__{_BY_OPERATOR[type(parent.op)]}__",)
        case ast.BinOp(right=one) if one is node and type(parent.op) in _BY_OPERATOR:
            yield (f"__r{_BY_OPERATOR[type(parent.op)]}__",)
        case ast.Compare(left=one) if one is node and type(parent.ops[0]) in _BY_OPERATOR:
            yield (f"__{_BY_OPERATOR[type(parent.ops[0])]}__",)
