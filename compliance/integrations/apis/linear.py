"""Linear's GraphQL API: https://linear.app/developers/graphql."""

import hashlib
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Literal

from compliance.integrations.api import (
    ApiError,
    Hook,
    Identity,
    Session,
    base_of,
    find_hook,
    objects,
    text_at,
)
from compliance.integrations.outbound import (
    NewIssue,
    Note,
    Place,
    clipped,
)
from compliance.models import Connection

LABEL = "Linear"
KIND: Literal["tracker"] = "tracker"
API_URL = "https://api.linear.app/graphql"
ACCOUNT = ""
CREDENTIALS = (
    "Create an API key under Settings > Security & access, with the permissions Read and Write. To let the "
    "webhook be installed, it needs the permission Admin and an administrator of the workspace."
)

_VIEWER = "query { viewer { name } organization { name } }"
_LIST = "query { webhooks(first: 250) { nodes { id url } } }"
_CREATE = "mutation ($input: WebhookCreateInput!) { webhookCreate(input: $input) { success webhook { id } } }"
_UPDATE = (
    "mutation ($id: String!, $input: WebhookUpdateInput!)"
    " { webhookUpdate(id: $id, input: $input) { success webhook { id } } }"
)
_DELETE = "mutation ($id: String!) { webhookDelete(id: $id) { success } }"

_ATTACH = (
    "mutation ($input: AttachmentCreateInput!)"
    " { attachmentCreate(input: $input) { success attachment { id } } }"
)
_DETACH = "mutation ($id: String!) { attachmentDelete(id: $id) { success } }"
_TEAM = "query ($key: String!) { teams(first: 1, filter: { key: { eq: $key } }) { nodes { id } } }"
_ISSUE = (
    "query ($id: ID!) { issues(first: 1, includeArchived: true, filter: { id: { eq: $id } })"
    " { nodes { identifier } } }"
)
_NEW_ISSUE = (
    "mutation ($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { identifier } } }"
)
_STATUSES = {
    "AUTHENTICATION_ERROR": HTTPStatus.UNAUTHORIZED,
    "FORBIDDEN": HTTPStatus.FORBIDDEN,
    "RATELIMITED": HTTPStatus.TOO_MANY_REQUESTS,
    "INTERNAL_SERVER_ERROR": HTTPStatus.INTERNAL_SERVER_ERROR,
}
"""The statuses that other APIs have for these errors."""

_LONGEST_TITLE = 255
_LONGEST_BODY = 100_000


def identify(found: Connection) -> Identity:
    """Return the key's user and workspace. The API doesn't tell the key's permissions."""
    told = _ask(_session(found), _VIEWER)
    person = text_at(told.get("viewer"), "name", LABEL)
    return Identity(f"{person}, {text_at(told.get('organization'), 'name', LABEL)}")


def install(found: Connection, project: str, hook: Hook) -> str:  # noqa: ARG001  (one webhook for all teams)
    """Add the webhook, or update the one that has its URL."""
    session = _session(found)
    nodes = (_ask(session, _LIST).get("webhooks") or {}).get("nodes")
    listed = ((str(entry.get("id")), str(entry.get("url"))) for entry in objects(nodes, LABEL))
    values = {"label": "SSOT compliance", "url": hook.url, "secret": hook.secret, "resourceTypes": ["Issue"]}
    if known := find_hook(listed, hook):
        _changed(_ask(session, _UPDATE, id=known, input={**values, "enabled": True}), "webhookUpdate")
        return known
    made = _changed(_ask(session, _CREATE, input={**values, "allPublicTeams": True}), "webhookCreate")
    return text_at(made.get("webhook"), "id", LABEL)


def remove(found: Connection, project: str, hook_id: str) -> None:  # noqa: ARG001
    """Remove the webhook, if it is still listed."""
    session = _session(found)
    nodes = (_ask(session, _LIST).get("webhooks") or {}).get("nodes")
    if hook_id in {str(entry.get("id")) for entry in objects(nodes, LABEL)}:
        _changed(_ask(session, _DELETE, id=hook_id), "webhookDelete")


