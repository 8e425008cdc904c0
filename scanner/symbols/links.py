"""How names travel between the modules of a revision: what each file hands on, and where a chain ends."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scanner.rules import Board
from scanner.symbols.listed import Listed
from scanner.syntax import Source

STAR = b"import *"  # a file that only hands names on need not spell them
OTHER = ""  # the name is known, and it is not a listed symbol


def facts(source: Source, listed: Listed) -> dict[str, Any]:
    """What other files may ask about this one: its listed last names, its `__all__`, its star imports."""
    module = source.module
    said: dict[str, Any] = {}
    for last in listed.by_last:
        top = [bound for bound in source.bindings(last) if bound.scope == source.root]
        if top:
            to = list(dict.fromkeys(bound.target for bound in top if bound.target))
            own = any(bound.kind not in {"import", "del"} for bound in top)
            said[f"name:{module}.{last}"] = {"to": to, "own": own}
    if source.stars:
        said[f"stars:{module}"] = [star for _, star in reversed(source.stars)]
    if source.exported is not None:
        said[f"all:{module}"] = sorted(source.exported & listed.by_last.keys())
    return said


@dataclass(frozen=True, slots=True)
class Links:
    """The names of one revision, followed from module to module."""

    listed: Listed
    board: Board

    def trace(self, name: str, seen: frozenset[str] = frozenset()) -> str | None:
        """The listed symbol that a full name leads to, OTHER if it is something else, None if unknown."""
        if name in self.listed:
            return name
        if name in seen:
            return None
        seen |= {name}
        module, _, last = name.rpartition(".")
        known = self._facts("name", name)
        for said in known:
            for target in said["to"]:
                if symbol := self.trace(target, seen):
                    return symbol
        if known:
            return OTHER
        return self.through([star for stars in self._facts("stars", module) for star in stars], last, seen)[1]

    def through(
        self, stars: list[str], last: str, seen: frozenset[str] = frozenset()
    ) -> tuple[str, str | None]:
        """The first of some star-imported modules that gives `last`, and what `trace` says of it there."""
        for star in stars:
            if self._gives(star, last) and (found := self.trace(f"{star}.{last}", seen)) is not None:
                return star, found
        return "", None

    def is_taken(self, name: str, path: str) -> bool:
        """Whether another file takes this full name from its module."""
        return any(taker != path for taker, _ in self.board.facts(f"taken:{name}"))

    def _gives(self, module: str, last: str) -> bool:
        """Whether `from module import *` would bind `last`: by `__all__`, else unless it begins with `_`."""
        lists = list(self._facts("all", module))
        return any(last in names for names in lists) if lists else not last.startswith("_")

    def _facts(self, topic: str, name: str) -> tuple[Any, ...]:
        return tuple(value for _, value in self.board.facts(f"{topic}:{name}"))


def takings(names: Iterator[str]) -> dict[str, Any]:
    """The facts that say which full names a file takes from other modules."""
    return {f"taken:{name}": True for name in names}
