"""Linear's GraphQL API: https://linear.app/developers/graphql."""

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


def _session(found: Connection) -> Session:
    # An API key is sent as it is; only tokens of OAuth have a scheme.
    headers = {"Authorization": found.token}
    return Session(LABEL, base_of(found), headers, (found.token, found.webhook_secret))


def _ask(session: Session, query: str, **variables: Any) -> dict[str, Any]:
    """Return the data that answers a query. Linear reports some errors with status 200."""
    told = session.read("POST", "", {"query": query, "variables": variables})
    if not isinstance(told, dict):
        raise ApiError(f"{LABEL} answered with something that is not an object. Check the API address.")
    if told.get("errors"):
        first = told["errors"][0] if isinstance(told["errors"], list) else {}
        said = first.get("message") if isinstance(first, dict) else ""
        raise ApiError(f"{LABEL} refused the request: {str(said)[:300]}", 400)
    data = told.get("data")
    return data if isinstance(data, dict) else {}


def _changed(data: dict[str, Any], name: str) -> dict[str, Any]:
    result = data.get(name)
    if not isinstance(result, dict) or result.get("success") is not True:
        raise ApiError(f"{LABEL} did not carry out {name}.")
    return result
