"""Finds the uses of a class that must change together: where it is created, and where its type is tested."""

import ast
from collections.abc import Iterator

from scanner.fixes.identity.classes import Class
from scanner.fixes.identity.expressions import last_name
from scanner.fixes.identity.instances import Member
from scanner.fixes.identity.members import used_of_subclass
from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.scopes import Reference
from scanner.fixes.identity.tree import TreeModel
from scanner.fixes.workspace import Workspace
from scanner.model import RepoPath

TYPE_TESTS = frozenset({"isinstance", "issubclass"})
ClassUse = tuple[Module, Reference, int]


def class_uses(workspace: Workspace, model: TreeModel, symbol: str) -> Iterator[ClassUse]:
    """Yield every use of a class, and how many parts of it name the class."""
    for path in workspace.containing(symbol.rpartition(".")[2]):
        module = model.module_at(path)
        if module is None:
            continue
        for reference in module.references:
            if reference.use == "load" and (count := parts_of(model, module, reference, symbol)):
                yield module, reference, count


def parts_of(model: TreeModel, module: Module, reference: Reference, symbol: str) -> int:
    """Return how many parts of a reference name a symbol; 0 if they do not."""
    for count in range(1, len(reference.parts) + 1):
        if any(symbol in one.names for one in model.resolve_parts(module, reference, count)):
            return count
    return 0


def is_type_test(module: Module, reference: Reference, count: int) -> bool:
    """Return whether the type of an object is compared with a class here."""
    if len(reference.parts) != count:
        return False
    node: ast.AST = module.expression(reference)
    parent = module.parent(node)
    while isinstance(parent, ast.Tuple | ast.BinOp):
        node, parent = parent, module.parent(parent)
    if isinstance(parent, ast.Call) and node in parent.args:
        return last_name(parent.func) in TYPE_TESTS
    if isinstance(parent, ast.Compare):
        return True
    return isinstance(parent, ast.ExceptHandler | ast.MatchClass)


def is_creation(module: Module, reference: Reference, count: int) -> bool:
    """Return whether instances of a class, or of a subclass, are created here."""
    if len(reference.parts) != count:
        return True
    node: ast.AST = module.expression(reference)
    parent = module.parent(node)
    while isinstance(parent, ast.Subscript) and parent.value is node:
        node, parent = parent, module.parent(parent)
    if isinstance(parent, ast.ClassDef):
        return node in parent.bases
    is_passed = isinstance(parent, ast.Call | ast.keyword | ast.Raise)
    return is_passed and not is_type_test(module, reference, count)


def elsewhere_used(
    workspace: Workspace, model: TreeModel, home: Module, subclass: ast.ClassDef, gone: frozenset[str]
) -> Iterator[tuple[RepoPath, Member]]:
    """Yield the members that other files use of a subclass, if they may be among those that are `gone`."""
    own = Class(home, subclass).names()
    symbol = f"{home.name}.{subclass.name}"
    for path in workspace.containing(subclass.name):
        text = workspace.content(path)
        if (
            path == home.path
            or not isinstance(text, bytes)
            or not any(name.encode() in text for name in gone)
        ):
            continue
        module = model.module_at(path)
        for one in module.references if module is not None else ():
            if module is None or one.use != "load" or subclass.name not in one.parts:
                continue
            if count := parts_of(model, module, one, symbol):
                yield from ((path, member) for member in used_of_subclass(module, one, count, own))
