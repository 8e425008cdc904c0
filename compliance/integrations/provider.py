"""The common format of webhook payloads, and the protocol that a provider implements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from compliance.integrations.issues import IssueNews
from compliance.integrations.pull_requests import PullNews


class PayloadError(ValueError):
    """The payload does not match the provider's documentation; the message names the invalid part."""


@dataclass(frozen=True, slots=True)
class Push:
    """A branch moved. The commits are read from the repository: no provider promises the order of its
    deliveries.
    """

    branch: str
    after: str
    deleted: bool = False
    forced: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One delivery. `reason` is set if the delivery requires no action, and says why.

    `about` is the full name of the repository that the payload is about, empty if it does not say.
    """

    kind: Literal["ping", "push", "issue", "pull", "ignored"]
    reason: str = ""
    push: Push | None = None
    issue: IssueNews | None = None
    pull: PullNews | None = None
    about: str = ""


class Provider(Protocol):
    """One module of `forges`: how a provider signs, names and structures its deliveries."""

    LABEL: str
    """The provider's name on pages."""
    INSTRUCTIONS: str
    """How to add the webhook on the provider's side, as one sentence on the settings page."""

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> bool:
        """Return true if one of the secrets signed exactly this body; never raises, takes constant time."""
        ...

    def name(self, headers: Mapping[str, str]) -> tuple[str, str]:
        """Return the delivery's id and its event, empty if the provider left them out."""
        ...

    def parse(self, event: str, payload: Mapping[str, Any]) -> Event:
        """Return the payload's content. Raises `PayloadError`."""
        ...
