"""One Python file of a repository as detectors see it: its syntax tree, module name and imports."""

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from scanner.python.imports import absolute

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class ImportedName:
    """One name of `from module import name as bound`, or a module of `import module` (without a name)."""

    module: str
    name: str
    bound: str
    is_top: bool


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
        """The imports, at any depth, with full module names."""
        return [
            found
            for statement, is_top in statements(self.tree.body)
            for found in self._imported(statement, is_top=is_top)
        ]

    def _imported(self, statement: ast.stmt, *, is_top: bool) -> Iterator[ImportedName]:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield ImportedName(alias.name, "", alias.asname or alias.name, is_top)
        elif isinstance(statement, ast.ImportFrom):
            module = absolute(self.module, self.is_package, statement.level, statement.module or "")
            for alias in statement.names if module else ():
                yield ImportedName(module or "", alias.name, alias.asname or alias.name, is_top)

    @cached_property
    def definitions(self) -> list[Definition]:
        """The functions and classes at module level, also under `if` and `try`."""
        return [
            statement
            for statement, is_top in statements(self.tree.body)
            if is_top and isinstance(statement, Definition)
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
        for statement, is_top in statements(self.tree.body):
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


def statements(body: list[ast.stmt], *, is_top: bool = True) -> Iterator[tuple[ast.stmt, bool]]:
    """Yield every statement, at any depth, with a flag that says if it runs when the module is imported."""
    waiting = [(statement, is_top) for statement in reversed(body)]
    while waiting:
        statement, top = waiting.pop()
        yield statement, top
        inner = top and not isinstance(statement, Definition)
        for name in ("body", "orelse", "finalbody"):
            waiting += [(each, inner) for each in reversed(getattr(statement, name, ()))]
        for handler in getattr(statement, "handlers", ()):
            waiting += [(each, inner) for each in reversed(handler.body)]
        for case in getattr(statement, "cases", ()):
            waiting += [(each, inner) for each in reversed(case.body)]
