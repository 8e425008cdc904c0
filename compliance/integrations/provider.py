"""The common format for webhook payloads, and the protocol that every provider implements."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from compliance.integrations.check_results import CheckNews
from compliance.integrations.issues import IssueNews
from compliance.integrations.pull_requests import PullNews
from compliance.lib.field_types import one_line


class PayloadError(ValueError):
    """Raised if the payload doesn't match the provider's documentation. The message names the invalid
    part.
    """


@dataclass(frozen=True, slots=True)
class Push:
    """A branch has moved. The commits are read from the repository, because no provider guarantees the order
    of deliveries. `default` is true for the forge's default branch.
    """

    branch: str
    after: str
    deleted: bool = False
    forced: bool = False
    default: bool = False


@dataclass(frozen=True, slots=True)
class MergeGroup:
    """A commit that a merge queue has made of pull requests, and that needs its checks before `base` moves to
    it. `is_gone` is true if the group has left the merge queue.
    """

    head: str
    ref: str
    base: str
    base_sha: str
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it arrived, before anything of it is trusted."""

    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Event:
    """A delivery. If it requires no action, `reason` says why.

    `pushes` has several elements if one delivery reports several branches, and `results` if it reports
    several checks of a CI system. `about` is the full name of the
    repository that the payload is about, or empty if it isn't given.
    """

    kind: Literal["ping", "push", "issue", "pull", "results", "merge group", "ignored"]
    reason: str = ""
    pushes: tuple[Push, ...] = ()
    issue: IssueNews | None = None
    pull: PullNews | None = None
    results: tuple[CheckNews, ...] = ()
    merge_group: MergeGroup | None = None
    about: str = ""


def ignored_ref(ref: str) -> Event | None:
    """Return the event for a full ref that isn't a branch, or None for a branch."""
    if ref.startswith("refs/heads/"):
        return None
    if ref.startswith("refs/tags/"):
        return Event("ignored", reason="Tags do not affect the tracked branch.")
    return Event("ignored", reason=f"{one_line(ref, 255)} is not a branch.")


class Provider(Protocol):
    """A module in `forges` or `trackers`, which knows how a provider signs, names and structures its
    deliveries.

    It may define `ACCEPTED`, the status of the response to an accepted delivery if that must not be 202, and
    `SENDS_ONCE` if it doesn't send a delivery again by itself that wasn't accepted.
    """

    LABEL: str
    """The provider's name as shown on pages."""
    INSTRUCTIONS: str
    """How to add the webhook on the provider's site, as one sentence for the settings page."""

    def verify(self, request: Signed, secrets: Sequence[str]) -> bool:
        """Return true if the request proves that its sender knows one of the secrets. It never raises, and
        takes constant time.
        """
        ...

    def name(self, request: Signed, payload: Mapping[str, Any]) -> tuple[str, str]:
        """Return the delivery's id and its event, each empty if the provider omitted it.

        If the provider sends no id, it is `digest` of the event and the body, so that a repetition is still
        recognised.
        """
        ...

    def parse(self, event: str, payload: Mapping[str, Any]) -> Event:
        """Return the content of the payload. Raises `PayloadError`."""
        ...
