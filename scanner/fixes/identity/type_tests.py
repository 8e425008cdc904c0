"""Finds the uses of a class that must change together: where it is created, and where its type is tested."""

import ast
from collections.abc import Callable, Iterator

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
ClassUse = tuple[Module, Reference, int]  # the last is how many parts of the reference name the class
_Filter = Callable[[Module, Reference], bool]


def creations(workspace: Workspace, model: TreeModel, symbol: str) -> Iterator[ClassUse]:
    """Yield every use of a class that creates instances of it, or of a subclass."""

    def may_create(module: Module, reference: Reference) -> bool:
        return len(reference.parts) > 1 or is_creation(module, reference, 1)

    for module, reference, count in _uses(workspace, model, symbol, may_create):
        if is_creation(module, reference, count):
            yield module, reference, count


def type_tests(workspace: Workspace, model: TreeModel, symbol: str) -> Iterator[ClassUse]:
    """Yield every use of a class that compares a type with it, or declares that something is an instance."""

    def takes(module: Module, reference: Reference) -> bool:
        return isinstance(module.parent(module.expression(reference)), ast.arg | ast.AnnAssign)

    def may_test(module: Module, reference: Reference) -> bool:
        return takes(module, reference) or is_type_test(module, reference, len(reference.parts))

    for module, reference, count in _uses(workspace, model, symbol, may_test):
        if takes(module, reference) or is_type_test(module, reference, count):
            yield module, reference, count


def _uses(workspace: Workspace, model: TreeModel, symbol: str, may_count: _Filter) -> Iterator[ClassUse]:
    """Yield every use of a class in the files with at least one that may count, and its parts that name it.

    The files without one are kept, because they need not be parsed again until they change.
    """
    last = symbol.rpartition(".")[2]
    for path in workspace.containing(last):
        key, state = (may_count.__name__, last, path), workspace.state_of(path)
        if key in model.without_uses and model.without_uses[key] == state:
            continue
        module = model.module_at(path)
        every = [] if module is None else [one for one in module.references if _may_name(module, one, last)]
        if module is None or not any(may_count(module, one) for one in every):
            model.without_uses[key] = state
            continue
        for reference in every:
            if count := parts_of(model, module, reference, symbol):
                yield module, reference, count


def _may_name(module: Module, reference: Reference, last: str) -> bool:
    """Return whether a reference may lead to a symbol: by its last word, an alias or a star import."""
    if reference.use != "load":
        return False
    bound = reference.bindings()
    is_starred = bool(module.stars) and (not bound or bound[0].scope is module.root)
    return last in reference.parts or is_starred or any(one.kind == "import" for one in bound)


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
