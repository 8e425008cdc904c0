"""Linear webhooks: https://linear.app/developers/webhooks."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from django.utils import timezone
from pydantic import Field, StringConstraints

from compliance.integrations import proofs
from compliance.integrations.issues import IssueNews
from compliance.integrations.payload import LongBody, Payload, read_payload
from compliance.integrations.provider import Event, PayloadError, Signed
from compliance.integrations.task_lists import checklist
from compliance.lib.field_types import Instant, Label, Number, Title, Url
from compliance.lib.json_documents import JsonError, read_json

LABEL = "Linear"
INSTRUCTIONS = (
    "In Linear, open Settings > API > Webhooks, and add a webhook with this URL for issues. Linear chooses "
    "the signing secret: copy it from there, and enter it below."
)

ACCEPTED = HTTPStatus.OK
"""The status of accepted deliveries, because Linear repeats those that are answered with any other one."""

OLDEST = 60
"""Number of seconds by which the time of a delivery may differ from the clock, as Linear recommends, so that
nobody can send a recorded delivery again.
"""

_CLOSED = {"completed", "canceled", "duplicate"}
"""The types of the workflow states in which nobody works on an issue any more."""


def verify(request: Signed, secrets: Sequence[str]) -> bool:
    """Return true if `Linear-Signature` is the HMAC of the body, and the time in the body is the present."""
    if not proofs.is_signed(request.headers.get("Linear-Signature", ""), request.body, secrets):
        return False
    try:
        payload = read_json(request.body)
    except JsonError:
        return False
    sent = payload.get("webhookTimestamp") if isinstance(payload, dict) else None
    if isinstance(sent, bool) or not isinstance(sent, int | float):
        return False
    return abs(timezone.now().timestamp() - sent / 1000) <= OLDEST


def name(request: Signed, payload: Mapping[str, Any]) -> tuple[str, str]:
    """Return the type and the action, and the id that stays the same if Linear sends the delivery again."""
    kind, action = payload.get("type"), payload.get("action")
    event = f"{kind} {action}" if isinstance(kind, str) and isinstance(action, str) else ""
    return request.headers.get("Linear-Delivery", ""), event


def parse(event: str, payload: Mapping[str, Any]) -> Event:
    """Return an event of an issue in the common format. Other events are ignored."""
    kind, _, action = event.partition(" ")
    if kind == "Issue":
        return Event("issue", issue=_news(action, read_payload(_IssuePayload, payload)))
    return Event("ignored", reason=f"The event {event!r} is ignored.")


_Key = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\s\x00-\x1f\x7f]+$")]


class _State(Payload):
    type: Label


class _Named(Payload):
    name: Label


class _Team(Payload):
    key: _Key


class _Issue(Payload):
    """An issue. `identifier` is its key; older webhooks have only the number and the team's key.

    `trashed` is true while a deleted issue can still be restored.
    """

    identifier: _Key | None = None
    number: Number | None = None
    team: _Team | None = None
    title: Title
    description: LongBody | None = None
    state: _State
    labels: Annotated[tuple[_Named, ...], Field(strict=False, max_length=200)] | None = None
    url: Url | None = None
    updated_at: Instant = Field(alias="updatedAt")
    archived_at: Instant | None = Field(None, alias="archivedAt")
    trashed: bool | None = None
    previous: Annotated[tuple[_Key, ...], Field(strict=False, max_length=100)] | None = Field(
        None, alias="previousIdentifiers"
    )


class _IssuePayload(Payload):
    data: _Issue
    url: Url | None = None
    created_at: Instant | None = Field(None, alias="createdAt")


def _news(action: str, read: _IssuePayload) -> IssueNews:
    issue = read.data
    key = _key(issue)
    is_deleted = bool(issue.trashed) or (action == "remove" and not _is_archived(issue))
    # Deleting an issue changes only when it was archived, and not when it was updated.
    ended = [time for time in (issue.archived_at, read.created_at) if time] if action == "remove" else []
    return IssueNews(
        key=key,
        state="deleted" if is_deleted else "closed" if issue.state.type in _CLOSED else "open",
        title=issue.title,
        labels=tuple(label.name for label in issue.labels or ()),
        checklist=checklist(issue.description or ""),
        url=issue.url or read.url or "",
        updated_at=max((issue.updated_at, *ended)),
        former_keys=tuple(former for former in issue.previous or () if former != key),
    )


def _key(issue: _Issue) -> str:
    if issue.identifier:
        return issue.identifier
    if issue.team is None or issue.number is None:
        raise PayloadError("'data.identifier' is missing")
    return f"{issue.team.key}-{issue.number}"


def _is_archived(issue: _Issue) -> bool:
    """Return true if a closed issue was archived, which Linear does by itself after some time."""
    return issue.archived_at is not None and issue.state.type in _CLOSED
