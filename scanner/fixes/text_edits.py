"""Edits to a text; bytes outside the edits are preserved."""

import codecs
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

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


def origin_of(edits: Iterable[Edit], offset: int, *, is_end: bool) -> int:
    """Return the offset that an offset in an edited text had before the edits.

    An offset inside a replaced range maps to its start, or with `is_end` to its end.
    """
    moved = 0
    end: int | None = None
    for edit in sorted(edits):
        start = edit.start + moved
        if offset < start:
            break
        if offset <= start + len(edit.text):
            if not is_end:
                return edit.start
            end = edit.end  # of several removals that meet here, the last one
        moved += len(edit.text) - (edit.end - edit.start)
    return offset - moved if end is None else end


def compose(data: bytes, first: Sequence[Edit], second: Sequence[Edit]) -> list[Edit]:
    """Return edits of a text that have the same effect as two steps, of which the second edits the result.

    Edits of the first step that touch none of the second stay as they are. Where they do, only the lines that
    differ are replaced.
    """
    between = apply_edits(data, first)
    waiting = [*zip(sorted(first), ranges_after(first), strict=True)]
    composed: list[Edit] = []
    later = sorted(second)
    while later:
        group = [later.pop(0)]
        start, end = group[0].start, group[0].end
        touched = [True]
        while any(touched):
            touched = [low <= end and start <= high for _, (low, high) in waiting]
            for (_, (low, high)), is_touched in zip(waiting, touched, strict=True):
                start, end = (min(start, low), max(end, high)) if is_touched else (start, end)
            waiting = [each for each, is_touched in zip(waiting, touched, strict=True) if not is_touched]
            while later and later[0].start <= end:
                group.append(later.pop(0))
                end = max(end, group[-1].end)
                touched = [True]
        new = apply_edits(between[start:end], [edit.moved(-start) for edit in group])
        low, high = origin_of(first, start, is_end=False), origin_of(first, end, is_end=True)
        composed += (edit.moved(low) for edit in line_edits(data[low:high], new))
    return sorted([*composed, *(edit for edit, _ in waiting)])


def ranges_after(edits: Iterable[Edit]) -> list[tuple[int, int]]:
    """Return the range that the text of each edit has in the edited text, in order."""
    found = []
    moved = 0
    for edit in sorted(edits):
        found.append((edit.start + moved, edit.start + moved + len(edit.text)))
        moved += len(edit.text) - (edit.end - edit.start)
    return found


def line_edits(before: bytes, after: bytes) -> list[Edit]:
    """Return the edits that turn one text into another, each of whole lines."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    return [
        Edit(starts[i], starts[k], b"".join(new[m:n]))
        for kind, i, k, m, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if kind != "equal"
    ]


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
    """Return whether edits of one proposal can be applied together with those of accepted ones."""
    return not any(
        (overlaps(edit, other) or _extends(edit, other) or _extends(other, edit)) and edit != other
        for edit in edits
        for other in accepted
    )


def _extends(one: Edit, other: Edit) -> bool:
    """Return whether one edit adds to the line that another one ends with new text.

    It was meant for the text that was there before: a name that is added behind the last one of an import
    must not end up behind the bracket in which another proposal puts the names.
    """
    return one.start == one.end == other.end > other.start and other.text[-1:] not in {b"", b"\n"}
