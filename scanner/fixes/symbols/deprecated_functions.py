"""Decides whether a function that warns of its own deprecation can be deleted: only if nothing uses it."""

import ast
from collections.abc import Iterator

from tree_sitter import Node

from scanner.fixes.context import FixContext
from scanner.fixes.edits.removal import block_of
from scanner.fixes.identity.modules import Module
from scanner.fixes.identity.tree import TreeModel, model_of
from scanner.fixes.model import RefusedError
from scanner.fixes.symbols.lookups import require_no_lookup
from scanner.model import RepoPath
from scanner.python.decorators import decorator_callee, decorators

_PLAIN = frozenset({"property", "staticmethod", "classmethod", "cached_property", "deprecated", "wraps"})
_COLLECTED = ("test_", "Test", "pytest_")


def deprecated_function(context: FixContext, statement: Node) -> Node | None:
    """Return the function whose body warns; None if the warning is in a branch or a nested function."""
    source = context.source
    function = next(source.ancestors(block_of(context, statement)), None)
    if function is None or function.type != "function_definition":
        return None
    scopes = source.scopes(function)
    return function if all(scope.type != "function_definition" for scope in scopes[1:]) else None


def require_unused(context: FixContext, function: Node) -> None:
    """Raise RefusedError if something uses a function, or may call it without naming it."""
    source = context.source
    node = function.child_by_field_name("name")
    name = source.text(node) if node is not None else ""
    names = {source.text(callee) for one in decorators(source, function) if (callee := decorator_callee(one))}
    if {full.rpartition(".")[2] for full in names} - _PLAIN:
        raise RefusedError(f"a decorator may register {name}: remove it by hand once nothing calls it")
    if name.startswith(_COLLECTED) or (name.startswith("__") and name.endswith("__")):
        raise RefusedError(f"{name} is called by its name: remove it by hand once nothing needs it")
    inside = range(function.start_byte, function.end_byte)
    is_method = source.scopes(function)[-1].type == "class_definition"
    for path, line in _uses(context, name, inside, is_method=is_method):
        raise RefusedError(f"{path}:{line} still uses {name}: change its callers first")
    if not is_method:
        require_no_lookup(context, f"{source.module}.{name}".lstrip("."))


def _uses(context: FixContext, name: str, inside: range, *, is_method: bool) -> Iterator[tuple[str, int]]:
    """Yield the places that use a function, or a method that has its name."""
    model = model_of(context.workspace)
    own = f"{context.source.module}.{name}".lstrip(".")
    for path in context.workspace.containing(name):
        module = model.module_at(path)
        if module is None:
            yield path, 1  # it does not parse, so nothing is known of it
            continue
        skipped = inside if path == RepoPath(context.source.path) else range(0)
        for one in module.words.get(name, ()):
            if one.start in skipped or one.use == "declare":
                continue
            is_named = name in one.parts[1:] if is_method else one.use != "store" or len(one.parts) > 1
            if is_named and (is_method or any(own in each.names for each in model.resolve(module, one))):
                yield path, module.line(one.start)
        is_exported = not is_method and _leads_to(model, module, name, own)
        for node in _mentions(module, name, own, skipped, is_method=is_method):
            if is_exported or not module.is_export(node):
                yield path, module.line(module.offset(node))


def _leads_to(model: TreeModel, module: Module, name: str, own: str) -> bool:
    """Return whether a module has a function under its name, so that its `__all__` may hand it on."""
    return any(own in each.names for each in model.named(f"{module.name}.{name}".lstrip(".")))


def _mentions(module: Module, name: str, own: str, skipped: range, *, is_method: bool) -> Iterator[ast.AST]:
    """Yield the code that names a function in an import or a string, or overrides a method."""
    for full, bound in module.imports:
        if full == own and not is_method:
            yield bound.node
    for node in module.mentions.get(name, ()):
        if module.offset(node) in skipped:
            continue
        if isinstance(node, ast.Constant) or (is_method and _is_member(module, node, name)):
            yield node


def _is_member(module: Module, node: ast.AST, name: str) -> bool:
    """Return whether code reads an attribute of an object, or defines a method, with a name."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name == name and isinstance(module.parent(node), ast.ClassDef)
    return isinstance(node, ast.Attribute) and node.attr == name
