"""Follows names through re-exports between the modules of a revision to their definition."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from scanner.python.source import Source
from scanner.rules.base import FactIndex
from scanner.rules.symbols.symbol_list import Listed

STAR = b"import *"  # a star import re-exports names that the file does not contain
_MAX_NAMES = 50  # maximum number of names visited in one trace
OTHER = ""  # the name is defined, but is not a listed symbol


def facts(source: Source, listed: Listed) -> dict[str, Any]:
    """Return a file's facts: its bindings of listed last names, its `__all__`, and its star imports."""
    module = source.module
    published: dict[str, Any] = {}
    for last in listed.by_last:
        top = [bound for bound in source.bindings(last) if bound.scope == source.root]
        if top:
            to = list(dict.fromkeys(bound.target for bound in top if bound.target))
            own = any(bound.kind not in {"import", "del"} for bound in top)
            published[f"name:{module}.{last}"] = {"to": to, "own": own}
    if source.stars:
        published[f"stars:{module}"] = [star for _, star in reversed(source.stars)]
    if source.exported is not None:
        published[f"all:{module}"] = sorted(source.exported & listed.by_last.keys())
    return published


@dataclass(frozen=True, slots=True)
class Links:
    """The names in one revision, followed from module to module."""

    listed: Listed
    index: FactIndex
    known: dict[str, str | None] = field(default_factory=dict)

    def trace(self, name: str) -> str | None:
        """Return the listed symbol behind a full name, OTHER if it is something else, or None if unknown."""
        if name not in self.known:
            self.known[name] = self._trace(name, set())
        return self.known[name]

    def through(self, stars: Iterable[str], last: str) -> tuple[str, str | None]:
        """Return the first star-imported module that provides `last`, and the result of tracing it there."""
        return self._through(stars, last, set())

    def _trace(self, name: str, seen: set[str]) -> str | None:
        if name in self.listed:
            return name
        if name in seen or len(seen) > _MAX_NAMES:
            return None
        seen.add(name)
        module, _, last = name.rpartition(".")
        known = self._facts("name", name)
        for published in known:
            for target in published["to"]:
                if symbol := self._trace(target, seen):
                    return symbol
        if known:
            return OTHER
        return self._through((star for stars in self._facts("stars", module) for star in stars), last, seen)[
            1
        ]

    def _through(self, stars: Iterable[str], last: str, seen: set[str]) -> tuple[str, str | None]:
        for star in stars:
            name = f"{star}.{last}"
            if name in seen or len(seen) > _MAX_NAMES or not self._star_exports(star, last):
                continue
            found = self._trace(name, seen)
            if found is not None:
                return star, found
        return "", None

    def is_imported_elsewhere(self, name: str, path: str) -> bool:
        """Return whether another file imports this full name from its module."""
        return any(importer != path for importer, _ in self.index.facts(f"imported:{name}"))

    def _star_exports(self, module: str, last: str) -> bool:
        """Return whether `from module import *` binds `last`, according to `__all__` or a leading `_`."""
        lists = list(self._facts("all", module))
        return any(last in names for names in lists) if lists else not last.startswith("_")

    def _facts(self, topic: str, name: str) -> tuple[Any, ...]:
        return tuple(value for _, value in self.index.facts(f"{topic}:{name}"))


def import_facts(names: Iterator[str]) -> dict[str, Any]:
    """Return facts that list the full names that a file imports from other modules."""
    return {f"imported:{name}": True for name in names}
