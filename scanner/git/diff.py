"""Unified diffs in git's format.

Format: the manual pages git-diff ("Generating patch text with -p") and git-apply.
"""

import difflib
from collections.abc import Iterator
from hashlib import sha1
from typing import Literal

from scanner.model import RepoPath, encode_path

_Opcode = tuple[Literal["replace", "delete", "insert", "equal"], int, int, int, int]
_CONTEXT = 3
_PLAIN = frozenset(range(0x20, 0x7F)) - {ord('"'), ord("\\")}
_ESCAPES = {7: b"a", 8: b"b", 9: b"t", 10: b"n", 11: b"v", 12: b"f", 13: b"r", 34: b'"', 92: b"\\"}
_NO_END = b"\\ No newline at end of file\n"


def blob_name(content: bytes) -> str:
    """Return the SHA-1 that git uses as the name of a file's content."""
    return sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def unified(path: RepoPath, before: bytes, after: bytes) -> bytes:
    """Return the change to one file's content as a patch, or an empty string if there is no change."""
    if before == after:
        return b""
    raw = encode_path(path)
    old, new = _quoted(b"a/" + raw), _quoted(b"b/" + raw)
    head = b"diff --git %b %b\nindex %b..%b\n" % (
        old,
        new,
        blob_name(before).encode(),
        blob_name(after).encode(),
    )
    # A name that contains a space must end in a tab, or the rest would be parsed as a date.
    end = b"\t\n" if b" " in raw and not old.startswith(b'"') else b"\n"
    return head + b"--- " + old + end + b"+++ " + new + end + b"".join(_hunks(_lines(before), _lines(after)))


def _lines(content: bytes) -> list[bytes]:
    """Return the lines as git counts them. A carriage return does not end a line."""
    parts = content.split(b"\n")
    lines = [part + b"\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


class _Ends(difflib.SequenceMatcher[bytes]):
    """Compares two texts, excluding the lines that are identical at the start and the end of both.

    These lines are excluded because the comparison takes quadratic time if lines repeat. They still serve as
    context, because git assumes that a hunk without trailing context is at the end of the file.
    """

    def __init__(self, before: list[bytes], after: list[bytes]) -> None:
        least = min(len(before), len(after))
        self._start = next((n for n in range(least) if before[n] != after[n]), least)
        room = least - self._start
        self._end = next((n for n in range(room) if before[-1 - n] != after[-1 - n]), room)
        self._sizes = len(before), len(after)
        old, new = (lines[self._start : len(lines) - self._end] for lines in (before, after))
        super().__init__(None, old, new, autojunk=False)

    def get_opcodes(self) -> list[_Opcode]:
        """Return the operations that turn one text into the other."""
        start, (old, new) = self._start, self._sizes
        codes = [
            (tag, start + i, start + j, start + k, start + m) for tag, i, j, k, m in super().get_opcodes()
        ]
        if start:
            codes.insert(0, ("equal", 0, start, 0, start))
        if self._end:
            codes.append(("equal", old - self._end, old, new - self._end, new))
        return codes


def _hunks(before: list[bytes], after: list[bytes]) -> Iterator[bytes]:
    for group in _Ends(before, after).get_grouped_opcodes(_CONTEXT):
        top, bottom = group[0], group[-1]
        yield b"@@ -%b +%b @@\n" % (_span(top[1], bottom[2]), _span(top[3], bottom[4]))
        for tag, i, j, k, m in group:
            if tag == "equal":
                yield from _marked(b" ", before[i:j])
                continue
            yield from _marked(b"-", before[i:j])
            yield from _marked(b"+", after[k:m])


def _marked(mark: bytes, lines: list[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield mark + line if line.endswith(b"\n") else mark + line + b"\n" + _NO_END


def _span(start: int, end: int) -> bytes:
    """Return the number of the first line and the number of lines. For an empty range, the first is the line
    before it.
    """
    size = end - start
    if size == 1:
        return b"%d" % (start + 1)
    return b"%d,%d" % (start + 1 if size else start, size)


def _quoted(name: bytes) -> bytes:
    """Return a name, quoted in C style if git would quote it."""
    if all(code in _PLAIN for code in name):
        return name
    out = bytearray(b'"')
    for code in name:
        if code in _ESCAPES:
            out += b"\\" + _ESCAPES[code]
        elif code in _PLAIN:
            out.append(code)
        else:
            out += b"\\%03o" % code
    return bytes(out + b'"')
