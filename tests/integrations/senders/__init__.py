"""One module per forge, which writes deliveries as the forge does; `Forge` is what each of them offers."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

START = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)
ZEROS = "0" * 40


@dataclass(frozen=True)
class Sent:
    """A delivery before it is signed."""

    event: str
    payload: dict[str, Any]


@dataclass(frozen=True)
class Ticket:
    """An issue after something has happened to it, so many minutes after the start."""

    action: str
    later: int
    state: str = "open"
    title: str = "Give it a factory"
    body: str = ""
    labels: tuple[str, ...] = ()

    @property
    def at(self) -> datetime:
        return START + timedelta(minutes=self.later)


@dataclass(frozen=True)
class Pull:
    """A pull request after something has happened to it; `before` is its former target or head."""

    action: str
    later: int
    head: str
    state: str = "open"
    base: str = "main"
    before: str = ""
    title: str = "Make it"

    @property
    def at(self) -> datetime:
        return START + timedelta(minutes=self.later)


class Forge(Protocol):
    NAME: str
    HAS_ISSUES: bool

    def push(self, branch: str, before: str, after: str) -> Sent: ...

    def tag(self, name: str, after: str) -> Sent: ...

    def issue(self, ticket: Ticket) -> Sent: ...

    def pull(self, pull: Pull) -> Sent: ...

    def headers(self, sent: Sent, delivery: str, body: bytes, secret: str) -> dict[str, str]: ...
