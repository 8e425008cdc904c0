"""Proposes accessors that hand one object to all callers, unless they are public API. They come last."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from scanner.proposals.model import Evidence, Idea, ProposedRule
from scanner.proposals.naming import identifier
from scanner.proposals.python_file import PythonFile
from scanner.proposals.survey import Survey

MOST = 30
"""Maximum number of accessors whose uses are counted: those whose names are imported by most files."""


@dataclass(frozen=True, slots=True)
class Accessor:
    """A function that fills a global once and returns it."""

    module: str
    path: str
    name: str
    shared: str
    is_exported: bool


class Detector:
    """Collects accessors of production code."""

    def __init__(self) -> None:
        self._found: list[Accessor] = []
        self._public: set[str] = set()

    def read(self, file: PythonFile) -> None:
        if file.is_package:
            self._public.update(f"{each.module}.{each.name}" for each in file.imports if each.is_top)
        if file.is_test or b"global" not in file.text:
            return
        for each in file.definitions:
            if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and (shared := _shared(each)):
                exported = each.name in file.exported
                self._found.append(Accessor(file.module, file.path, each.name, shared, exported))

    def ideas(self, survey: Survey) -> Iterator[Idea]:
        own = [
            each
            for each in self._found
            if not each.is_exported and f"{each.module}.{each.name}" not in self._public
        ]
        own.sort(key=lambda each: (-survey.imports[f"{each.module}.{each.name}"], each.module, each.name))
        for each in own[:MOST]:
            yield _idea(each)


def _shared(function: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    """Return the global that a function without required arguments fills and returns; empty if it doesn't."""
    arguments = function.args
    if len(arguments.args) > len(arguments.defaults) or arguments.vararg:
        return ""
    names = {name for each in ast.walk(function) if isinstance(each, ast.Global) for name in each.names}
    returned = {
        each.value.id
        for each in ast.walk(function)
        if isinstance(each, ast.Return) and isinstance(each.value, ast.Name)
    }
    filled = {
        target.id
        for each in ast.walk(function)
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call | ast.Await)
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    return next(iter(sorted(names & returned & filled)), "")


def _idea(each: Accessor) -> Idea:
    rule = ProposedRule(
        identifier(each.name),
        "deprecated-symbol",
        {"symbols": [f"{each.module}.{each.name}", f"{each.module}.{each.shared}"]},
        f"{each.name} gives one object to all callers",
        risk="high",
        fixable=("unused-import",),
    )
    return Idea(
        f"shared:{each.module}:{each.name}",
        f"{each.name}: one shared object",
        f"{each.module}.{each.name} creates one object, keeps it in {each.shared} and gives it to all "
        "callers.",
        Evidence.SHARED_STATE,
        (rule,),
        own_paths=frozenset({each.path}),
    )
