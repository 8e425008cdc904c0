"""GitLab's REST API: https://docs.gitlab.com/api/rest/. Every GitLab has it at /api/v4."""

from http import HTTPStatus
from typing import Literal
from urllib.parse import quote

from compliance.integrations.api import (
    ApiError,
    Hook,
    Identity,
    Session,
    base_of,
    find_hook,
    pages_of,
    remove_hook,
    text_at,
)
from compliance.models import Connection

LABEL = "GitLab"
KIND: Literal["forge"] = "forge"
API_URL = "https://gitlab.com/api/v4"
ACCOUNT = ""
CREDENTIALS = (
    "Create a project, group or personal access token with the scope api and, to let the webhook be "
    "installed, the role Maintainer."
)

_PAGE = 100


def identify(found: Connection) -> Identity:
    """Return the token's user, if the token may read it, and the token's scopes."""
    session = _session(found)
    token = session.read("GET", "/personal_access_tokens/self")
    label = text_at(token, "name", LABEL)
    scopes = token.get("scopes")
    named = tuple(sorted(map(str, scopes))) if isinstance(scopes, list) else ()
    try:
        name = text_at(session.read("GET", "/user"), "username", LABEL)
    except ApiError as error:
        if error.status != HTTPStatus.FORBIDDEN:
            raise
        name = label
    return Identity(name, named)


def install(found: Connection, project: str, hook: Hook) -> str:
    """Add the webhook, or update the one that has its URL. Updating it also ends its suspension."""
    session = _session(found)
    path = _hooks(project)
    listed = (
        (str(entry.get("id")), str(entry.get("url")))
        for entry in pages_of(session, f"{path}?per_page={_PAGE}", _PAGE)
    )
    values: dict[str, str | bool] = {
        "url": hook.url,
        "token": hook.secret,
        "push_events": True,
        "issues_events": True,
        "merge_requests_events": True,
        "pipeline_events": True,
        "tag_push_events": False,
        "enable_ssl_verification": True,
    }
    if known := find_hook(listed, hook):
        session.ask("PUT", f"{path}/{known}", values)
        return known
    # Everybody who may see the repository here would see their titles, so people decide that at GitLab.
    values["confidential_issues_events"] = False
    return text_at(session.read("POST", path, values), "id", LABEL)


def remove(found: Connection, project: str, hook_id: str) -> None:
    """Remove the webhook."""
    remove_hook(_session(found), f"{_hooks(project)}/{hook_id}")


def _session(found: Connection) -> Session:
    headers = {"PRIVATE-TOKEN": found.token}
    return Session(LABEL, base_of(found, "/api/v4"), headers, (found.token, found.webhook_secret))


def _hooks(project: str) -> str:
    return f"/projects/{quote(project, safe='')}/hooks"
