"""What kind of thing a symbol is, and which arguments a call of it takes."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scanner.fixes.identity.classes import PLAIN_DECORATORS, Class, Lineage, find_class, lineage
from scanner.fixes.identity.expressions import decorator_name, last_name
from scanner.fixes.identity.fields import (
    dataclass_parameters,
    foreign_parameters,
    namedtuple_parameters,
)
from scanner.fixes.identity.tree import Meaning, TreeModel
from scanner.python.signatures import Parameter, Signature

Thing = Literal["function", "class", "value", "object", "unknown"]  # an object may be callable
_TRANSPARENT = frozenset(
    {"lru_cache", "cache", "contextmanager", "asynccontextmanager", "singledispatch", "coroutine"}
)
_MAKE_CLASSES = frozenset(
    {"NamedTuple", "TypedDict", "Enum", "IntEnum", "Flag", "NewType", "type", "new_class", "make_dataclass"}
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_FUNCTION_MEMBERS = frozenset(dir(lambda: None))
_EXCEPTION = Parameter("args", "*", needed=False)


@dataclass(frozen=True, slots=True)
class Alternatives(Signature):
    """The signatures of a function that is defined in several ways; a call must fit all of them."""

    every: tuple[Signature, ...] = ()

    def problem(self, positional_count: int, names: Sequence[str]) -> str:
        """Return why one of the definitions would not take these arguments; empty if all of them do."""
        found = (one.problem(positional_count, names) for one in self.every)
        return next(filter(None, found), "")


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of a symbol. `members` is None if they are not all known."""

    thing: Thing
    signature: Signature | None = None
    members: frozenset[str] | None = None
    instance_members: frozenset[str] | None = None
    lineage: Lineage | None = None


def know(model: TreeModel, symbol: str) -> Knowledge:
    """Return what is known of a symbol."""
    meanings = model.named(symbol)
    nodes = [one.bound.node for one in meanings if one.bound is not None and not one.rest]
    if not nodes or len(nodes) != len(meanings):
        return Knowledge("unknown")
    functions = [node for node in nodes if isinstance(node, _FUNCTIONS)]
    if len(functions) == len(nodes):
        return _function(meanings, functions)
    found = find_class(meanings)
    if found is not None:
        return _class(model, found)
    if any(isinstance(node, ast.Assign | ast.AnnAssign) for node in nodes) and len(nodes) == 1:
        return _value(nodes[0])
    return Knowledge("unknown")


def _value(node: ast.AST) -> Knowledge:
    value = getattr(node, "value", None)
    if isinstance(value, ast.Lambda):
        return Knowledge("function", Signature(parameters(value.args), is_async=False, line=value.lineno))
    if isinstance(value, ast.Call) and (fields := namedtuple_parameters(value)) is not None:
        return Knowledge("class", Signature(fields, is_async=False, line=value.lineno))
    if isinstance(value, ast.Call):
        return Knowledge("unknown" if last_name(value.func) in _MAKE_CLASSES else "object")
    return Knowledge("value" if isinstance(value, ast.Constant) else "unknown")


def _function(
    meanings: Sequence[Meaning], nodes: Sequence[ast.FunctionDef | ast.AsyncFunctionDef]
) -> Knowledge:
    real = [node for node in nodes if "overload" not in map(decorator_name, node.decorator_list)]
    if not real:
        return Knowledge("function")
    shapes = {_shape(node) for node in real}
    last = real[-1]
    is_async = isinstance(last, ast.AsyncFunctionDef)
    if len(shapes) != 1:
        every = tuple(Signature(shape, is_async, last.lineno) for shape in shapes)
        return Knowledge("function", Alternatives(every[0].parameters, is_async, last.lineno, every))
    taken = next(iter(shapes))
    decorated = [node for node in real if node.decorator_list]
    members = None if decorated else _FUNCTION_MEMBERS | _assigned_members(meanings[0])
    return Knowledge("function", Signature(taken, is_async, last.lineno), members)


def _assigned_members(meaning: Meaning) -> set[str]:
    """Return the attributes that the module gives to its own function."""
    if meaning.module is None or meaning.bound is None:
        return set()
    return {
        one.parts[1]
        for one in meaning.module.references
        if one.use == "store" and len(one.parts) == 2 and one.parts[0] == meaning.bound.name
    }


def _shape(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[Parameter, ...] | None:
    if not {decorator_name(one) for one in node.decorator_list} <= _TRANSPARENT:
        return None
    return parameters(node.args)


def parameters(arguments: ast.arguments) -> tuple[Parameter, ...]:
    """Return the parameters of a function, in order."""
    plain = [*arguments.posonlyargs, *arguments.args]
    needed = len(plain) - len(arguments.defaults)
    found = [
        Parameter(one.arg, "positional" if at < len(arguments.posonlyargs) else "either", needed=at < needed)
        for at, one in enumerate(plain)
    ]
    if arguments.vararg is not None:
        found.append(Parameter(arguments.vararg.arg, "*", needed=False))
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        found.append(Parameter(one.arg, "name", needed=default is None))
    if arguments.kwarg is not None:
        found.append(Parameter(arguments.kwarg.arg, "**", needed=False))
    return tuple(found)


def _class(model: TreeModel, found: Class) -> Knowledge:
    line = lineage(model, found)
    return Knowledge(
        "class",
        Signature(_constructor(model, line), is_async=False, line=found.node.lineno),
        line.members(),
        line.instance_members(),
        line,
    )


def _constructor(model: TreeModel, line: Lineage) -> tuple[Parameter, ...] | None:
    """Return the parameters that calling a class takes; None if they are unknown."""
    if "a metaclass" in line.foreign:
        return parameters(line.call.args)[1:] if line.call is not None else None
    for at, one in enumerate(line.classes):
        made = [method for name in ("__init__", "__new__") if (method := one.method(name)) is not None]
        if made:
            is_certain = line.is_certain(at) and not made[0].decorator_list
            return parameters(made[0].args)[1:] if is_certain else None
        names = {decorator_name(node) for node in one.node.decorator_list}
        if names - PLAIN_DECORATORS:
            return dataclass_parameters(model, line) if names == {"dataclass"} else None
    return _foreign(line)


def _foreign(line: Lineage) -> tuple[Parameter, ...] | None:
    """Return the parameters of a class without a constructor of its own."""
    if line.is_known:
        return ()
    kinds = {name.rpartition(".")[2] for name in line.foreign if name.startswith("builtins.")}
    if len(kinds) == len(line.foreign) and all(name.endswith(("Error", "Exception")) for name in kinds):
        return (_EXCEPTION,)
    return foreign_parameters(line)


def accepts(new: Signature, old: Signature) -> bool:
    """Return whether every call that fits the old signature fits the new one."""
    if new.parameters is None or old.parameters is None:
        return False
    kinds = {one.kind for one in new.parameters}
    positional = [one for one in old.parameters if one.kind in {"positional", "either"}]
    required = [one for one in positional if one.needed]
    names = [one.name for one in old.parameters if one.kind == "name"]
    by_name = [one.name for one in old.parameters if one.kind in {"either", "name"}]
    if any(one.kind == "*" for one in old.parameters) and "*" not in kinds:
        return False
    if any(one.kind == "**" for one in old.parameters) and "**" not in kinds:
        return False
    needed = [one.name for one in old.parameters if one.kind == "name" and one.needed]
    fits = not new.problem(len(positional), names) and not new.problem(len(required), needed)
    known = {one.name for one in new.parameters if one.kind in {"either", "name"}}
    return fits and ("**" in kinds or set(by_name) <= known)
