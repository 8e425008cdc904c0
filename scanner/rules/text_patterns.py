"""The words of a file that name globs may take, and the bytes a file must hold for that."""

import re
from collections.abc import Iterable
from functools import lru_cache

from scanner.globs import name_matches
from scanner.python.text import word_offsets

_WILD = re.compile(r"[*?]+|\[[^\]]*\]")
_WORD = re.compile(rb"[A-Za-z_\x80-\xff][0-9A-Za-z_\x80-\xff]*")
INNER_CLASS = re.compile(rb"\n[ \t]+class[ \t]")


def literal_part(glob: str) -> bytes:
    """Return the longest literal part of a name glob's last name; empty if it has none."""
    return max(_WILD.split(glob.rpartition(".")[2]), key=len).encode()


def name_pattern(glob: str) -> bytes:
    """Return a regular expression for the names that a glob without dots matches."""
    out = "".join(
        r"\w*" if part == "*" else r"\w" if part == "?" or part.startswith("[") else re.escape(part)
        for part in re.findall(r"\*|\?|\[[^\]]*\]|[^*?\[]+", glob)
    )
    return out.encode()


def indentation(line: bytes) -> int:
    """Return the column of the first character of a line that is no white space."""
    line = line.expandtabs()
    return len(line) - len(line.lstrip())


@lru_cache(maxsize=64)
def back_to(depth: int) -> re.Pattern[bytes]:
    """Return an expression for the start of the next line of code that is indented no deeper."""
    return re.compile(rb"\n[ \t]{0,%d}[^\s#)\]}]" % depth)


def is_literal(glob: str) -> bool:
    """Whether a glob takes one name only."""
    return not _WILD.search(glob)


def holds_word(text: bytes, name: bytes) -> bool:
    """Whether a name stands in a text as a word of its own."""
    return any(True for _ in word_offsets(text, name))


def words_in(data: bytes, lasts: Iterable[str]) -> list[str]:
    """The words of a text that one of these globs takes, each once, in order."""
    globs = tuple(dict.fromkeys(lasts))
    literal = [glob for glob in globs if is_literal(glob) and glob.encode() in data]
    wild = tuple(glob for glob in globs if not is_literal(glob))
    if not wild:
        return literal
    words = (word.decode("utf-8", "replace") for word in dict.fromkeys(_WORD.findall(data)))
    return list(dict.fromkeys([*literal, *(word for word in words if name_matches(wild, word))]))
