"""Proposes modules that only hand on what has moved elsewhere, and modules that are deprecated as a whole."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scanner.proposals.deprecation_marks import strings, warns_of_deprecation
from scanner.proposals.markers import Marker
from scanner.proposals.model import Evidence, Idea, ProposedRule
from scanner.proposals.naming import REMOVED, identifier
from scanner.proposals.python_file import PythonFile
from scanner.proposals.survey import Survey
from scanner.proposals.wording_of_deprecation import COMPATIBLE, SAYS_SO, first_sentence, replacements_in
from scanner.wording import counted

MOST_RULES = 30
"""Maximum number of names of one module that get a rule of their own."""

_FIXABLE = ("import", "unused-import", "call", "stored-call", "reference", "re-export", "string")
_HEAD = 40
"""Number of lines at the beginning of a module whose comments are read."""


@dataclass(frozen=True, slots=True)
class OldModule:
    """A module that is not to be imported any more. `handed_on` maps its names to their full new names."""

    module: str
    path: str
    said: str
    handed_on: Mapping[str, str]
    is_shim: bool


class Detector:
    """Collects old modules, and who imports what from where."""

    markers: Sequence[Marker] = ()

    def __init__(self) -> None:
        self._old: list[OldModule] = []
        self._used: dict[str, set[str]] = defaultdict(set)

    def read(self, file: PythonFile) -> None:
        for each in file.imports:
            if each.name and each.name != "*":
                self._used[each.module].add(each.name)
        if not file.is_test and file.module.rpartition(".")[2] not in {"", "__main__", "conftest"}:
            old = _old_module(file)
            if old is not None:
                self._old.append(old)

    def ideas(self, survey: Survey) -> Iterator[Idea]:
        for old in self._old:
            if survey.modules[old.module].path != old.path:
                continue  # Python imports the package of the same name instead
            names = sorted(self._used.get(old.module, set()) | survey.past.names(old.module))
            rules = list(_rules(survey, old, names))
            if rules:
                yield _idea(survey, old, names, rules)


def _old_module(file: PythonFile) -> OldModule | None:
    said = _says(file)
    is_shim = _is_shim(file)
    handed_on = {
        each.bound: f"{each.module}.{each.name}"
        for each in file.imports
        if each.is_top and each.name not in ("", "*") and each.module != "__future__"
    }
    if file.is_package and not (is_shim and _warns(file)):
        return None
    if is_shim and handed_on and COMPATIBLE.search(said):
        return OldModule(file.module, file.path, said, handed_on, is_shim=True)
    if _warns(file):
        return OldModule(file.module, file.path, said, {}, is_shim=False)
    return None


def _warns(file: PythonFile) -> bool:
    """Return whether importing a module warns of its deprecation."""
    return any(
        isinstance(each, ast.Expr) and isinstance(each.value, ast.Call) and _is_about_all(file, each.value)
        for each in file.tree.body
    )


def _is_about_all(file: PythonFile, call: ast.Call) -> bool:
    """Return whether a call at module level warns of the module, rather than declares one of its names."""
    own = file.module.rpartition(".")[2]
    return warns_of_deprecation(call) and not any(
        isinstance(each, ast.Constant) and isinstance(each.value, str) and _is_name(each.value, own)
        for each in ast.walk(call)
    )


def _is_name(text: str, own: str) -> bool:
    """Return whether a text is the name of something else than a module."""
    return text.isidentifier() and text != own


def _says(file: PythonFile) -> str:
    """Return what a module says of itself: in its docstring, in comments at its beginning and in warnings."""
    texts: list[str] = []
    for each in file.tree.body:
        if isinstance(each, ast.Expr):
            if isinstance(each.value, ast.Constant) and isinstance(each.value.value, str):
                texts.append(each.value.value)
            elif isinstance(each.value, ast.Call) and _is_about_all(file, each.value):
                texts += strings(file, each.value)
    comments = [line.strip("# ") for line in file.lines[:_HEAD] if line.startswith("#")]
    texts += [
        line for line in comments if not re.search(r"copyright|license|coding[:=]", line, re.IGNORECASE)
    ]
    return "\n\n".join(text.strip() for text in texts)


def _is_shim(file: PythonFile) -> bool:
    """Return whether a module does nothing but import names and hand them on."""
    return bool(file.tree.body) and all(_hands_on(each) for each in file.tree.body)


def _hands_on(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
        return True
    if isinstance(statement, ast.Expr):
        value = statement.value
        return isinstance(value, ast.Constant) or (
            isinstance(value, ast.Call) and warns_of_deprecation(value)
        )
    if isinstance(statement, ast.Assign):
        names = [target.id for target in statement.targets if isinstance(target, ast.Name)]
        return all(name.startswith("__") for name in names) or isinstance(
            statement.value, ast.Name | ast.Attribute
        )
    if isinstance(statement, ast.If | ast.Try):
        inner = [*statement.body, *statement.orelse, *getattr(statement, "finalbody", ())]
        for handler in getattr(statement, "handlers", ()):
            inner += handler.body
        return all(_hands_on(each) for each in inner)
    return False


def _rules(survey: Survey, old: OldModule, names: list[str]) -> Iterator[ProposedRule]:
    moved = {name: old.handed_on[name] for name in names if name in old.handed_on}
    homes = {name: full.rpartition(".")[0] for name, full in moved.items() if full.rpartition(".")[2] == name}
    direct = {name: home for name, home in homes.items() if survey.past.importers(name) <= {old.module, home}}
    if direct:
        yield ProposedRule(
            identifier(old.module.rpartition(".")[2], "moved"),
            "canonical-import",
            {"names": direct},
            f"{old.module} has moved; import from {_home(direct)}",
            fixable=("import",),
        )
    for name in [each for each in moved if each not in direct][:MOST_RULES]:
        yield ProposedRule(
            identifier(old.module.rpartition(".")[2], name),
            "deprecated-symbol",
            {"symbols": [f"{old.module}.{name}"]},
            f"{name} has moved to {moved[name]}",
            replacement=moved[name],
            fixable=_FIXABLE,
        )
    rest = [f"{old.module}.{name}" for name in names if name not in moved]
    if rest:
        yield ProposedRule(
            identifier(old.module.rpartition(".")[2], "names" if moved else "module"),
            "deprecated-symbol",
            {"symbols": rest if moved else [old.module]},
            first_sentence(old.said, 120) or f"The module {old.module} is deprecated",
        )


def _home(direct: Mapping[str, str]) -> str:
    homes = sorted(set(direct.values()))
    return homes[0] if len(homes) == 1 else counted(len(homes), "module")


def _idea(survey: Survey, old: OldModule, names: list[str], rules: list[ProposedRule]) -> Idea:
    homes = sorted({full.rpartition(".")[0] for name, full in old.handed_on.items() if name in names})
    named = (each for each in replacements_in(old.said) if "." in each or each in survey.modules)
    new = homes[0] if len(homes) == 1 else next(named, "")
    new = "" if new == old.module else new
    goal = new or (counted(len(homes), "module") if homes else REMOVED)
    verb = "only hands on names from elsewhere" if old.is_shim else "is deprecated as a whole"
    said = first_sentence(old.said) if SAYS_SO.search(old.said) or COMPATIBLE.search(old.said) else ""
    return Idea(
        f"module:{old.module}",
        f"{old.module} → {goal}",
        f"The module {old.module} {verb}" + (f": “{said}”" if said else "."),
        Evidence.MOVED,
        tuple(rules),
        new or next(iter(homes), ""),
        own_paths=frozenset({old.path}),
        past=survey.past.use(old.module),
    )
