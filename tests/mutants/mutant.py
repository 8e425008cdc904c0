"""What a mutant is: one small change of one file, with an identity that survives changes elsewhere in it."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

OPERATORS = (
    "comparison",
    "boolean",
    "arithmetic",
    "constant",
    "return",
    "removed statement",
    "swapped argument",
)
WIDTH = 110


@dataclass(frozen=True)
class Mutant:
    """A text that replaces the bytes between two offsets of a file."""

    path: str
    line: int
    operator: str
    scope: str
    start: int
    end: int
    was: str
    becomes: str
    text: str
    repeat: int = 0

    @property
    def identity(self) -> str:
        """Return a name that stays when the lines move: it is made of the scope and the change."""
        parts = (self.path, self.scope, self.operator, self.was, self.becomes, str(self.repeat))
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]

    @property
    def change(self) -> str:
        """Return the change on one line."""
        return f"{_shorten(self.was)}  ->  {_shorten(self.becomes)}"

    def apply(self, source: bytes) -> bytes:
        """Return the file's bytes with the change."""
        return source[: self.start] + self.text.encode() + source[self.end :]


def number(found: Iterable[Mutant]) -> list[Mutant]:
    """Return the mutants of a file in order, those that read the same in one scope told apart by a number."""
    seen: Counter[tuple[Any, ...]] = Counter()
    numbered = []
    for mutant in sorted(found, key=lambda each: (each.start, each.end, each.operator, each.becomes)):
        key = (mutant.scope, mutant.operator, mutant.was, mutant.becomes)
        numbered.append(replace(mutant, repeat=seen[key]))
        seen[key] += 1
    return numbered


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"
