"""The API of Gitea and Forgejo: https://docs.gitea.com/api/. Every installation has it at /api/v1."""

from collections.abc import Mapping
from typing import Any, Literal

from compliance.integrations.api import (
    Hook,
    Identity,
    Session,
    base_of,
    bearer,
    find_hook,
    pages_of,
    remove_hook,
    text_at,
)
from compliance.models import Connection

LABEL = "Gitea or Forgejo"
KIND: Literal["forge"] = "forge"
API_URL = "https://gitea.example.org/api/v1"
ACCOUNT = ""
CREDENTIALS = (
    "Create an access token with the permissions read:user, write:repository and write:issue. Its user must "
    "be an administrator of the repository to let the webhook be installed."
)

EVENTS = ("push", "issues", "pull_request", "status")
"""The events that are asked for. `issues` and `pull_request` include those about labels and new commits. An
update resets what it doesn't contain.
"""

_PAGE = 50


def identify(found: Connection) -> Identity:
    """Return the token's user. The API doesn't tell the token's permissions."""
    return Identity(text_at(_session(found).read("GET", "/user"), "login", LABEL))


def install(found: Connection, project: str, hook: Hook) -> str:
    """Add the webhook, or update the one that has its URL."""
    session = _session(found)
    path = f"/repos/{project}/hooks"
    listed = (
        (str(entry.get("id")), _url_of(entry)) for entry in pages_of(session, f"{path}?limit={_PAGE}", _PAGE)
    )
    values = {
        "active": True,
        "events": list(EVENTS),
        "config": {"url": hook.url, "content_type": "json", "secret": hook.secret},
    }
    if known := find_hook(listed, hook):
        session.ask("PATCH", f"{path}/{known}", values)
        return known
    return text_at(session.read("POST", path, {"type": "gitea", **values}), "id", LABEL)


def remove(found: Connection, project: str, hook_id: str) -> None:
    """Remove the webhook."""
    remove_hook(_session(found), f"/repos/{project}/hooks/{hook_id}")


def _session(found: Connection) -> Session:
    return bearer(found, LABEL, base_of(found, "/api/v1"), "token")


def _url_of(entry: Mapping[str, Any]) -> str:
    config = entry.get("config")
    return str(config.get("url", "")) if isinstance(config, dict) else ""
