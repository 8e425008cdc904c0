"""The table of docs/permissions.md, and every address of the product, to be compared with each other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

PAGE = settings.BASE_DIR / "docs" / "permissions.md"
LINE = re.compile(r"\| (GET|POST|PUT|PATCH|DELETE) \| `([\w-]+)` \| `(\S+)` \| ([\w ]+) \| (open|-) \|")
LEVELS = ("anybody", "viewer", "engineer", "manager", "administrator", "token")


@dataclass(frozen=True)
class Rule:
    """One line: who may do what, at the least; `open` tells whether ANONYMOUS_READING opens it to all."""

    method: str
    name: str
    address: str
    least: str
    open: bool

    def admits(self, role: str) -> bool:
        """Whether a role, `anybody` for nobody who is signed in, gets in."""
        return LEVELS.index(role) >= LEVELS.index(self.least)


def rules() -> list[Rule]:
    """The lines of the table, in its order."""
    found = (LINE.match(line) for line in PAGE.read_text().splitlines())
    return [Rule(match[1], match[2], match[3], match[4], match[5] == "open") for match in found if match]


def addresses() -> Iterator[tuple[str, str]]:
    """The name and the address of each page and call; Django's own administration is one."""
    for pattern in get_resolver().url_patterns:
        yield from _below("/", pattern)


def _below(above: str, pattern: URLPattern | URLResolver) -> Iterator[tuple[str, str]]:
    here = above + str(pattern.pattern)
    if isinstance(pattern, URLResolver):
        if pattern.namespace == "admin":
            yield "admin", here
            return
        for inner in pattern.url_patterns:
            yield from _below(here, inner)
    else:
        yield pattern.name or "nowhere", re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", here)
