"""Divides Python source into pieces by their kind, for pages that colour it, within bounds that hostile text
cannot exceed.
"""

import re
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from pygments.lexers.python import PythonLexer  # type: ignore[import-untyped]
from pygments.token import (  # type: ignore[import-untyped]
    Comment,
    Keyword,
    Name,
    Number,
    Operator,
    String,
    _TokenType,
)

MOST_CHARACTERS = 150_000
"""Maximum number of characters that are divided. Pygments reads a megabyte in a second."""

MOST_SECONDS = 0.5
"""Maximum computing time. Only hostile text needs it: Pygments is quadratic for lines of blanks, for example.

The time is checked after each token, and no single token takes longer than a few milliseconds.
"""

_KINDS: Mapping[_TokenType, str] = {
    Comment: "comment",
    Keyword: "keyword",
    Keyword.Constant: "number",
    Name.Builtin: "builtin",
    Name.Builtin.Pseudo: "",
    Name.Class: "name",
    Name.Decorator: "decorator",
    Name.Exception: "builtin",
    Name.Function: "name",
    Number: "number",
    Operator.Word: "keyword",
    String: "string",
    String.Affix: "keyword",
    String.Escape: "number",
    String.Interpol: "number",
}

# Each alternative matches whatever follows its first character, and none of them backtracks.
_STRING = re.compile(
    r"""#[^\n]*+
    |(?P<long>\"{3}(?:[^"\\]|\\.|"(?!""))*+(?:\"{3})?|'{3}(?:[^'\\]|\\.|'(?!''))*+(?:'{3})?)
    |"(?:[^"\\\n]|\\.)*+"?|'(?:[^'\\\n]|\\.)*+'?""",
    re.DOTALL | re.VERBOSE,
)


class Piece(NamedTuple):
    """A part of a line. `kind` is empty for names, operators and blanks."""

    kind: str
    text: str


class _TooMuchError(Exception):
    """Raised when a bound is exceeded."""


def highlight(lines: Sequence[str], parts: Sequence[range]) -> dict[int, list[Piece]] | None:
    """Return the pieces of each line in some parts of a text, or None if that would exceed a bound.

    Args:
        lines: all lines of the text, without line breaks.
        parts: indices of lines, in ascending order and without overlaps. What precedes a part is only
            searched for strings of several lines, in one of which the part may begin.
    """
    if sum(len(lines[index]) + 1 for part in parts for index in part) > MOST_CHARACTERS:
        return None
    until = time.thread_time() + MOST_SECONDS
    found: dict[int, list[Piece]] = {}
    spans = _long_strings(lines) if any(part.start for part in parts) else []
    try:
        for part in parts:
            in_string = _last_string_line(spans, part.start)
            for index in range(part.start, min(in_string + 1, part.stop)):
                found[index] = [Piece("string", lines[index])]
            begin = max(part.start, in_string + 1)
            if begin < part.stop:
                found.update(enumerate(_divide("\n".join(lines[begin : part.stop]), until), begin))
    except _TooMuchError:
        return None
    return found


def _divide(text: str, until: float) -> Iterator[list[Piece]]:
    """Yield the pieces of each line. Raises `_TooMuchError` at the time limit."""
    row: list[Piece] = []
    for _, token, value in PythonLexer().get_tokens_unprocessed(text):
        if time.thread_time() > until:
            raise _TooMuchError
        kind = _kind_of(token)
        first, *others = value.split("\n")
        _add(row, kind, first)
        for part in others:
            yield row
            row = []
            _add(row, kind, part)
    yield row


def _add(row: list[Piece], kind: str, text: str) -> None:
    if not text:
        return
    if row and row[-1].kind == kind:
        row[-1] = Piece(kind, row[-1].text + text)
    else:
        row.append(Piece(kind, text))


def _kind_of(token: _TokenType | None) -> str:
    while token:  # the root of all tokens is an empty tuple
        if token in _KINDS:
            return _KINDS[token]
        token = token.parent
    return ""


def _long_strings(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return the first and the last line of each string that has several, by index."""
    ends = list(accumulate(len(line) + 1 for line in lines))
    return [
        (bisect_right(ends, match.start()), bisect_right(ends, match.end() - 1))
        for match in _STRING.finditer("\n".join(lines))
        if match["long"] and "\n" in match["long"]
    ]


def _last_string_line(spans: Sequence[tuple[int, int]], index: int) -> int:
    """Return the index of the last line of the string in which a line begins, or -1 if it begins in none."""
    at = bisect_left(spans, (index, 0)) - 1
    return spans[at][1] if at >= 0 and index <= spans[at][1] else -1
