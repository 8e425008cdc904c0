"""Proposes names of the standard library that are deprecated or have been removed, and replaced packages."""

import re
import unittest.mock
from collections.abc import Iterator, Sequence

from scanner.proposals.import_lines import attributes_of
from scanner.proposals.markers import Marker
from scanner.proposals.model import Evidence, Idea, PastUse, ProposedRule
from scanner.proposals.naming import from_to, identifier, without_members
from scanner.proposals.old_names import MODULES, NAMES, Old
from scanner.proposals.python_file import PythonFile
from scanner.proposals.survey import Survey
from scanner.python.multi_search import Needles

_ABSTRACT = "collections."
_ABSTRACT_USE = re.compile(
    rb"collections(?:\.| import[^\n]*\b)(?:%(names)s)\b"
    % {b"names": "|".join(name.removeprefix(_ABSTRACT) for name in NAMES if _ABSTRACT in name).encode()},
    re.MULTILINE,
)
_MANY = 5
"""Number of earlier files that make a finished migration worth showing."""


def _usual(name: str) -> re.Pattern[bytes]:
    """Return a pattern for the last name after its module or class, or in an import from it."""
    of, last = (part.encode() for part in name.split(".")[-2:])
    return re.compile(rb"%s(?:\.| import[^\n]*\b)%s\b" % (of, last))


class Detector:
    """Remembers which of the names and modules occur, except in branches for one version of Python."""

    markers: Sequence[Marker] = (
        *(
            Marker(f"python:{name}", (name.rpartition(".")[2].encode(),), _usual(name))
            for name in NAMES
            if not name.startswith(_ABSTRACT)
        ),
        Marker("python:collections", (b"collections",), _ABSTRACT_USE),
    )

    def __init__(self) -> None:
        self._names = list(NAMES)
        self._words = [name.rpartition(".")[2].encode() for name in NAMES]
        self._needles = Needles([(word,) for word in self._words])
        self._found: set[str] = set()
        self._imported: dict[str, set[str]] = {}

    def read(self, file: PythonFile) -> None:
        found = sorted(self._needles.found_in(file.text))
        here = [self._names[number] for number in found if self._words[number] in file.text]
        for each in file.imports:
            full = f"{each.module}.{each.name}"
            if each.is_branch and full in here:
                here.remove(full)
            top = each.module.partition(".")[0]
            if top in MODULES and not each.is_branch:
                names = [each.name] if each.name else attributes_of(each.bound, file.text)
                known = self._imported.setdefault(top, set())
                known.update(f"{each.module}.{name}" for name in names if name != "*")
        self._found.update(here)

    def ideas(self, survey: Survey) -> Iterator[Idea]:
        past = survey.past
        here = {name for name in NAMES if name in self._found or _was_common(past.use(f"python:{name}"))}
        for name in sorted(here):
            if not name.startswith(_ABSTRACT):
                yield _idea(survey, name, NAMES[name], [_rule(name, NAMES[name], [name])])
        abstract = [name for name in sorted(NAMES) if name.startswith(_ABSTRACT)]
        if here & set(abstract) or _was_common(past.use("python:collections")):
            rules = [_rule(name, NAMES[name], [name]) for name in abstract]
            yield _idea(survey, "collections", Old("collections.abc", NAMES[abstract[0]].why), rules)
        for name, old in MODULES.items():
            used = self._imported.get(name, set())
            if (used or _was_common(past.use(name))) and name not in survey.modules:
                every = without_members([*used, *_names_of(survey, name)])
                if every:
                    yield _idea(survey, name, old, [_rule(name, old, every)])


def _was_common(earlier: PastUse | None) -> bool:
    return earlier is not None and earlier.files >= _MANY


def _names_of(survey: Survey, package: str) -> list[str]:
    """Return what was ever imported from a package, and what is known to be in it."""
    known = unittest.mock.__all__ if package == "mock" else ()
    return [*survey.past.beneath(package), *(f"{package}.{name}" for name in known)]


def _rule(name: str, old: Old, symbols: list[str]) -> ProposedRule:
    is_module = name in MODULES
    return ProposedRule(
        identifier(name),
        "deprecated-symbol",
        {"symbols": symbols},
        f"{name} is {old.why}; use {old.new}" if not old.why.startswith("part") else f"Use {old.new}",
        replacement=old.new if old.is_same and not is_module else "",
        fixable=("import", "call", "stored-call", "reference")
        if old.is_same and not is_module
        else ("unused-import",),
    )


def _idea(survey: Survey, name: str, old: Old, rules: list[ProposedRule]) -> Idea:
    return Idea(
        f"python:{name}",
        f"{name} → {old.new}" if name in MODULES or name == "collections" else from_to(name, old.new),
        f"{name}: {old.why}. Use {old.new}.",
        Evidence.REMOVED_FROM_PYTHON,
        tuple(rules),
        past=survey.past.use(name if name in MODULES else f"python:{name}"),
    )
