"""What is wrong with a plan file: every problem with file, line, key and what to write instead."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake. `line` is 1-based; `key` leads to it, as in `rules[2].risk.call`, empty for the file."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {f'{self.key}: ' if self.key else ''}{self.message}"


class PlanError(ValueError):
    """A plan that cannot be used; `problems` has all that is wrong with it, in order of line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that ends a message about an unknown word: the nearest known one, else all there are."""
    words = list(dict.fromkeys(known))
    lowered = {w.lower(): w for w in words}
    close = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    if close:
        return f"; did you mean `{lowered[close[0]]}`?"
    return f"; known are {', '.join(f'`{w}`' for w in words)}" if words else ""
