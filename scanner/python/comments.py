"""Long runs of comment lines, which the grammar reads in time that grows with the square of their length.

After each comment the scanner of tree-sitter-python looks through all that follow for the next indentation:
seven seconds for half a megabyte of code that somebody commented out. Spaces it takes in one step.
"""

import re

MARK = b"ssot:"  # a text without these bytes has no suppression
_SUPPRESSION = re.compile(r"[ \t]*#[ \t]*ssot:[ \t]*ignore\b.*")
_FEW = 100
_RUN = re.compile(rb"\n[ \t]*#[^\n]*(?:\n[ \t]*(?:#[^\n]*)?){%d,}(?=\n)" % _FEW)
_SPACES = bytes(byte if byte in b"\r\n" else 0x20 for byte in range(256))


def blank_runs(data: bytes) -> bytes:
    """The same text, byte for byte as long, with spaces in place of long runs of comments.

    A run in which a suppression may stand is left as it is.
    """
    if data.count(b"#") < _FEW:
        return data
    return _RUN.sub(_blank, data)


def without_suppression(line: str) -> str:
    """A line of code without the comment at its end that suppresses what it says."""
    return _SUPPRESSION.sub("", line)


def _blank(run: re.Match[bytes]) -> bytes:
    return run.group() if MARK in run.group() else run.group().translate(_SPACES)
