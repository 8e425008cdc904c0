"""What importing each module of a tree loads, directly or through others.

Only the imports of a module are read, in a few milliseconds, and kept for as long as its text stays the same.
So a search may go through every module that an import loads.
"""

import ast
import gc
import sys
import warnings
from collections.abc import Iterable, Iterator, Set

from scanner.fixes.identity.expressions import last_name
from scanner.fixes.model import RefusedError
from scanner.fixes.workspace import Workspace
from scanner.model import RepoPath
from scanner.python.imports import absolute, module_name
from scanner.python.text import to_utf8

MOST = 5000  # modules that one search reads at most: 15 of the 20 s of CPU time that a file may take
_BODIES = ("body", "orelse", "finalbody")
_NOTHING: frozenset[str] = frozenset()


class ImportGraph:
    """The modules of a workspace in its current state, and what importing each of them loads."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._loads: dict[RepoPath, tuple[object, frozenset[str]]] = {}

    def loads(self, name: str) -> frozenset[str]:
        """Return the modules and packages that importing a module imports itself, outside of functions."""
        path = self._workspace.path_of(name)
        if path is None:
            return _NOTHING
        state = self._workspace.state_of(path)
        known = self._loads.get(path)
        if known is None or known[0] != state:
            found = {each for full in self._imports(path) for each in self.loaded(full)}
            known = self._loads[path] = state, frozenset(map(sys.intern, found))
        return known[1]

    def loaded(self, full: str) -> Iterator[str]:
        """Yield the modules of the tree that an import of a full name runs, packages first."""
        parts = full.split(".")
        for end in range(1, len(parts) + 1):
            name = ".".join(parts[:end])
            if self._workspace.has_package(name):
                yield name

    def reached(self, start: Iterable[str], question: str, without: Set[str] = _NOTHING) -> set[str]:
        """Return some modules and all that they load, directly or through others.

        What the modules in `without` load is left out. Raises RefusedError if there are too many modules to
        answer the question, which the message contains.
        """
        first = sorted(start)
        waiting, seen = list(first), set[str]()
        while waiting:
            name = waiting.pop()
            if name in seen or name in without:
                continue
            seen.add(name)
            require_few(len(seen), first[0], question)
            waiting += self.loads(name)
        return seen

    def _imports(self, path: RepoPath) -> Iterator[str]:
        """Yield the full name of everything that the import statements of a file name."""
        raw = self._workspace.content(path)
        if not isinstance(raw, bytes) or b"import" not in raw:
            return
        name, package = module_name(path, tuple(self._workspace.plan.scope.source_roots))
        for statement in _statements(_parse(raw)):
            if isinstance(statement, ast.Import):
                yield from (alias.name for alias in statement.names)
            elif (module := absolute(name, package, statement.level, statement.module or "")) is not None:
                yield from (
                    module if alias.name == "*" else f"{module}.{alias.name}".lstrip(".")
                    for alias in statement.names
                )


def require_few(count: int, module: str, question: str) -> None:
    """Raise RefusedError if importing a module loads too many modules for a question to be answered."""
    if count > MOST:
        raise RefusedError(
            f"importing {module} loads more than {MOST} modules, which is too many to find out {question}"
        )


def is_type_checking(test: ast.expr) -> bool:
    """Return whether a condition is `TYPE_CHECKING`, which is false when the code runs."""
    return last_name(test) == "TYPE_CHECKING"


def _parse(raw: bytes) -> list[ast.stmt]:
    """Return the statements of a module; none if it does not parse."""
    data, fault = to_utf8(raw)
    if fault is not None:
        return []
    collecting = gc.isenabled()
    gc.disable()  # a new tree holds no garbage yet
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data.decode()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    finally:
        if collecting:
            gc.enable()


def _statements(body: Iterable[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the imports that run when the module is imported."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            is_typing = isinstance(node, ast.If) and is_type_checking(node.test)
            for name in _BODIES[is_typing:]:
                waiting += getattr(node, name, ())
            for case in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
                waiting += case.body
