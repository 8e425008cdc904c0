"""Follows names through re-exports between the modules of a revision to their definition."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from scanner.python.scopes import Binding
from scanner.python.source import Source
from scanner.rules.base import FactIndex
from scanner.rules.symbols.symbol_list import Listed

ALIASES = "aliases"  # fact: the names under which a file imports what may be listed
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
            published[f"name:{module}.{last}"] = _binding_facts(top)
    if source.stars:
        published[f"stars:{module}"] = [star for _, star in reversed(source.stars)]
        published |= {f"starred:{star}": module for _, star in source.stars}
    aliases = dict(_aliases(source, listed))
    for local, bound in aliases.items():
        published.setdefault(f"name:{module}.{local}", _binding_facts(bound))
    if aliases:
        targets = {local: [b.target for b in bound if b.target] for local, bound in aliases.items()}
        published[ALIASES] = {f"{module}.{local}": names for local, names in targets.items()}
    if source.exported is not None:
        published[f"all:{module}"] = sorted(source.exported & (listed.by_last.keys() | aliases.keys()))
    return published


def _aliases(source: Source, listed: Listed) -> Iterator[tuple[str, list[Binding]]]:
    """Yield each module-level name that imports what may be listed under another name."""
    for last in listed.by_last:
        for trail in source.trails(last):
            if len(trail) < 3 or trail[-3].node.type != "aliased_import" or trail[-2].field != "name":
                continue
            alias = trail[-3].node.child_by_field_name("alias")
            bound = source.binding_at(alias) if alias is not None else None
            if bound is not None and bound.scope == source.root and bound.name not in listed.by_last:
                yield bound.name, list(source.bindings_in(bound.name, source.root))


def _binding_facts(bound: Sequence[Binding]) -> dict[str, Any]:
    """Return what the module-level bindings of one name refer to, and whether any defines it."""
    to = list(dict.fromkeys(binding.target for binding in bound if binding.target))
    return {"to": to, "own": any(binding.kind not in {"import", "del"} for binding in bound)}


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
        stars = (star for stars in self._facts("stars", module) for star in stars)
        found = self._through(stars, last, seen)[1]
        return self._trace_owner(name, seen) if found is None else found

    def _trace_owner(self, name: str, seen: set[str]) -> str | None:
        """Trace a name through a module that a package hands on under another name."""
        parts = name.split(".")
        for length in range(len(parts) - 1, 0, -1):
            module = ".".join(parts[:length])
            if not self.index.modules(module):
                continue
            if length == len(parts) - 1:  # the module is in scope, and does not provide the name
                return None
            owner, rest = ".".join(parts[: length + 1]), parts[length + 1 :]
            self.index.ask(module, parts[length])
            targets = (target for fact in self._facts("name", owner) for target in fact["to"])
            found = (self._trace(".".join((target, *rest)), seen) for target in targets if target != owner)
            return next((symbol for symbol in found if symbol), None)
        return None

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
        """Return whether another file imports this full name from its module, by name or by a star."""
        pending, seen = [name], {name}
        while pending and len(seen) <= _MAX_NAMES:
            full = pending.pop()
            module, _, last = full.rpartition(".")
            stars = self._star_exports(module, last)
            users = [user for user, by_star in self.index.facts(f"imported:{full}") if stars or not by_star]
            if any(user != path for user in users):
                return True
            passed = {f"{other}.{last}" for other in self._facts("starred", module) if stars}
            passed |= {f"{other}.{last}" for names in self._facts("handed", module) for other in names}
            pending += sorted(passed - seen)
            seen |= passed
        return False

    def _star_exports(self, module: str, last: str) -> bool:
        """Return whether `from module import *` binds `last`, according to `__all__` or a leading `_`."""
        lists = list(self._facts("all", module))
        return any(last in names for names in lists) if lists else not last.startswith("_")

    def _facts(self, topic: str, name: str) -> tuple[Any, ...]:
        return tuple(value for _, value in self.index.facts(f"{topic}:{name}"))


def import_facts(named: Iterable[str], by_star: Iterable[str]) -> dict[str, Any]:
    """Return facts that list the full names that a file imports from other modules, some only by a star."""
    stars = {f"imported:{name}": True for name in by_star}
    return {**stars, **{f"imported:{name}": False for name in named}}


def module_facts(source: Source, words: Iterable[str]) -> dict[str, Any]:
    """Return facts that list the names under which a file hands on modules, by module."""
    handed: dict[str, Any] = {}
    for word in words:
        for bound in source.bindings_in(word, source.root):
            if bound.target:
                handed.setdefault(f"handed:{bound.target}", []).append(f"{source.module}.{word}".lstrip("."))
    return handed
