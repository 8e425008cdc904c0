"""Normalises identifiers as Python does: `ﬁne` and `fine` are one name (PEP 3131, NFKC)."""

import re
import unicodedata
from collections.abc import Callable, Iterator

_ASCII = bytes(range(128))
_LETTERS = re.compile(rb"[0-9A-Za-z_\x80-\xff]*")
_LETTERS_BEFORE = re.compile(rb"[0-9A-Za-z_\x80-\xff]*\Z")
_LONGEST = 200  # in bytes


def normalize(name: str) -> str:
    """Return the name that Python gives to an identifier."""
    return name if name.isascii() else unicodedata.normalize("NFKC", name)


def spellings(text: bytes) -> dict[str, tuple[bytes, ...]]:
    """Return the words in UTF-8 text that are not written in normal form, by the name that they spell."""
    found: dict[str, tuple[bytes, ...]] = {}
    for word in dict.fromkeys(word for letter in _odd_letters(text) for word in _words_with(text, letter)):
        written = word.decode("utf-8", "replace")
        name = normalize(written)
        if name != written and written.isidentifier():
            found[name] = (*found.get(name, ()), word)
    return found


def normalize_words(text: bytes, matters: Callable[[bytes], bool]) -> bytes:
    """Return UTF-8 text in which identifiers are written in normal form, if any of them matters.

    Offsets may change.
    """
    names = spellings(text)
    if names and matters(" ".join(names).encode()):
        for name, words in names.items():
            for word in words:
                text = text.replace(word, name.encode())
    return text


def _odd_letters(text: bytes) -> list[bytes]:
    """Return the characters in a text that may change; most texts have few outside ASCII."""
    foreign = set(text.translate(None, _ASCII).decode("utf-8", "replace"))
    return [
        letter.encode()
        for letter in sorted(foreign)
        if not unicodedata.is_normalized("NFKC", letter) or unicodedata.combining(letter)
    ]


def _words_with(text: bytes, letter: bytes) -> Iterator[bytes]:
    at = text.find(letter)
    while at >= 0:
        before = _LETTERS_BEFORE.search(text[max(at - _LONGEST, 0) : at])
        after = _LETTERS.match(text, at)
        yield (before.group() if before else b"") + (after.group() if after else b"")
        at = text.find(letter, at + len(letter))
