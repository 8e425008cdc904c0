"""Proposes accessors that hand one object to all callers, unless they are public API. They come last."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from scanner.proposals.markers import Marker
from scanner.proposals.model import Evidence, Idea, ProposedRule
from scanner.proposals.naming import identifier
from scanner.proposals.python_file import Definition, PythonFile
from scanner.proposals.survey import Survey

MOST = 30
"""Maximum number of accessors whose uses are counted: those whose names are imported by most files."""

_USER = re.compile(
    rb"\bdef \w+\([^()]*\b(user_id|user_context|tenant_id|tenant|session_id|request_context|customer_id"
    rb"|account_id)\b"
)
_STATE = re.compile(
    rb"\bself\.\w+(?:[ \t]*:[^=\n]+)?[ \t]*=[ \t]*(?:[{\[]|(?:dict|list|set|deque|\w*[dD]ict|\w+Cache)\()"
)
_FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Accessor:
    """A function that fills a global once and returns it. `kind` is the full name of the object's class, and
    `others` are functions of the module that replace the object or return it, too.
    """

    module: str
    path: str
    name: str
    shared: str
    kind: str
    others: tuple[str, ...]
    is_exported: bool


class Detector:
    """Collects accessors of production code, and classes that keep state while they serve several users."""

    markers: Sequence[Marker] = ()

    def __init__(self) -> None:
        self._found: list[Accessor] = []
        self._public: set[str] = set()
        self._serving: dict[str, str] = {}

    def read(self, file: PythonFile) -> None:
        if file.is_package:
            self._public.update(f"{each.module}.{each.name}" for each in file.imports if each.is_top)
        if file.is_test:
            return
        if _USER.search(file.text):
            self._serving.update(_serving_classes(file))
        if b"global" in file.text:
            self._found += _accessors(file)

    def ideas(self, survey: Survey) -> Iterator[Idea]:
        own = [
            each
            for each in self._found
            if not each.is_exported and f"{each.module}.{each.name}" not in self._public
        ]
        users = {each.kind: self._serving.get(self._class_of(survey, each), "") for each in own}
        own.sort(
            key=lambda each: (
                not users[each.kind],
                -survey.imports[f"{each.module}.{each.name}"],
                each.module,
                each.name,
            )
        )
        for each in own[:MOST]:
            yield _idea(survey, each, users[each.kind])

    def _class_of(self, survey: Survey, accessor: Accessor) -> str:
        """Return the full name of the class of the shared object, as far as it is in the repository."""
        if accessor.kind in self._serving:
            return accessor.kind
        return survey.resolve(accessor.kind, accessor.module)


def _serving_classes(file: PythonFile) -> Iterator[tuple[str, str]]:
    """Yield classes that keep containers and have methods for a user, each with the name of that argument."""
    for each in file.definitions:
        if isinstance(each, ast.ClassDef):
            text = "\n".join(file.lines[each.lineno - 1 : each.end_lineno]).encode()
            user = _USER.search(text)
            if user and _STATE.search(text):
                yield f"{file.module}.{each.name}", user[1].decode()


def _accessors(file: PythonFile) -> Iterator[Accessor]:
    functions = [each for each in file.definitions if isinstance(each, _FUNCTION)]
    for each in functions:
        shared, kind = _shared(file, each)
        if shared:
            others = tuple(
                other.name
                for other in functions
                if other is not each and _hands_out(other, shared, each.name)
            )
            is_exported = each.name in file.exported
            yield Accessor(file.module, file.path, each.name, shared, kind, others, is_exported)


def _shared(file: PythonFile, function: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, str]:
    """Return the global that a function without required arguments fills and returns, and its class.

    Both are empty if it doesn't.
    """
    arguments = function.args
    if len(arguments.args) > len(arguments.defaults) or arguments.vararg:
        return "", ""
    names = _globals(function)
    returned = {
        each.value.id
        for each in ast.walk(function)
        if isinstance(each, ast.Return) and isinstance(each.value, ast.Name)
    }
    filled = {
        target.id: each.value.value if isinstance(each.value, ast.Await) else each.value
        for each in ast.walk(function)
        if isinstance(each, ast.Assign) and isinstance(each.value, ast.Call | ast.Await)
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    shared = min(names & returned & filled.keys(), default="")
    made = filled.get(shared)
    return shared, file.full_name(made.func) if isinstance(made, ast.Call) else ""


def _globals(function: Definition) -> set[str]:
    return {name for each in ast.walk(function) if isinstance(each, ast.Global) for name in each.names}


def _hands_out(function: Definition, shared: str, accessor: str) -> bool:
    """Return whether a function replaces the shared object, or gets it from its accessor and returns it."""
    if shared in _globals(function):
        return True
    held = {
        target.id
        for each in ast.walk(function)
        if isinstance(each, ast.Assign) and ast.unparse(each.value).removeprefix("await ") == f"{accessor}()"
        for target in each.targets
        if isinstance(target, ast.Name)
    }
    return any(
        isinstance(each, ast.Return) and isinstance(each.value, ast.Name) and each.value.id in held
        for each in ast.walk(function)
    )


def _idea(survey: Survey, each: Accessor, user: str) -> Idea:
    names = (each.name, *each.others, each.shared)
    rule = ProposedRule(
        identifier(each.name),
        "deprecated-symbol",
        {"symbols": [f"{each.module}.{name}" for name in names]},
        f"{each.name} gives one object to all callers",
        risk="high",
        fixable=("unused-import",),
    )
    kind = each.kind.rpartition(".")[2] or "object"
    why = (
        f"{each.module}.{each.name} creates one {kind}, keeps it in {each.shared} and gives it to all callers"
    )
    if user:
        why += f". It keeps data, and its methods take a {user}: users may get each other's data"
    return Idea(
        f"shared:{each.module}:{each.name}",
        f"{each.name} → one {kind} for each " + ("user" if user else "caller"),
        f"{why}.",
        Evidence.SHARED_BY_USERS if user else Evidence.SHARED_STATE,
        (rule,),
        own_paths=frozenset({each.path}),
        past=survey.past.use(f"{each.module}.{each.name}"),
    )
