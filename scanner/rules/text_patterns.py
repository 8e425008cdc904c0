"""The words of a file that name globs may take, and the bytes a file must hold for that."""

import re
from collections.abc import Iterable

from scanner.globs import name_matches
from scanner.python.text import word_offsets

_WILD = re.compile(r"[*?]+|\[[^\]]*\]")
_WORD = re.compile(rb"[A-Za-z_\x80-\xff][0-9A-Za-z_\x80-\xff]*")


def fragment(glob: str) -> bytes:
    """The longest literal part of a name glob's last name; empty where it has none."""
    return max(_WILD.split(glob.rpartition(".")[2]), key=len).encode()


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
