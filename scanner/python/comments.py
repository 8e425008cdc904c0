"""Blanks long runs of comment lines, because parsing them takes time quadratic in their length.

After each comment, tree-sitter-python's scanner reads all the comments that follow in order to find the next
indentation: half a megabyte of commented-out code takes seven seconds. It skips spaces in one step.
"""

import re

MARK = b"ssot:"  # a text without these bytes contains no suppression
_SUPPRESSION = re.compile(r"[ \t]*#[ \t]*ssot:[ \t]*ignore\b.*")
_FEW = 100
_RUN = re.compile(rb"\n[ \t]*#[^\n]*(?:\n[ \t]*(?:#[^\n]*)?){%d,}(?=\n)" % _FEW)
_SPACES = bytes(byte if byte in b"\r\n" else 0x20 for byte in range(256))


def blank_runs(data: bytes) -> bytes:
    """Return a text of the same length in which long runs of comments are replaced with spaces.

    A run that may contain a suppression is left unchanged.
    """
    if data.count(b"#") < _FEW:
        return data
    return _RUN.sub(_blank, data)


def without_suppression(line: str) -> str:
    """Return a line of code without the suppression comment at its end."""
    return _SUPPRESSION.sub("", line)


def _blank(run: re.Match[bytes]) -> bytes:
    return run.group() if MARK in run.group() else run.group().translate(_SPACES)
