"""What renderers of messages share: lengths as other programs count them, and texts that fit into limits."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from compliance.lib.field_types import CUT
from compliance.notifications.message import DETAILS, Message, shaped

T = TypeVar("T")

Escapes = Mapping[int, str]
"""What replaces characters that would be markup, as `str.translate` expects it."""

BREAK = "\u200b"
"""A space without width. It separates characters that would be markup together, such as @ and a name."""

_LIST_MARKS = tuple("+-=0123456789")


def units(text: str) -> int:
    """Return the number of UTF-16 code units of a text. It is the largest number that a service may count as
    characters.
    """
    return len(text) + sum(character > "\uffff" for character in text)


def clip(text: str, limit: int, escapes: Escapes | None = None) -> str:
    """Return a text with its escapes, shortened so that it has at most `limit` UTF-16 code units."""
    table = escapes or {}
    whole = text.translate(table)
    if units(whole) <= limit:
        return whole
    parts, left = [], limit - units(CUT)
    for character in text:
        part = character.translate(table)
        left -= units(part)
        if left < 0:
            break
        parts.append(part)
    return "".join(parts) + CUT


def unlisted(text: str) -> str:
    """Return a text that doesn't begin a list or underline a heading in Markdown where it begins a line."""
    return f"{BREAK}{text}" if text[:1] in _LIST_MARKS else text


def fit(message: Message, render: Callable[[Message], T], fits: Callable[[T], bool]) -> T:
    """Render a message in as much detail as fits.

    Raises:
        ValueError: if not even the shortest form fits.
    """
    for detail in DETAILS:
        rendered = render(shaped(message, detail))
        if fits(rendered):
            return rendered
    raise ValueError("The message can't be shortened enough for this channel.")


def encode(document: Any) -> bytes:
    """Return a JSON document in its shortest form, in ASCII, which is at least as long as in UTF-8."""
    return json.dumps(document, separators=(",", ":")).encode()
