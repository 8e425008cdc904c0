"""Surveys a repository for a starter plan: finds what its own code declares deprecated, and `__all__`."""

import ast
import re
import warnings
from collections.abc import Iterator

from scanner.python.imports import module_name

_WORDS = re.compile(rb"deprecat", re.IGNORECASE)
_WARN = frozenset({"warn", "warn_explicit"})

STANDARD_LIBRARY = {
    "asyncio.iscoroutinefunction": "inspect.iscoroutinefunction",
    "datetime.datetime.utcfromtimestamp": "datetime.datetime.fromtimestamp(…, datetime.UTC)",
    "datetime.datetime.utcnow": "datetime.datetime.now(datetime.UTC)",
    "importlib.resources.open_text": "importlib.resources.files",
    "importlib.resources.read_text": "importlib.resources.files",
    "inspect.getargspec": "inspect.signature",
    "locale.getdefaultlocale": "locale.getlocale",
    "logging.warn": "logging.warning",
    "pkgutil.find_loader": "importlib.util.find_spec",
    "pkgutil.get_loader": "importlib.util.find_spec",
    "ssl.wrap_socket": "ssl.SSLContext.wrap_socket",
    "threading.currentThread": "threading.current_thread",
    "unittest.makeSuite": "unittest.TestLoader.loadTestsFromTestCase",
}
"""Deprecated or removed names of the standard library and what replaces them, from “Deprecated” and “Removed”
in What's New in Python 3.9 to 3.14.
"""


def mentions_deprecation(text: bytes) -> bool:
    """Return whether a file is worth reading for deprecated definitions."""
    return _WORDS.search(text) is not None


def deprecated_definitions(path: str, text: bytes, roots: tuple[str, ...]) -> Iterator[str]:
    """Yield the dotted names of a module's functions and classes that a decorator declares deprecated, and of
    functions that always warn of their own deprecation. A file that Python cannot parse has none.
    """
    tree = _parse(text)
    if tree is None:
        return
    module, _ = module_name(path, roots)
    helpers = _helpers(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and _is_deprecated(
            node, helpers
        ):
            yield f"{module}.{node.name}"


def exported_names(text: bytes) -> frozenset[str]:
    """Return the names in a module's `__all__`, as far as it is a list or tuple of strings."""
    tree = _parse(text)
    found: set[str] = set()
    for node in tree.body if tree else ():
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = getattr(node, "value", None)
        if isinstance(value, ast.List | ast.Tuple) and any(
            isinstance(target, ast.Name) and target.id == "__all__" for target in targets
        ):
            found.update(
                item.value
                for item in value.elts
                if isinstance(item, ast.Constant) and isinstance(item.value, str)
            )
    return frozenset(found)


def _parse(text: bytes) -> ast.Module | None:
    try:
        with warnings.catch_warnings(action="ignore"):
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _helpers(tree: ast.Module) -> frozenset[str]:
    """Return the names that are imported from a module whose name speaks of deprecation."""
    return frozenset(
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and "deprecat" in (node.module or "").casefold()
        for alias in node.names
    )


def _is_deprecated(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, helpers: frozenset[str]
) -> bool:
    for decorator in node.decorator_list:
        if _speaks_of_it(decorator.func if isinstance(decorator, ast.Call) else decorator, helpers):
            return True
    return not isinstance(node, ast.ClassDef) and any(
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and _warns(statement.value, helpers)
        for statement in node.body
    )


def _warns(call: ast.Call, helpers: frozenset[str]) -> bool:
    """Return whether a call warns of a deprecation, judging by its name or the category that it gets."""
    if _speaks_of_it(call.func, helpers):
        return True
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    return ast.unparse(call.func).rpartition(".")[2] in _WARN and any(
        "deprecat" in ast.unparse(argument).casefold()
        for argument in arguments
        if isinstance(argument, ast.Name | ast.Attribute | ast.Call)
    )


def _speaks_of_it(callee: ast.expr, helpers: frozenset[str]) -> bool:
    name = ast.unparse(callee)
    return name.partition(".")[0] in helpers or "deprecat" in name.casefold()
