"""Jira webhooks: https://developer.atlassian.com/cloud/jira/platform/webhooks/ for Jira Cloud, and
https://developer.atlassian.com/server/jira/platform/webhooks/ for Jira Data Center.

Both have the same payloads and the same address. They differ in what arrives with a request: Jira Cloud signs
the body, and Jira Data Center sends the secret in the address's query.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints

from compliance.integrations import proofs
from compliance.integrations.issues import IssueNews
from compliance.integrations.payload import Payload, read_payload
from compliance.integrations.provider import Event, PayloadError, Signed
from compliance.integrations.subtasks import Subtask
from compliance.lib.field_types import EARLIEST, LATEST, Instant, Label, Title, Url

LABEL = "Jira"
INSTRUCTIONS = (
    "In Jira, open Settings > System > WebHooks as an administrator, and create a webhook with this URL and "
    "the issue events created, updated and deleted; enter the secret under Secret or, if Jira Data Center "
    "has no such field, add ?secret= and the secret to the URL."
)

SECRET = "secret"  # noqa: S105  (the name of a parameter)
"""The parameter of the query in which Jira Data Center sends the secret."""

_SCHEME = "sha256="
_TRANSITION = "transition"
"""The event of a webhook that a workflow of Jira Data Center triggers. It names no event itself."""
_CHANGES = {"jira:issue_created", "jira:issue_updated", "jira:issue_deleted", _TRANSITION}


def verify(request: Signed, secrets: Sequence[str]) -> bool:
    """Return true if `X-Hub-Signature` is the HMAC of the body or, without this header, if the query contains
    the secret.
    """
    given = request.headers.get("X-Hub-Signature")
    if given is None:
        return proofs.is_one_of(request.query.get(SECRET, ""), [secret for secret in secrets if secret])
    signature = given[len(_SCHEME) :] if given.startswith(_SCHEME) else ""
    return proofs.is_signed(signature, request.body, secrets)


def name(request: Signed, payload: Mapping[str, Any]) -> tuple[str, str]:
    """Return the event, and the id, which stays the same if Jira Cloud sends the delivery again. Jira Data
    Center sends none.
    """
    event = payload.get("webhookEvent") or (_TRANSITION if _TRANSITION in payload else None)
    if not isinstance(event, str):
        return "", ""
    given = request.headers.get("X-Atlassian-Webhook-Identifier", "")
    return given or proofs.digest(event, request.body), event


def parse(event: str, payload: Mapping[str, Any]) -> Event:
    """Return an event of an issue in the common format. Other events are ignored."""
    if event in _CHANGES:
        return Event("issue", issue=_news(event, read_payload(_IssuePayload, payload)))
    return Event("ignored", reason=f"The event {event!r} is ignored.")


def _from_milliseconds(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("is not a number of milliseconds")
    if not EARLIEST.timestamp() <= value / 1000 < LATEST.timestamp():
        raise ValueError(f"is not a time on or after {EARLIEST:%Y-%m-%d} and before {LATEST:%Y-%m-%d}")
    return datetime.fromtimestamp(value / 1000, UTC)


_Milliseconds = Annotated[datetime, BeforeValidator(_from_milliseconds)]
_Key = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\s\x00-\x1f\x7f]+$")]


class _Category(Payload):
    key: Label | None = None


class _Status(Payload):
    statusCategory: _Category | None = None  # noqa: N815  (Jira's name)


class _Type(Payload):
    subtask: bool = False


class _Parent(Payload):
    key: _Key


class _SubtaskFields(Payload):
    summary: Title | None = None
    status: _Status | None = None


class _Subtask(Payload):
    key: _Key
    fields: _SubtaskFields | None = None


class _Fields(Payload):
    """The fields of an issue. `resolution` is set if a release before 6.2, which has no status categories,
    closed it.
    """

    summary: Title
    labels: Annotated[tuple[Label, ...], Field(strict=False, max_length=200)] | None = None
    updated: Instant | None = None
    status: _Status | None = None
    resolution: dict[str, Any] | None = None
    issuetype: _Type | None = None
    parent: _Parent | None = None
    subtasks: Annotated[tuple[_Subtask, ...], Field(strict=False, max_length=5000)] | None = None


class _Issue(Payload):
    key: _Key
    address: Url | None = Field(None, alias="self")
    fields: _Fields


class _Change(Payload):
    field: Label | None = None
    before: str | None = Field(None, alias="fromString")


class _Changelog(Payload):
    items: Annotated[tuple[_Change, ...], Field(strict=False, max_length=5000)] = ()


class _IssuePayload(Payload):
    issue: _Issue
    timestamp: _Milliseconds | None = None
    changelog: _Changelog | None = None


def _news(event: str, read: _IssuePayload) -> IssueNews:
    fields = read.issue.fields
    # Creating or closing a subtask doesn't change when its parent was updated, but the payload then lists it.
    times = [time for time in (fields.updated, read.timestamp) if time]
    if not times:
        raise PayloadError("'issue.fields.updated' is missing")
    is_deleted = event == "jira:issue_deleted"
    is_subtask = fields.issuetype is not None and fields.issuetype.subtask
    return IssueNews(
        key=read.issue.key,
        state="deleted" if is_deleted else "closed" if _is_done(fields.status, fields.resolution) else "open",
        title=fields.summary,
        labels=fields.labels or (),
        checklist=(),
        url=_page(read.issue),
        updated_at=max(times) if is_deleted else times[0],
        former_keys=tuple(_former_keys(read)),
        subtasks=tuple(map(_subtask, fields.subtasks or ())),
        listed_at=max(times),
        parent=fields.parent.key if is_subtask and fields.parent else "",
    )


def _is_done(status: _Status | None, resolution: Mapping[str, Any] | None = None) -> bool:
    category = status.statusCategory if status else None
    return category.key == "done" if category and category.key else resolution is not None


def _subtask(subtask: _Subtask) -> Subtask:
    fields = subtask.fields or _SubtaskFields()
    return Subtask(subtask.key, fields.summary or "", _is_done(fields.status))


def _former_keys(read: _IssuePayload) -> Iterator[str]:
    """Return the key from which the issue was moved to another project."""
    for change in read.changelog.items if read.changelog else ():
        if change.field == "Key" and change.before and change.before != read.issue.key:
            yield change.before[:100]


def _page(issue: _Issue) -> str:
    """Return the address of the issue's page. The payload has only that of the REST API."""
    site, found, _ = (issue.address or "").partition("/rest/api/")
    return f"{site}/browse/{issue.key}" if found else ""
