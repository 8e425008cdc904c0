"""Edits to a text; bytes outside the edits are preserved."""

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scanner.python.text import declared_encoding, is_utf8


class EncodingError(Exception):
    """A text cannot be represented in its own encoding; the message says why."""


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """Replaces bytes `start` to `end` in a file's UTF-8 text with `text`.

    If both offsets are equal, the text is inserted.
    """

    start: int
    end: int
    text: bytes

    def moved(self, by: int) -> "Edit":
        """Return the same edit for a text that begins `by` bytes later."""
        return Edit(self.start + by, self.end + by, self.text)


def edits_between(before: bytes, after: bytes) -> tuple[Edit, ...]:
    """Return the smallest single edit that turns one text into another; none if they are equal."""
    if before == after:
        return ()
    least = min(len(before), len(after))
    start = 0
    while start < least and before[start] == after[start]:
        start += 1
    end = 0
    while end < least - start and before[-1 - end] == after[-1 - end]:
        end += 1
    # Never split a multi-byte character.
    while start and start < len(before) and before[start] & 0xC0 == 0x80:
        start -= 1
    while end and before[len(before) - end] & 0xC0 == 0x80:
        end -= 1
    return (Edit(start, len(before) - end, after[start : len(after) - end]),)


def overlaps(one: Edit, other: Edit) -> bool:
    """Return whether two edits overlap, or insert at the same offset."""
    if one.start == one.end and other.start == other.end:
        return one.start == other.start
    return one.start < other.end and other.start < one.end


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Return the text with the edits applied; they must not overlap."""
    out = bytearray()
    at = 0
    for edit in sorted(edits):
        out += data[at : edit.start] + edit.text
        at = edit.end
    return bytes(out + data[at:])


def encode_like(raw: bytes, before: bytes, after: bytes) -> bytes:
    """Return a new text in the encoding of the file `raw`, whose current text is `before`.

    Raises EncodingError if the encoding cannot represent the new text, or if encoding `before` does not give
    `raw`.
    """
    mark = codecs.BOM_UTF8 if raw.startswith(codecs.BOM_UTF8) else b""
    _, name = declared_encoding(raw) or (0, "utf-8")
    if mark + before == raw and (mark or is_utf8(name)):
        return mark + after
    try:
        if before.decode().encode(name) == raw:
            return after.decode().encode(name)
    except (LookupError, UnicodeError) as error:
        raise EncodingError(f"its encoding, {name}, cannot represent the new text: {error}") from error
    raise EncodingError(f"its text cannot be written back in its own encoding, {name}, byte for byte")


def are_compatible(edits: Sequence[Edit], accepted: Sequence[Edit]) -> bool:
    """Return whether no edit overlaps one that has already been accepted."""
    return not any(overlaps(edit, other) and edit != other for edit in edits for other in accepted)
