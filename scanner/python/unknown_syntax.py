"""Replaces what tree-sitter-python does not know of valid code.

Defaults of type parameters become bounds, and lines inside brackets that are indented less than their block
are joined with the line before them. Few files need it, so this module is loaded on first use.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

_PARAMETERS = re.compile(rb"\b(?:def|class|type)[ \t]+[\w\x80-\xff]+[ \t]*\[")
_PUNCTUATION = re.compile(rb"[\[\](){},]")
_DEFAULT = re.compile(
    rb"\s*(?P<stars>\*{0,2})\s*[\w\x80-\xff]+\s*(?P<bound>:(?:[^=]|(?<=[=!<>])=|=(?==))*)?(?P<equals>=)\s*(?P<star>\*?)"
)
_LEXEME = re.compile(
    rb"\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'"
    rb"|#[^\n]*|[\[({]|[\])}]|\n",
    re.DOTALL,
)
_OPENING, _CLOSING = b"[({", b"])}"


def mend_unknown(data: bytes) -> bytes:
    """Return valid code without two things that the grammar does not know."""
    return _without_defaults(_without_shallow_lines(data))


def _without_defaults(data: bytes) -> bytes:
    """Return a text in which the defaults of type parameters (PEP 696) are bounds, as in `[T: int]`."""
    text = bytearray(data)
    for match in _PARAMETERS.finditer(data):
        for start, end in _parameters(data, match.end()):
            found = _DEFAULT.match(data, start, end)
            if found is not None:
                text[found.end("equals") - 1] = ord("|" if found["bound"] else ":")
                for stars in ("stars", "star"):
                    text[found.start(stars) : found.end(stars)] = b" " * len(found[stars])
    return bytes(text)


def _parameters(data: bytes, start: int) -> Iterator[tuple[int, int]]:
    """Yield the range of each type parameter in a list that begins at an offset."""
    depth = 1
    for match in _PUNCTUATION.finditer(data, start):
        depth += (match.group() in _OPENING) - (match.group() in _CLOSING)
        if depth == 0 or (depth == 1 and match.group() == b","):
            yield start, match.start()
            start = match.end()
        if depth == 0:
            return


def _without_shallow_lines(data: bytes) -> bytes:
    """Return a text in which a line inside brackets is not indented less than its statement.

    Such a line is joined with the line before it, because the grammar takes it for the end of a block.
    """
    text = bytearray(data)
    depth = 0
    statement = _indentation(data, 0)
    comment = (0, 0)
    for match in _LEXEME.finditer(data):
        lexeme = match.group()
        if lexeme in _OPENING:
            depth += 1
        elif lexeme in _CLOSING:
            depth = max(depth - 1, 0)
        elif lexeme.startswith(b"#"):
            comment = match.span()
        elif lexeme == b"\n" and not depth:
            statement = _indentation(data, match.end())
        elif lexeme == b"\n" and _indentation(data, match.end()) < statement:
            start = comment[0] if comment[1] == match.start() else match.start()
            text[start : match.end()] = b" " * (match.end() - start)
    return bytes(text)


def _indentation(data: bytes, start: int) -> int:
    end = data.find(b"\n", start)
    line = data[start : end if end >= 0 else len(data)].expandtabs()
    return len(line) - len(line.lstrip())


class Lines:
    """The line numbers of a text whose line ends the parser may not have seen."""

    def __init__(self, data: bytes) -> None:
        self._ends = [at for at, byte in enumerate(data) if byte == 0x0A]

    def point(self, offset: int) -> tuple[int, int]:
        """Return the row and the column (0-based, in bytes) of a byte offset."""
        row = bisect_left(self._ends, offset)
        return row, offset - (self._ends[row - 1] + 1 if row else 0)
