"""What runs while a module is imported, and in which order."""

import ast
from collections.abc import Iterable

from scanner.fixes.identity.expressions import decorator_name
from scanner.fixes.identity.import_graph import is_type_checking
from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.scopes import Reference, Scope

_ONLY_WRAP = frozenset(
    {"property", "staticmethod", "classmethod", "cached_property", "wraps", "override", "setter", "overload"}
    | {
        "abstractmethod",
        "contextmanager",
        "asynccontextmanager",
        "lru_cache",
        "cache",
        "fixture",
        "dataclass",
    }
)
_IS_SCRIPT = frozenset({"__name__ == '__main__'", "'__main__' == __name__"})


def runs_early(module: Module, reference: Reference, before: int) -> bool:
    """Return whether a reference may run on import before the code at an offset has run."""
    return _runs_before(module, reference.scope, reference.start, before, set())


def _runs_before(module: Module, scope: Scope, start: int, before: int, seen: set[int]) -> bool:
    functions = [one for one in scope.functions if one.kind == "function"]
    if not functions:
        return start < before
    outermost = functions[-1]
    if outermost.at in seen or outermost.at > before:
        return False
    seen.add(outermost.at)
    if not outermost.name:  # a lambda may run as soon as it exists
        return _runs_before(module, outermost.parent or module.root, outermost.at, before, seen)
    if _is_called_at_once(outermost.node):
        return True
    words = {outermost.name}
    around = outermost.parent
    while around is not None and around.kind != "module":
        words.add(around.name)  # a method may run once its class is used
        around = around.parent
    inside = range(outermost.at, module.end(outermost.node))
    return any(
        _runs_before(module, use.scope, use.start, before, seen)
        for use in module.references
        if use.use == "load" and not use.lazy and use.start not in inside and not words.isdisjoint(use.parts)
    )


def _is_called_at_once(function: ast.AST) -> bool:
    """Return whether a decorator may call a function as soon as it is defined."""
    return not _ONLY_WRAP.issuperset(map(decorator_name, getattr(function, "decorator_list", ())))


def has_effects(module: Module) -> bool:
    """Return whether importing a module changes something outside it, as far as its own statements tell."""
    return any(_has_effect(module, statement) for statement in module.tree.body)


def _has_effect(module: Module, node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Call() as call):
            return not _is_harmless(module, call)
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign() | ast.Delete():
            targets = getattr(node, "targets", None) or [node.target]  # type: ignore[union-attr]
            return any(_changes_import(module, target) for target in targets)
        case ast.FunctionDef() | ast.AsyncFunctionDef():
            return _is_called_at_once(node)
        case ast.ClassDef():
            decorated = any(
                ast.unparse(one).partition("(")[0] not in _ONLY_WRAP for one in node.decorator_list
            )
            return decorated or any(keyword.arg == "metaclass" for keyword in node.keywords)
        case ast.If() | ast.For() | ast.While() | ast.With() | ast.Try():
            return any(_has_effect(module, inner) for inner in _inner(node))
    return False


def _never_runs(node: ast.stmt) -> bool:
    """Return whether the body of an `if` does not run on import: of `TYPE_CHECKING` or of a script."""
    if not isinstance(node, ast.If):
        return False
    return is_type_checking(node.test) or ast.unparse(node.test).replace('"', "'") in _IS_SCRIPT


def _is_harmless(module: Module, call: ast.Call) -> bool:
    """Return whether a call on import only warns, or changes something of the module's own."""
    if ast.unparse(call.func) in {"warnings.warn", "warn", "warnings.simplefilter"}:
        return True
    owner = call.func
    while isinstance(owner, ast.Attribute):
        owner = owner.value
    bound = module.bound(owner.id) if isinstance(owner, ast.Name) else []
    return isinstance(call.func, ast.Attribute) and bool(bound) and all(one.kind == "assign" for one in bound)


def _inner(node: ast.stmt) -> Iterable[ast.stmt]:
    for name in ("body", "orelse", "finalbody")[_never_runs(node) :]:
        yield from getattr(node, name, ())
    for handler in getattr(node, "handlers", ()):
        yield from handler.body


def _changes_import(module: Module, target: ast.expr) -> bool:
    """Return whether an assignment changes an attribute or item of something that the module imported."""
    if isinstance(target, ast.Name):
        return False
    while isinstance(target, ast.Attribute | ast.Subscript):
        target = target.value
    name = target.id if isinstance(target, ast.Name) else ""
    return any(bound.kind == "import" for bound in module.bound(name))
