"""The tables of docs/permissions.md, and every address of the product, to be compared with each other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from compliance.api.router import api

PAGE = settings.BASE_DIR / "docs" / "permissions.md"
LINE = re.compile(r"\| (GET|POST|PUT|PATCH|DELETE) \| `([\w-]+)` \| `(\S+)` \| (\w+) \| (open|-) \|")
CALL = re.compile(
    r"\| (GET|POST|PUT|PATCH|DELETE) \| `(\w+)` \| `(\S+)` \| (\w+) \| (any|read|evidence|write) \|"
)
SUBJECTS = (
    *("repositories", "repository-setups", "deleted-repositories"),
    *("activity", "system", "teams", "outbox", "connections", "channels"),
    *("inbox", "notification-preferences", "notification-rules", "search"),
)
"""What the API's routers are about."""
LEVELS = ("anybody", "viewer", "engineer", "manager", "administrator")


@dataclass(frozen=True)
class Rule:
    """One line: who may do what, at the least; `open` tells whether ANONYMOUS_READING opens it to all.

    `scope` is what a token needs, empty for pages.
    """

    method: str
    name: str
    address: str
    least: str
    open: bool = False
    scope: str = ""

    def admits(self, role: str) -> bool:
        """Whether a role, `anybody` for nobody who is signed in, gets in."""
        return LEVELS.index(role) >= LEVELS.index(self.least)


def rules() -> list[Rule]:
    """The lines of the table of pages, in its order."""
    found = (LINE.match(line) for line in PAGE.read_text().splitlines())
    return [Rule(match[1], match[2], match[3], match[4], match[5] == "open") for match in found if match]


def calls() -> list[Rule]:
    """The lines of the table of the API's operations, in its order."""
    found = (CALL.match(line) for line in PAGE.read_text().splitlines())
    return [Rule(match[1], match[2], match[3], match[4], scope=match[5]) for match in found if match]


def operations() -> Iterator[tuple[str, str, str]]:
    """Method, name and address of every operation that the API's schema tells of."""
    for path, methods in api.get_openapi_schema()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), operation["operationId"], re.sub(r"{(\w+)}", r"<\1>", path)


def addresses() -> Iterator[tuple[str, str]]:
    """Yield the name and address of each page and of the API's other URLs; Django's admin is one page."""
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
    # For these, see `operations`.
    elif not here.startswith(tuple(f"/api/v1/{name}" for name in SUBJECTS)):
        yield pattern.name or "nowhere", re.sub(r"<(?:\w+:)?(\w+)>", r"<\1>", here)
