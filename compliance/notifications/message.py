"""What a notification says: plain text and links, which each channel renders in its own format.

The texts may contain anything that a commit, a person or a plan contains. `shaped` makes them one line each,
removes what can't be seen or reorders the text, and limits their lengths and numbers.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from urllib.parse import quote, urlsplit

from compliance.lib.field_types import cut, one_line


class Level(StrEnum):
    """How a message is coloured."""

    NEUTRAL = "neutral"
    GOOD = "good"
    WARNING = "warning"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Link:
    """A text that leads to a URL, if there is one."""

    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """A named value, which leads to a URL if there is one."""

    name: str
    value: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """A notification. All texts are plain text; nothing in them is markup.

    `topic` names the kind of event for programs, such as `phase.closed`. `title` says what happened, and
    `text` explains it. `entries` are the commits, files or phases that it is about; `omitted` is the number
    of those that are not among them, and `elsewhere` says where these are. `links` lead to the places where
    one can act. `reason` completes the sentence "Sent because …", and `stop` leads to where that is stopped.
    E-mails to a person also have `choices`, which leads to their preferences.
    """

    topic: str
    title: str
    reason: str
    stop: Link
    text: str = ""
    facts: tuple[Fact, ...] = ()
    entries: tuple[Link, ...] = ()
    omitted: int = 0
    elsewhere: str = ""
    links: tuple[Link, ...] = ()
    repository: str = ""
    level: Level = Level.NEUTRAL
    happened_at: datetime | None = None
    choices: Link | None = None

    @property
    def because(self) -> str:
        """Return the sentence that says why this was sent."""
        return f"Sent because {self.reason.rstrip('.')}."

    @property
    def more(self) -> str:
        """Return the line for the entries that are not shown, or an empty text."""
        return f"and {self.omitted:,} more {self.elsewhere}".rstrip() if self.omitted else ""


@dataclass(frozen=True, slots=True)
class Detail:
    """How much of a message is shown: maximum numbers of characters, facts, entries and links."""

    title: int
    text: int
    facts: int
    value: int
    entries: int
    entry: int
    links: int
    url: int
    reason: int


DETAILS = (
    Detail(200, 1500, 10, 300, 20, 200, 5, 500, 300),
    Detail(150, 800, 8, 150, 10, 120, 4, 400, 200),
    Detail(150, 400, 5, 80, 4, 80, 2, 300, 200),
    Detail(100, 150, 0, 0, 0, 0, 1, 300, 150),
)
"""From the full message down to the shortest, which fits into every channel's limits."""

LONGEST_NAME = 50
"""Maximum number of characters of a fact's name and of a link to act on."""

LONGEST_STOP = 120
"""Maximum number of characters of the link that stops messages."""

NOTHING = "\N{EN DASH}"
"""Stands for a text in which nothing is visible."""

_LONGEST = 20_000
# Characters that have no width or steer what is around them. The two joiners remain: emoji and several
# scripts need them.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2060-\u206f\u3164\ufeff"
    "\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_IN_URLS = "/:?&=%#@!,;+~-._"
"""What a URL may contain besides letters and digits. Parentheses, quotes and the like are encoded, because
they would end a link in Markdown."""


def clean(text: str, limit: int) -> str:
    """Return a text on one line that any channel can carry, or NOTHING if nothing in it is visible."""
    line = one_line(_INVISIBLE.sub("", text[:_LONGEST]), _LONGEST)
    shown = cut(" ".join(line.split()), limit)
    return shown if any(_is_visible(character) for character in shown) else NOTHING


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] not in "ZCM"


def clean_url(url: str, limit: int) -> str:
    """Return a URL that contains nothing that ends a link in any channel, or an empty text if it isn't an
    HTTP address of at most so many characters.
    """
    try:
        parts = urlsplit(url[:_LONGEST])
        host = parts.hostname or ""
        safe = quote(url, safe=_IN_URLS)
    except ValueError:
        return ""
    is_plain = host.isascii() and not parts.username and parts.netloc == quote(parts.netloc, safe=":.-_")
    return safe if parts.scheme in ("http", "https") and host and is_plain and len(safe) <= limit else ""


def shaped(message: Message, detail: Detail) -> Message:
    """Return a message whose texts are cleaned and whose parts are limited. What is left out is counted."""
    entries = tuple(_links(message.entries[: detail.entries], detail.entry, detail.url))
    links = [link for link in _links(message.links, LONGEST_NAME, detail.url) if link.url]
    facts = tuple(
        Fact(clean(fact.name, LONGEST_NAME), clean(fact.value, detail.value), clean_url(fact.url, detail.url))
        for fact in message.facts[: detail.facts]
    )
    return replace(
        message,
        title=clean(message.title, detail.title),
        text=clean(message.text, detail.text) if message.text.strip() else "",
        facts=facts,
        entries=entries,
        omitted=max(message.omitted, 0) + len(message.entries) - len(entries),
        links=tuple(links[: detail.links]),
        reason=clean(message.reason, detail.reason),
        stop=_own(message.stop, detail),
        choices=_own(message.choices, detail) if message.choices else None,
    )


def _own(link: Link, detail: Detail) -> Link:
    return Link(clean(link.text, LONGEST_STOP), clean_url(link.url, detail.url))


def _links(links: Iterable[Link], limit: int, url: int) -> Iterable[Link]:
    return (Link(clean(link.text, limit), clean_url(link.url, url)) for link in links)