def upsert_issue_note(at: Place, note: Note) -> str:
    """Attach a link to an issue. Linear updates the attachment that has the same URL.

    If PUBLIC_URL has changed, that is another attachment, and the former one is deleted.
    """
    session = _session(at.connection)
    values = {
        "issueId": at.subject,
        "url": note.url,
        "title": clipped(note.title, _LONGEST_TITLE),
        "subtitle": clipped(note.summary, _LONGEST_TITLE),
    }
    made = _changed(_ask(session, _ATTACH, input=values), "attachmentCreate")
    known = text_at(made.get("attachment"), "id", LABEL)
    if at.known and at.known != known:
        _remove_attachment(session, at.known)
    return known


def _remove_attachment(session: Session, known: str) -> None:
    """Delete an attachment. It is no error if there is none any more, which Linear reports as bad input."""
    try:
        _changed(_ask(session, _DETACH, id=known), "attachmentDelete")
    except ApiError as error:
        if error.status != HTTPStatus.BAD_REQUEST:
            raise


def create_issue(at: Place, new: NewIssue) -> str:
    """Create an issue in the team whose key is the prefix, unless an earlier attempt did.

    The product chooses its id, so it can exist only once. The id comes from the oldest secret key, so it
    stays the same if that is replaced between two attempts.
    """
    session = _session(at.connection)
    known = str(uuid.UUID(bytes=hashlib.sha256(at.markers[-1].encode()).digest()[:16], version=4))
    if at.tried:
        for row in _nodes(_ask(session, _ISSUE, id=known), "issues"):
            return text_at(row, "identifier", LABEL)
    teams = _nodes(_ask(session, _TEAM, key=new.prefix), "teams")
    if not teams:
        raise ApiError(f"{LABEL} has no team with the key {new.prefix}.", HTTPStatus.NOT_FOUND)
    values = {
        "id": known,
        "teamId": text_at(teams[0], "id", LABEL),
        "title": clipped(new.title, _LONGEST_TITLE),
        "description": clipped(new.body, _LONGEST_BODY),
    }
    made = _changed(_ask(session, _NEW_ISSUE, input=values), "issueCreate")
    return text_at(made.get("issue"), "identifier", LABEL)


def _session(found: Connection) -> Session:
    # An API key is sent as it is; only tokens of OAuth have a scheme.
    headers = {"Authorization": found.token}
    return Session(LABEL, base_of(found), headers, (found.token, found.webhook_secret))


def _ask(session: Session, query: str, **variables: Any) -> dict[str, Any]:
    """Return the data that answers a query. Linear reports some errors with status 200, and most others with
    400.
    """
    try:
        told = session.read("POST", "", {"query": query, "variables": variables})
    except ApiError as error:
        status = _status_of(error.body)
        if error.status != HTTPStatus.BAD_REQUEST or status is None:
            raise
        raise ApiError(str(error), status, error.body, wait=error.wait) from None
    if not isinstance(told, dict):
        raise ApiError(f"{LABEL} answered with something that is not an object. Check the API address.")
    if told.get("errors"):
        first = told["errors"][0] if isinstance(told["errors"], list) else {}
        said = first.get("message") if isinstance(first, dict) else ""
        words = f"{LABEL} refused the request: {str(said)[:300]}"
        raise ApiError(words, _status_of(told) or HTTPStatus.BAD_REQUEST)
    data = told.get("data")
    return data if isinstance(data, dict) else {}


def _status_of(body: Mapping[str, Any]) -> int | None:
    """Return the status that other APIs have for the first error of a body."""
    errors = body.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    extensions = first.get("extensions") if isinstance(first, dict) else None
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return _STATUSES.get(str(code))


def _nodes(data: dict[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = data.get(name)
    return objects(found.get("nodes") if isinstance(found, dict) else None, LABEL)


def _changed(data: dict[str, Any], name: str) -> dict[str, Any]:
    result = data.get(name)
    if not isinstance(result, dict) or result.get("success") is not True:
        raise ApiError(f"{LABEL} did not carry out {name}.")
    return result
