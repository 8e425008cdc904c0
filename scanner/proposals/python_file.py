"""One Python file of a repository as detectors see it: its syntax tree, module name and imports."""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from scanner.proposals.import_lines import import_lines
from scanner.python.imports import absolute

_MISSING = re.compile(r"\b(?:ImportError|ModuleNotFoundError|AttributeError)\b")
_VERSION = re.compile(r"version_info|\bPY_?[23]|\bIS_PY|\bhexversion")
_MISSING_BYTES, _VERSION_BYTES = (re.compile(each.pattern.encode()) for each in (_MISSING, _VERSION))

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class ImportedName:
    """One name of `from module import name as bound`, or a module of `import module` (without a name).

    `is_branch` says that only some versions of Python, or some installations, execute the statement: it is in
    a `try` that catches an ImportError, or under a condition on the version.
    """

    module: str
    name: str
    bound: str
    is_top: bool
    is_branch: bool = False


class PythonFile:
    """A parsed file. `is_test` tells tests and examples from production."""

    def __init__(self, path: str, text: bytes, module: str, *, is_package: bool, is_test: bool) -> None:
        self.path, self.text, self.module = path, text, module
        self.is_package, self.is_test = is_package, is_test

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree; empty for a text that this Python cannot parse."""
        try:
            with warnings.catch_warnings(action="ignore"):
                return ast.parse(self.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return ast.Module(body=[], type_ignores=[])

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, as Python numbers them."""
        return self.text.decode("utf-8", "replace").replace("\r\n", "\n").replace("\f", " ").split("\n")

    @cached_property
    def imports(self) -> list[ImportedName]:
        """The imports, at any depth, with full module names. Tests aren't parsed for them."""
        if self.is_test:
            return list(self._written())
        return [
            found
            for placed in self.statements
            for found in self._imported(placed.statement, placed.is_top, placed.is_branch)
        ]

    def _written(self) -> Iterator[ImportedName]:
        for line in import_lines(self.text):
            module = absolute(self.module, self.is_package, line.level, line.module)
            if module:
                yield ImportedName(module, line.name, line.bound, is_top=True, is_branch=line.is_branch)

    def _imported(self, statement: ast.stmt, is_top: bool, is_branch: bool) -> Iterator[ImportedName]:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield ImportedName(alias.name, "", alias.asname or alias.name, is_top, is_branch)
        elif isinstance(statement, ast.ImportFrom):
            module = absolute(self.module, self.is_package, statement.level, statement.module or "")
            for alias in statement.names if module else ():
                bound = alias.asname or alias.name
                yield ImportedName(module or "", alias.name, bound, is_top, is_branch)

    @cached_property
    def statements(self) -> list["Placed"]:
        """Every statement, at any depth."""
        may_branch = _MISSING_BYTES.search(self.text) or _VERSION_BYTES.search(self.text)
        return list(statements(self.tree.body, may_branch=may_branch is not None))

    @cached_property
    def definitions(self) -> list[Definition]:
        """The functions and classes at module level, also under `if` and `try`."""
        return [
            placed.statement
            for placed in self.statements
            if placed.is_top and isinstance(placed.statement, Definition)
        ]

    @cached_property
    def bound(self) -> dict[str, str]:
        """The names bound at module level, each with the full name of what it is."""
        found = {each.name: f"{self.module}.{each.name}" for each in self.definitions}
        for target, _ in self.assignments:
            found.setdefault(target, f"{self.module}.{target}")
        for each in self.imports:
            if each.is_top:
                found[each.bound] = f"{each.module}.{each.name}" if each.name else each.module
        return found

    @cached_property
    def assignments(self) -> list[tuple[str, ast.Assign | ast.AnnAssign]]:
        """The assignments to one name at module level."""
        found: list[tuple[str, ast.Assign | ast.AnnAssign]] = []
        for statement, is_top, _ in self.statements:
            if not is_top or not isinstance(statement, ast.Assign | ast.AnnAssign):
                continue
            targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
            found += [(target.id, statement) for target in targets if isinstance(target, ast.Name)]
        return found

    def full_name(self, node: ast.expr) -> str:
        """Return the full dotted name of a name or an attribute chain; empty for anything else."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.bound.get(node.id, node.id), *reversed(parts)])

    @cached_property
    def exported(self) -> frozenset[str]:
        """The literal names in `__all__`."""
        return frozenset(
            item.value
            for target, statement in self.assignments
            if target == "__all__" and isinstance(statement.value, ast.List | ast.Tuple)
            for item in statement.value.elts
            if isinstance(item, ast.Constant) and isinstance(item.value, str)
        )


class Placed(NamedTuple):
    """A statement. `is_top` says that it runs when the module is imported, and `is_branch` that only some
    versions of Python, or some installations, execute it.
    """

    statement: ast.stmt
    is_top: bool
    is_branch: bool


def statements(body: list[ast.stmt], *, may_branch: bool = True) -> Iterator[Placed]:
    """Yield every statement, at any depth. Without `may_branch`, none is in a branch for some versions."""
    waiting = [Placed(statement, True, False) for statement in reversed(body)]
    while waiting:
        placed = waiting.pop()
        yield placed
        statement = placed.statement
        inner = placed.is_top and not isinstance(statement, Definition)
        branch = placed.is_branch or (may_branch and _branches(statement))
        for name in ("body", "orelse", "finalbody"):
            waiting += [Placed(each, inner, branch) for each in reversed(getattr(statement, name, ()))]
        for handler in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            waiting += [Placed(each, inner, branch) for each in reversed(handler.body)]


def _branches(statement: ast.stmt) -> bool:
    """Return whether a statement chooses by the version of Python or by what is installed."""
    if isinstance(statement, ast.Try):
        return any(_MISSING.search(ast.unparse(each.type)) for each in statement.handlers if each.type)
    return isinstance(statement, ast.If) and _VERSION.search(ast.unparse(statement.test)) is not None
