"""Prepares the source of a file, with its violations, for display. Long files are shortened."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from compliance.lib.wording import count_of, noun_for
from compliance.views.file_violations import ViolationRow

WHOLE = 600
"""Maximum number of lines in a file that is shown in full."""
AROUND = 6
"""Number of lines shown before and after each violation in a longer file."""
WINDOW = 160
"""Number of lines shown around a requested line in a longer file."""
LONGEST = 400
"""Maximum number of characters shown per line."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line and the violations that start on it or, if `skipped` is set, a gap.

    A gap stands for `skipped` hidden lines, beginning at `number`. `hidden` is the number of violations that
    start in the gap.
    """

    number: int
    text: str = ""
    marks: Sequence[ViolationRow] = ()
    within: bool = False
    skipped: int = 0
    hidden: int = 0

    @property
    def label(self) -> str:
        """Return the line number without thousands separators."""
        return str(self.number)

    @property
    def summary(self) -> str:
        """Return the number of hidden lines, and the number of violations that start on them."""
        lines = count_of(self.skipped, "hidden line")
        return f"{lines} with {count_of(self.hidden, 'violation')}" if self.hidden else lines

    @property
    def links(self) -> list[tuple[int, str]]:
        """Return labels and line numbers for links that show the hidden lines: the first line and, in a large
        gap, the last.
        """
        last = self.number + self.skipped - 1
        if self.skipped <= WINDOW // 2:
            return [(self.number, f"show {noun_for(self.skipped, 'it', 'them')}")]
        return [(self.number, f"show from line {self.number:,}"), (last, f"show up to line {last:,}")]


def listing(
    text: str, found: Iterable[ViolationRow], around: Iterable[int], line: int | None = None
) -> list[SourceLine]:
    """Return the lines of a text, each with those violations in `found` that start on it.

    If the text is long, return only the lines near those in `around`, and WINDOW lines centered on `line`.
    """
    rows = text.split("\n")
    if rows and not rows[-1]:
        rows.pop()
    starts: dict[int, list[ViolationRow]] = {}
    within: set[int] = set()
    for place in found:
        starts.setdefault(place.line, []).append(place)
        within.update(range(place.line, min(place.end_line, place.line + 50) + 1))
    return list(_lines(rows, _shown(len(rows), around, line), starts, within))


def _shown(lines: int, around: Iterable[int], line: int | None) -> Iterable[int]:
    if lines <= WHOLE:
        return range(1, lines + 1)
    near = {n for place in around for n in range(place - AROUND, place + AROUND + 1)}
    if line:
        begin = min(line, lines) - WINDOW // 2
        near.update(range(begin, begin + WINDOW))
    return sorted(n for n in near if 1 <= n <= lines)


def _lines(
    rows: list[str], shown: Iterable[int], starts: dict[int, list[ViolationRow]], within: set[int]
) -> Iterator[SourceLine]:
    places = sorted(place.line for marks in starts.values() for place in marks)

    def gap(first: int, after: int) -> SourceLine:
        hidden = bisect_left(places, after) - bisect_left(places, first)
        return SourceLine(first, skipped=after - first, hidden=hidden)

    expected = 1
    for number in shown:
        if number > expected:
            yield gap(expected, number)
        text = rows[number - 1].rstrip("\r")
        cut = text if len(text) <= LONGEST else f"{text[:LONGEST]} …"
        yield SourceLine(number, cut, starts.get(number, ()), number in within)
        expected = number + 1
    if expected <= len(rows):
        yield gap(expected, len(rows) + 1)
