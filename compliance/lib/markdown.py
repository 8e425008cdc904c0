"""Markdown from texts that others have written, such as paths, symbols, titles and reasons.

Whatever such a text contains, it is shown as it is: it pings nobody, links to no issue, and begins no HTML,
heading or list. Everything that is published at a forge or tracker is written with these functions.
"""

import re
import unicodedata

_HIDDEN_CATEGORIES = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
"""Categories of characters that aren't visible, among them those that reverse the direction of a line."""

_RIGHT_TO_LEFT = {"R", "AL", "AN"}
_ISOLATED, _END_OF_ISOLATED = "\u2068", "\u2069"
"""What keeps a text that is written from right to left from reordering what follows it."""

_APART = "\u200b"
"""A zero-width space. Forges look for mentions in the text that results from Markdown, where neither a
backslash nor a character reference makes a difference any more.
"""

_REFERENCE = re.compile(r"(?<=@)|(?<=[#!$%&~^:])(?=[\w{\"/+-])|(?<=GH-)(?=\d)|(?<=www)(?=\.)", re.IGNORECASE)
"""Where a mention, a reference to an issue, an emoji or the rest of a URL begins."""

_MARKUP = re.compile(r"[\\`*_{}\[\]()<>&|~#$]|^[+=-]|(?<=^\d)[.)]")
_BACKTICKS = re.compile(r"`+")

LONGEST_NAME = 160
"""Maximum number of characters of a path or symbol that are shown."""


def plain(value: str) -> str:
    """Return a text as one line in which no character is hidden."""
    return _isolated(" ".join(value.split()))


def _isolated(value: str) -> str:
    shown = "".join(map(_shown, value))
    is_reversed = any(unicodedata.bidirectional(character) in _RIGHT_TO_LEFT for character in shown)
    return f"{_ISOLATED}{shown}{_END_OF_ISOLATED}" if is_reversed else shown


def prose(value: str, longest: int = 500) -> str:
    """Return a text as Markdown for within a line."""
    apart = _REFERENCE.sub(_APART, plain(_cut(value, longest)))
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", apart)


def code(value: str, longest: int = LONGEST_NAME) -> str:
    """Return a text as a code span, in which forges look for no references. The beginning of a path or symbol
    that is too long is left out.
    """
    text = value if len(value) <= longest else f"…{value[-longest + 1 :]}"
    shown = _isolated(text) or " "
    fence = "`" * (_longest_run(shown) + 1)
    space = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{fence}{space}{shown}{space}{fence}"


def block(value: str, language: str = "") -> str:
    """Return lines as a fenced block of code. Characters that aren't visible are shown by their numbers."""
    text = "".join(each if each in "\n\t" else _shown(each) for each in value.rstrip("\n"))
    fence = "`" * max(_longest_run(text) + 1, 3)
    return f"{fence}{language}\n{text}\n{fence}"


def link(label: str, url: str) -> str:
    """Return a link whose label is Markdown already, or the label alone without a URL."""
    if not url:
        return label
    escaped = re.sub(r"[\s()<>\\]", lambda found: f"%{ord(found[0]):02X}", url)
    return f"[{label}]({escaped})"


def _shown(character: str) -> str:
    hidden = unicodedata.category(character) in _HIDDEN_CATEGORIES
    return f"\\u{ord(character):04x}" if hidden else character


def _cut(value: str, longest: int) -> str:
    return value if len(value) <= longest else f"{value[: longest - 1]}…"


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)
