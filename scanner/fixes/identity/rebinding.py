"""Finds the code that gives a module-level name another value while the program runs."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from scanner.fixes.identity.classes import meanings_of
from scanner.fixes.identity.expressions import last_name
from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.scopes import Reference
from scanner.fixes.identity.tree import TreeModel
from scanner.fixes.workspace import Workspace
from scanner.model import RepoPath

How = Literal["global", "assigned", "replaced", "string"]
_REPLACERS = frozenset({"setattr", "delattr", "object", "multiple", "__setattr__"})
_BY_KEY = frozenset({"pop", "setdefault"})
_UPDATES = _BY_KEY | {"update", "dict"}


@dataclass(frozen=True, slots=True)
class Rebinding:
    """One place that gives a name another value.

    `how` is `global` (a function of its own module), `assigned` (`module.name = …`), `replaced` (`setattr`,
    `patch.object`, or a name that is put together from several strings) or `string` (a string that names it,
    as `patch` takes it).
    """

    how: How
    path: str
    line: int


def rebindings(workspace: Workspace, model: TreeModel, symbol: str) -> Iterator[Rebinding]:
    """Yield the places that rebind a symbol."""
    home, _, last = symbol.rpartition(".")
    own = model.module(home)
    for bound in own.bound(last) if own is not None else ():
        if bound.is_remote and own is not None:
            yield Rebinding("global", own.path, own.line(bound.at))
    for path in workspace.containing(last):
        module = model.module_at(path) if model.may_rebind(path, last) else None
        if module is not None:
            yield from _in_module(model, module, path, symbol)


def _in_module(model: TreeModel, module: Module, path: RepoPath, symbol: str) -> Iterator[Rebinding]:
    home, _, last = symbol.rpartition(".")
    for one in module.words.get(last, ()):
        if one.use in {"store", "del"} and len(one.parts) > 1 and one.parts[-1] == last:
            owners = model.resolve_parts(module, one, len(one.parts) - 1)
            found = model.resolve(module, one) if one.use == "store" else ()
            if any(owner.final == home for owner in owners) or any(symbol in each.names for each in found):
                yield Rebinding("assigned", path, module.line(one.start))
    for node in module.nodes_with(last):
        if isinstance(node, ast.Call):
            if _is_replaced(model, module, node, home, last):
                yield Rebinding("replaced", path, node.lineno)
        elif isinstance(node, ast.Constant):
            if node.value == last and _is_item(model, module, node, home):
                yield Rebinding("replaced", path, node.lineno)
            elif ("." + str(node.value)).endswith(f".{symbol}") and not module.is_export(node):
                is_whole = symbol.encode() in module.data[module.offset(node) : module.end(node)]
                yield Rebinding("string" if is_whole else "replaced", path, node.lineno)
        elif _may_spell(node, symbol):
            yield Rebinding("replaced", path, node.lineno)  # type: ignore[attr-defined]


def _is_item(model: TreeModel, module: Module, node: ast.Constant, home: str) -> bool:
    """Return whether a string is the key of an item that is set or deleted: `vars(module)["name"] = …`."""
    parent = module.parent(node)
    if not isinstance(parent, ast.Subscript) or isinstance(parent.ctx, ast.Load):
        return False
    return _is_namespace(model, module, parent.value, home)


def _is_namespace(model: TreeModel, module: Module, node: ast.expr, home: str) -> bool:
    """Return whether an expression is the dictionary of a module's names."""
    match node:
        case ast.Call(func=ast.Name("globals")):
            return module.name == home
        case ast.Call(func=ast.Name("vars"), args=[owner]) | ast.Attribute(owner, "__dict__"):
            reference, end = module.by_start.get(module.offset(owner)), module.end(owner)
            if reference is None or end not in reference.ends:
                return False
            found = model.resolve_parts(module, reference, reference.ends.index(end) + 1)
            return any(one.final == home for one in found)
    return False


def _may_spell(node: ast.AST, symbol: str) -> bool:
    """Return whether an expression that puts strings together may give a symbol's name."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [getattr(node, "right", None)]
    last = parts[-1] if parts else None
    if not isinstance(last, ast.Constant) or not isinstance(last.value, str):
        return False
    home, _, name = symbol.rpartition(".")
    return last.value in {name, f".{name}"} or last.value.endswith(f".{home.rpartition('.')[2]}.{name}")


def late_uses(
    workspace: Workspace, model: TreeModel, symbol: str, listed: Sequence[str], besides: RepoPath
) -> Iterator[tuple[RepoPath, int]]:
    """Yield the uses, outside listed definitions, that look a symbol up whenever they run."""
    last = symbol.rpartition(".")[2]
    for path in workspace.containing(last):
        module = None if is_test(path) and path != besides else model.module_at(path)
        if module is None:
            continue
        own = [each.rpartition(".")[2] for each in listed if each.rpartition(".")[0] == module.name]
        covered = [
            range(module.offset(bound.node), module.end(bound.node))
            for name in own
            for bound in module.bound(name)
        ]
        for one in module.words.get(last, ()):
            if one.use != "load" or any(one.start in each for each in covered):
                continue
            if is_late(module, one, symbol) and any(
                symbol in each.names for each in model.resolve(module, one)
            ):
                yield path, module.line(one.start)


def is_late(module: Module, one: Reference, symbol: str) -> bool:
    """Return whether a use of a symbol looks it up whenever it runs."""
    home, _, last = symbol.rpartition(".")
    return module.name == home or len(one.parts) > 1 or _is_local_import(one, last)


def is_test(path: RepoPath) -> bool:
    """Return whether a file holds tests, so that no other test runs its code."""
    name = path.rpartition("/")[2]
    return name.startswith("test_") or name.endswith("_test.py")


def _is_local_import(one: Reference, name: str) -> bool:
    bound = one.scope.lookup(name, one.start)
    return any(each.scope.is_deferred and each.kind == "import" for each in bound)


def _is_replaced(model: TreeModel, module: Module, node: ast.Call, home: str, last: str) -> bool:
    name = last_name(node.func)
    if name not in _REPLACERS | _UPDATES or (not node.args and name not in _UPDATES):
        return False
    if name in _UPDATES:
        owner = node.func.value if isinstance(node.func, ast.Attribute) else node
        owners = [owner, *node.args[:1]]  # the second for `patch.dict(module.__dict__, name=…)`
        is_named = last in [keyword.arg for keyword in node.keywords] or name in _BY_KEY
        return is_named and any(_is_namespace(model, module, one, home) for one in owners)
    texts = [one.value for one in node.args[1:2] if isinstance(one, ast.Constant)]
    words = [keyword.arg for keyword in node.keywords] if name == "multiple" else []
    if last not in (*texts, *words):
        return False
    first = node.args[0]
    if isinstance(first, ast.Constant):
        return bool(first.value == home)
    return any(one.final == home for one in meanings_of(model, module, first))
