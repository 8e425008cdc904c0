"""Finds words that name globs match, and the bytes that a file must contain for any match."""

import re
from collections.abc import Iterable
from functools import lru_cache

from scanner.globs import name_matches
from scanner.python.text import word_offsets

_WILD = re.compile(r"[*?]+|\[[^\]]*\]")
_WORD = re.compile(rb"[A-Za-z_\x80-\xff][0-9A-Za-z_\x80-\xff]*")
_STAR = re.compile(rb"import[ \t]*\*")
_BLANK = b" \t\\\r\n"
_LONGEST_LIST = 5000
_IN_LIST = re.compile(rb"\bimport\b(?:[^\n();]|\\\r?\n)*\Z|\bimport[ \t]*\((?:[^)#]|#[^\n]*\n)*\Z")
_LOWER, _UPPER = (bytes.maketrans(bytes(range(128, 256)), letter * 128) for letter in (b"x", b"X"))
INNER_CLASS = re.compile(rb"\n[ \t]+class[ \t]")


def literal_part(glob: str) -> bytes:
    """Return the longest literal part of a name glob's last component; empty if it has none."""
    return max(_WILD.split(glob.rpartition(".")[2]), key=len).encode()


def name_pattern(glob: str) -> bytes:
    """Return a regular expression for the names that a glob without dots matches."""
    out = "".join(
        r"\w*" if part == "*" else r"\w" if part == "?" or part.startswith("[") else re.escape(part)
        for part in re.findall(r"\*|\?|\[[^\]]*\]|[^*?\[]+", glob)
    )
    return in_ascii(out.encode())


def in_ascii(text: bytes, *, upper: bool = True) -> bytes:
    r"""Return a text with a letter for every byte outside ASCII, so that `\w` matches any identifier."""
    return text if text.isascii() else text.translate(_UPPER if upper else _LOWER)


def indentation(line: bytes) -> int:
    """Return the column of the first non-blank character of a line."""
    line = line.expandtabs()
    return len(line) - len(line.lstrip())


@lru_cache(maxsize=64)
def back_to(depth: int) -> re.Pattern[bytes]:
    """Return an expression for the start of the next line of code indented no deeper than a column."""
    return re.compile(rb"\n[ \t]{0,%d}[^\s#)\]}]" % depth)


def is_literal(glob: str) -> bool:
    """Return whether a glob matches exactly one name."""
    return not _WILD.search(glob)


def holds_word(text: bytes, name: bytes) -> bool:
    """Return whether a text contains a name as a whole word."""
    return any(True for _ in word_offsets(text, name))


def may_import(text: bytes, name: bytes) -> bool:
    """Return whether a text may import a name, also by a star, or contain it at the end of a dotted name."""
    if _STAR.search(text) is not None:
        return True
    for at in word_offsets(text, name):
        before = text[max(0, at - _LONGEST_LIST) : at]
        if before.rstrip(_BLANK).endswith(b".") or _IN_LIST.search(before):
            return True
    return False


def words_in(data: bytes, lasts: Iterable[str]) -> list[str]:
    """Return the distinct words in a text that match one of the globs, in order."""
    globs = tuple(dict.fromkeys(lasts))
    literal = [glob for glob in globs if is_literal(glob) and glob.encode() in data]
    wild = tuple(glob for glob in globs if not is_literal(glob))
    if not wild:
        return literal
    words = (word.decode("utf-8", "replace") for word in dict.fromkeys(_WORD.findall(data)))
    return list(dict.fromkeys([*literal, *(word for word in words if name_matches(wild, word))]))
