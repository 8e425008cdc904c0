"""What a provider can be told about a commit, a pull request or an issue, and what a module in `apis` offers
for it. What the texts say is decided elsewhere.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from typing import Protocol, TypeVar

from compliance.integrations.api import ApiError
from compliance.models import Connection

T = TypeVar("T")

MOST_COMMENT_PAGES = 60
"""Maximum number of pages of comments that are searched. GitHub permits 2,500 comments on an issue."""

STATUS_PREFIX = "ssot-compliance/"
"""The beginning of the names of all statuses that the product sets."""

LOOKING_SECONDS = 60.0
"""Seconds for which a list is searched. A worker that is to stop waits for it."""

_SHORTENED = "\n\n… (shortened)"
_AT = re.compile("@(?!\u200b)")


class StatusState(StrEnum):
    """The state of a check of a commit."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Annotation:
    """What is shown at a line of a commit: `level` is notice, warning or failure."""

    path: str
    line: int
    level: str
    title: str
    message: str
    details: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the check `name` of a commit. `url` leads to the details, `ref` is a branch whose newest
    commit this is, and `pull` the number of its pull request, or empty.

    `summary` (Markdown) and `annotations` are for forges that show more than one line. They aren't kept with
    an item of the outbox: what writes its content adds them.
    """

    commit: str
    name: str
    state: StatusState
    description: str
    url: str
    ref: str = ""
    pull: str = ""
    summary: str = ""
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Comment:
    """The comment on a pull request, in Markdown (see `Note`). Without `create`, only an existing one is
    updated.
    """

    body: str
    create: bool = True


@dataclass(frozen=True, slots=True)
class Note:
    """The progress of an issue: a comment with `body` (Markdown), or a link to `url` with title and summary,
    whichever the provider has. `url` must stay the same.

    Texts of others are written into the body by `compliance.lib.markdown`, so that they ping nobody.
    """

    title: str
    summary: str
    url: str
    body: str
    is_resolved: bool = False


@dataclass(frozen=True, slots=True)
class NewIssue:
    """An issue that is to be created. `prefix` is the project of a tracker, and `kind` the type that issues
    have in Jira.

    `body` is Markdown. Where a provider has no Markdown, it is `plain`, followed by a link to `url`.
    """

    title: str
    body: str
    prefix: str = ""
    kind: str = "Task"
    plain: str = ""
    url: str = ""


Content = Status | Comment | Note | NewIssue


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is published, and how it is recognized there.

    `project` is the repository's path at a forge, and `subject` the commit, the number of the pull request,
    or the key of the issue. `known` is the provider's id of what was published, and `markers` are texts that
    nobody else can write, the first of which is written; the others were written with former secret keys.
    With `tried`, an earlier attempt may have been carried out, not earlier than `since`.
    """

    connection: Connection
    project: str
    subject: str
    markers: tuple[str, ...]
    known: str = ""
    tried: bool = False
    since: datetime | None = None

    @property
    def number(self) -> str:
        """Return the number of a pull request or of an issue of a forge, which may be written #12."""
        return self.subject.removeprefix("#").removeprefix("!")

    def is_in(self, text: object) -> bool:
        """Return true if a text contains a marker."""
        return isinstance(text, str) and any(marker in text for marker in self.markers)


class Outbound(Protocol):
    """The operations that a module in `apis` may offer, each of which is optional.

    Each returns the provider's id of what it has published, and raises `ApiError`. If it is called again
    after an attempt whose result is unknown, it finds what that has published and updates it.
    """

    def post_status(self, at: Place, status: Status) -> str:
        """Set the status of a commit."""
        ...

    def upsert_comment(self, at: Place, comment: Comment) -> str:
        """Update the comment on a pull request or create it. Return an empty text if there is none."""
        ...

    def upsert_issue_note(self, at: Place, note: Note) -> str:
        """Update the note on an issue or create it."""
        ...

    def create_issue(self, at: Place, new: NewIssue) -> str:
        """Create an issue unless an earlier attempt did. Return its key."""
        ...

    def issue_path(self, key: str) -> str:
        """Return the path of an issue's page, relative to the repository's web address or the tracker's."""
        ...

    def line_path(self, commit: str, path: str, line: int) -> str:
        """Return the path of a line's page, relative to the repository's web address."""
        ...


@dataclass(frozen=True, slots=True)
class Thread:
    """The comments on one pull request or issue. `listed` yields the id and the text of each."""

    listed: Callable[[], Iterable[tuple[str, str]]]
    create: Callable[[str], str]
    update: Callable[[str, str], object]


def upsert(at: Place, thread: Thread, text: str, *, create: bool = True) -> str:
    """Update the comment that is known or has a marker, otherwise create it. Return its id, or an empty text
    if there is none and none is to be created.
    """
    if at.known:
        try:
            thread.update(at.known, text)
        except ApiError as error:
            if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
                raise
        else:
            return at.known
    for known, found in limited(thread.listed()):
        if at.is_in(found):
            if found != text:
                thread.update(known, text)
            return known
    return thread.create(text) if create else ""


def limited(rows: Iterable[T]) -> Iterator[T]:
    """Yield the rows of a list, whose pages are read meanwhile. Raises `ApiError` if that takes too long."""
    until = time.monotonic() + LOOKING_SECONDS
    for row in rows:
        if time.monotonic() > until:
            raise ApiError(f"The list could not be searched within {LOOKING_SECONDS:.0f} seconds.")
        yield row


def with_comment(at: Place, body: str, longest: int) -> str:
    """Return a text in Markdown with the marker in an HTML comment, which isn't shown."""
    return _with(body, f"<!-- {at.markers[0]} -->", longest)


def with_reference(at: Place, body: str, longest: int) -> str:
    """Return a text in Markdown with the marker in the definition of a link, which isn't shown. Bitbucket
    shows HTML comments.

    It isn't documented that Bitbucket finds no mentions in code, so a space of no width keeps it from that.
    """
    return _with(_AT.sub("@\u200b", body), f"[//]: # ({at.markers[0]})", longest)


def clipped(text: str, longest: int) -> str:
    """Return a line of at most so many characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _with(body: str, marker: str, longest: int) -> str:
    room = longest - len(marker) - 2
    if len(body) > room:
        body = body[: room - len(_SHORTENED)] + _SHORTENED
    return f"{body}\n\n{marker}"
