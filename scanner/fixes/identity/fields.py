"""The parameters of classes whose constructor is made from their fields: dataclasses, named tuples, enums."""

import ast
from collections.abc import Iterable

from scanner.fixes.identity.classes import Class, Lineage, meanings_of
from scanner.fixes.identity.expressions import decorator_name, last_name
from scanner.fixes.identity.tree import TreeModel
from scanner.python.signatures import Parameter

_ENUMS = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"})
_FIELD = frozenset({"dataclasses.field"})
Parameters = tuple[Parameter, ...] | None


def dataclass_parameters(model: TreeModel, line: Lineage) -> Parameters:
    """Return the parameters of a dataclass, those of its bases first; None if they are unknown."""
    if not line.is_known:
        return None
    found: dict[str, Parameter | None] = {}  # None for a field that the constructor does not take
    for one in reversed(line.classes):
        names = [decorator_name(node) for node in one.node.decorator_list]
        if "dataclass" not in names:
            continue
        options = _options(one)
        if len(names) > 1 or options is None or not options.get("init", True):
            return None
        fields = _own_fields(model, one, by_name=options.get("kw_only", False))
        if fields is None:
            return None
        found |= fields
    every = [one for one in found.values() if one is not None]
    return (*(one for one in every if one.kind != "name"), *(one for one in every if one.kind == "name"))


def _options(one: Class) -> dict[str, bool] | None:
    """Return the arguments of the decorator; None if one of them is not literal."""
    found: dict[str, bool] = {}
    for node in one.node.decorator_list:
        for keyword in node.keywords if isinstance(node, ast.Call) else ():
            if keyword.arg is None or not isinstance(keyword.value, ast.Constant):
                return None
            found[keyword.arg] = bool(keyword.value.value)
    return found


def _own_fields(model: TreeModel, one: Class, *, by_name: bool) -> dict[str, Parameter | None] | None:
    found: dict[str, Parameter | None] = {}
    for node in one.node.body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        kind = ast.unparse(node.annotation)
        if "KW_ONLY" in kind:
            by_name = True
        elif "ClassVar" not in kind:
            options = _field_options(model, one, node.value)
            if options is None:
                return None
            is_taken, is_needed, only_name = options
            shape = "name" if only_name or (by_name and only_name is None) else "either"
            found[node.target.id] = Parameter(node.target.id, shape, needed=is_needed) if is_taken else None
    return found


def _field_options(
    model: TreeModel, one: Class, value: ast.expr | None
) -> tuple[bool, bool, bool | None] | None:
    """Return whether a field is a parameter, needs a value, and is keyword-only; None if that is unknown."""
    if not isinstance(value, ast.Call):
        return True, value is None, None
    names = {meaning.final for meaning in meanings_of(model, one.module, value.func)}
    if names != _FIELD:
        return True, False, None
    given = {keyword.arg: keyword.value for keyword in value.keywords}
    if None in given:
        return None
    flags = {name: given[name] for name in ("init", "kw_only") if name in given}
    literal = {name: bool(node.value) for name, node in flags.items() if isinstance(node, ast.Constant)}
    if len(literal) != len(flags):
        return None
    has_default = "default" in given or "default_factory" in given
    return literal.get("init", True), not has_default, literal.get("kw_only")


def foreign_parameters(line: Lineage) -> Parameters:
    """Return the parameters of a named tuple or an enum; None for other classes."""
    foreign = [name.rpartition(".")[2] for name in line.foreign]
    if _ENUMS.intersection(foreign):
        return (Parameter("value", "either", needed=True),)
    base = next((one for one in line.classes if "NamedTuple" in map(last_name, one.node.bases)), None)
    if foreign == ["NamedTuple"] and base is not None:
        fields = [
            n for n in base.node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
        ]
        return tuple(Parameter(ast.unparse(n.target), "either", needed=n.value is None) for n in fields)
    calls = [base for one in line.classes for base in one.node.bases if isinstance(base, ast.Call)]
    return namedtuple_parameters(calls[0]) if len(calls) == 1 and len(foreign) == 1 else None


def namedtuple_parameters(call: ast.Call) -> Parameters:
    """Return the parameters of what `namedtuple("P", "x y")` makes; None if the call is another one."""
    if last_name(call.func) != "namedtuple" or len(call.args) != 2 or call.keywords:
        return None
    names = call.args[1]
    if isinstance(names, ast.Constant) and isinstance(names.value, str):
        return _all_needed(names.value.replace(",", " ").split())
    if isinstance(names, ast.List | ast.Tuple):
        items = [one.value for one in names.elts if isinstance(one, ast.Constant)]
        return _all_needed(map(str, items)) if len(items) == len(names.elts) else None
    return None


def _all_needed(names: Iterable[str]) -> tuple[Parameter, ...]:
    return tuple(Parameter(name, "either", needed=True) for name in names)
