"""Bitbucket Data Center webhooks:
https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from compliance.integrations.payload import Payload, read_payload
from compliance.integrations.proofs import digest, is_signed
from compliance.integrations.provider import Event, Push, Signed
from compliance.integrations.pull_requests import PullNews
from compliance.lib.field_types import Branch, CommitSha, Instant, Label, Number, Person, Title, Url

LABEL = "Bitbucket Data Center"
INSTRUCTIONS = (
    "In Bitbucket Data Center, open Repository settings > Webhooks and create a webhook with this URL and "
    "secret, and the events Repository: Push, and Pull request: Opened, Source branch updated, Modified, "
    "Merged, Declined and Deleted."
)

_PULL_REQUESTS = {
    "pr:opened",
    "pr:from_ref_updated",
    "pr:modified",
    "pr:reopened",
    "pr:merged",
    "pr:declined",
    "pr:deleted",
}
_MOST_CHANGES = 1000
_OFFSET = re.compile(r"([+-]\d\d)(\d\d)$")
_HEADS = "refs/heads/"


def verify(request: Signed, secrets: Sequence[str]) -> bool:
    """Return true if `X-Hub-Signature` is the HMAC-SHA256 of the body."""
    algorithm, _, signature = request.headers.get("X-Hub-Signature", "").partition("=")
    return is_signed(signature, request.body, secrets) and algorithm == "sha256"


def name(request: Signed, _payload: Mapping[str, Any]) -> tuple[str, str]:
    """Return the delivery's id and the event. The test of a connection has no id."""
    event = request.headers.get("X-Event-Key", "")
    return request.headers.get("X-Request-Id") or digest(event, request.body), event


def parse(event: str, payload: Mapping[str, Any]) -> Event:
    """Return pings, pushes and pull requests in the common format. Other events are ignored."""
    match event:
        case "diagnostics:ping":
            return Event("ping", reason="The webhook works.")
        case "repo:refs_changed":
            return _push(payload)
    if event in _PULL_REQUESTS:
        return _pull(event, payload)
    return Event("ignored", reason=f"The event {event!r} is ignored.")


def _from_milliseconds(value: Any) -> Any:
    """Return the time that a number of milliseconds since 1970 gives, in ISO 8601 format."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number or not 0 <= value < 10**14:
        raise ValueError("is not a number of milliseconds since 1970")
    return datetime.fromtimestamp(value / 1000, UTC).isoformat()


def _to_iso(value: Any) -> Any:
    """Return a time such as `2018-07-05T19:21:30+0000` with a colon in its offset."""
    return _OFFSET.sub(r"\1:\2", value) if isinstance(value, str) else value


_Milliseconds = Annotated[Instant, BeforeValidator(_from_milliseconds)]
_Time = Annotated[Instant, BeforeValidator(_to_iso)]


class _Camel(Payload):
    """An object in a payload, in which the names of fields are in camel case."""

    model_config = ConfigDict(alias_generator=to_camel)


class _Project(_Camel):
    key: Label


class _Repository(_Camel):
    slug: Label
    project: _Project


class _Change(_Camel):
    """A ref that has moved. `toHash` consists of zeros if it was deleted."""

    ref_id: Branch
    to_hash: CommitSha
    type: Literal["ADD", "UPDATE", "DELETE"]


class _PushPayload(_Camel):
    changes: Annotated[tuple[_Change, ...], Field(strict=False, max_length=_MOST_CHANGES)]
    repository: _Repository | None = None


class _Person(_Camel):
    name: Person


class _Author(_Camel):
    user: _Person | None = None


class _Head(_Camel):
    latest_commit: CommitSha
    id: Branch | None = None


class _Base(_Camel):
    id: Branch
    repository: _Repository


class _Link(_Camel):
    href: Url


class _Links(_Camel):
    self: Annotated[tuple[_Link | None, ...], Field(strict=False, max_length=10)] | None = None


class _Pull(_Camel):
    """A pull request. Its repository's default branch isn't given."""

    id: Number
    title: Title
    state: Literal["OPEN", "MERGED", "DECLINED"]
    author: _Author | None = None
    from_ref: _Head
    to_ref: _Base
    updated_date: _Milliseconds
    draft: bool | None = None
    links: _Links | None = None


class _PullPayload(_Camel):
    date: _Time
    pull_request: _Pull
    previous_target: dict[str, Any] | None = None


def _push(payload: Mapping[str, Any]) -> Event:
    changes = read_payload(_PushPayload, payload).changes
    pushes = tuple(
        Push(change.ref_id.removeprefix(_HEADS), change.to_hash, change.type == "DELETE")
        for change in changes
        if change.ref_id.startswith(_HEADS)
    )
    if pushes:
        return Event("push", pushes=pushes)
    return Event("ignored", reason="Tags do not affect the tracked branch.")


_STATES = {"OPEN": "open", "MERGED": "merged", "DECLINED": "closed"}


def _pull(event: str, payload: Mapping[str, Any]) -> Event:
    read = read_payload(_PullPayload, payload)
    pull, repository = read.pull_request, read.pull_request.to_ref.repository
    former = (read.previous_target or {}).get("id", pull.to_ref.id)
    news = replace(
        _news_of(pull),
        # A push to the source branch doesn't change `updatedDate` in every version.
        updated_at=max(pull.updated_date, read.date),
        reopened=event == "pr:reopened",
        retargeted=former != pull.to_ref.id,
    )
    if event == "pr:deleted":
        news = replace(news, state="closed")
    return Event("pull", pull=news, about=f"{repository.project.key}/{repository.slug}")


def read_listed(entry: Mapping[str, Any], project: str) -> PullNews:  # noqa: ARG001
    """Return an entry of the list of a repository's pull requests."""
    return _news_of(read_payload(_Pull, entry))


def _news_of(pull: _Pull) -> PullNews:
    links = [link.href for link in (pull.links and pull.links.self) or () if link]
    return PullNews(
        number=pull.id,
        title=pull.title,
        url=links[0] if links else "",
        author=pull.author.user.name if pull.author and pull.author.user else "",
        state=_STATES[pull.state],
        head=pull.from_ref.latest_commit,
        base=pull.to_ref.id.removeprefix(_HEADS),
        updated_at=pull.updated_date,
        source=(pull.from_ref.id or "").removeprefix(_HEADS),
        head_ref=f"refs/pull-requests/{pull.id}/from",
        draft=bool(pull.draft),
    )
