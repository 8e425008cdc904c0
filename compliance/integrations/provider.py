"""The one shape that every provider's payload is parsed into, and what a provider must offer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from compliance.integrations.issues import IssueNews
from compliance.integrations.pull_requests import PullNews


class PayloadError(ValueError):
    """A payload that is not what its provider documents; the message says which part."""


@dataclass(frozen=True, slots=True)
class Push:
    """A branch moved. What moved it is read from the repository: no source promises the order of its news."""

    branch: str
    after: str
    deleted: bool = False
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One delivery. `reason` says why there is nothing to do where there is nothing."""

    kind: Literal["ping", "push", "issue", "pull", "ignored"]
    reason: str = ""
    push: Push | None = None
    issue: IssueNews | None = None
    pull: PullNews | None = None


class Provider(Protocol):
    """One file of this folder: how a source signs, names and words its deliveries."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> bool:
        """Whether one of the secrets signed exactly this body; never raises, takes constant time."""
        ...

    def name(self, headers: Mapping[str, str]) -> tuple[str, str]:
        """The delivery's own id and its event, empty where the source left them out."""
        ...

    def parse(self, event: str, payload: Mapping[str, Any]) -> Event:
        """What the payload says. Raises `PayloadError`."""
        ...
