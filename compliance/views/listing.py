"""A file's text with its violations marked in place, cut down to what a page can carry."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from compliance.models import Violation

WHOLE = 1500
"""Lines up to which a file is shown whole."""
AROUND = 8
"""Lines shown before and after each violation of a longer one."""
LONGEST = 400
"""Characters of a line that are shown."""


@dataclass(slots=True)
class Line:
    """One line, or, without a number, `skipped` lines that are left out. `marks` begin on it."""

    number: int = 0
    text: str = ""
    skipped: int = 0
    marks: list[Violation] = field(default_factory=list)
    within: bool = False


def listing(text: str, violations: Iterable[Violation]) -> list[Line]:
    """The lines of a text; of a long one those around its violations."""
    rows = text.split("\n")
    if rows and not rows[-1]:
        rows.pop()
    starts: dict[int, list[Violation]] = {}
    within: set[int] = set()
    for violation in violations:
        starts.setdefault(violation.line, []).append(violation)
        within.update(range(violation.line, min(violation.end_line, violation.line + 50) + 1))
    near = {n for line in starts for n in range(line - AROUND, line + AROUND + 1)}
    shown = (
        range(1, len(rows) + 1)
        if len(rows) <= WHOLE
        else [n for n in sorted(near | within) if n <= len(rows)]
    )
    return list(_lines(rows, shown, starts, within))


def _lines(
    rows: list[str], shown: Iterable[int], starts: dict[int, list[Violation]], within: set[int]
) -> Iterator[Line]:
    last = 0
    for number in shown:
        if number < 1:
            continue
        if number > last + 1:
            yield Line(skipped=number - last - 1)
        text = rows[number - 1].rstrip("\r")
        cut = text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
        yield Line(number, cut, marks=starts.get(number, []), within=number in within)
        last = number
    if last < len(rows):
        yield Line(skipped=len(rows) - last)
