"""Errors in a plan file, each with file, line, key and how to fix it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One error. `line` is 1-based; `key` is its path, as in `rules[2].risk.call`, and empty for the file."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {f'{self.key}: ' if self.key else ''}{self.message}"


class PlanError(ValueError):
    """A plan that cannot be used; `problems` lists all of its errors, in line order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint to end a message about an unknown word: the closest match, or else all known words."""
    words = list(dict.fromkeys(known))
    lowered = {w.lower(): w for w in words}
    close = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    if close:
        return f"; did you mean `{lowered[close[0]]}`?"
    return f"; known are {', '.join(f'`{w}`' for w in words)}" if words else ""
