"""Finds the uses of a class that must change together: where it is created, and where its type is tested."""

import ast
from collections.abc import Iterator

from scanner.fixes.identity.expressions import last_name
from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.scopes import Reference
from scanner.fixes.identity.tree import TreeModel
from scanner.fixes.workspace import Workspace

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
    parent = module.parent(module.expression(reference))
    return isinstance(parent, ast.Call) and not is_type_test(module, reference, count)
