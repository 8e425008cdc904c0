"""Prepares the source of a file, with its violations, for display. Long files are shortened."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from compliance.lib.field_types import escape_controls
from compliance.lib.highlighting import Piece, highlight
from compliance.lib.wording import count_of, noun_for
from compliance.models import Risk
from compliance.views.file_violations import ViolationRow

RISKS = Risk.values
"""From the highest to the lowest."""

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
    pieces: Sequence[Piece] = ()
    """The parts of the text by their kinds, or nothing if the source isn't highlighted."""

    @property
    def label(self) -> str:
        """Return the line number without thousands separators."""
        return str(self.number)

    @property
    def html(self) -> SafeString:
        """Return the text with its kinds as classes, and visible control characters."""
        return mark_safe("".join(map(_piece_html, self.pieces or (Piece("", self.text),))))  # noqa: S308  (escaped)

    @property
    def flag(self) -> ViolationRow:
        """Return the violation with the highest risk of those that start on the line."""
        return min(self.marks, key=lambda mark: RISKS.index(mark.risk))

    @property
    def flag_label(self) -> str:
        """Return what the mark in the margin says to a screen reader."""
        others = f" and {count_of(len(self.marks) - 1, 'other violation')}" if len(self.marks) > 1 else ""
        return f"Line {self.number}: {self.flag.risk} risk, {self.flag.rule}{others}"

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


def highlighted(lines: Sequence[SourceLine], text: str) -> list[SourceLine] | None:
    """Return the lines of a listing with their pieces, or None if the text is too long to be highlighted."""
    parts = [list(rows) for skipped, rows in groupby(lines, lambda row: bool(row.skipped)) if not skipped]
    rows = [row.rstrip("\r") for row in text.split("\n")]
    found = highlight(rows, [range(part[0].number - 1, part[-1].number) for part in parts])
    if found is None:
        return None
    return [row if row.skipped else replace(row, pieces=_cut(found[row.number - 1])) for row in lines]


def _cut(pieces: Sequence[Piece]) -> list[Piece]:
    """Return the pieces of the first LONGEST characters of a line."""
    kept, left = [], LONGEST
    for piece in pieces:
        kept.append(Piece(piece.kind, piece.text[:left]))
        left -= len(piece.text)
        if left < 0:
            return [*kept, Piece("", " …")]
    return kept


def _piece_html(piece: Piece) -> str:
    text = escape_controls(escape(piece.text), '<span class="token-hidden">{}</span>')
    return f'<span class="token-{piece.kind}">{text}</span>' if piece.kind else text


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
