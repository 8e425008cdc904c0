"""Bitbucket Data Center's REST API: https://developer.atlassian.com/server/bitbucket/rest/."""

from collections.abc import Iterable
from typing import Any, Literal

from compliance.integrations.api import (
    MOST_PAGES,
    ApiError,
    Hook,
    Identity,
    Session,
    base_of,
    bearer,
    find_hook,
    objects,
    remove_hook,
    text_at,
)
from compliance.models import Connection

LABEL = "Bitbucket Data Center"
KIND: Literal["forge"] = "forge"
API_URL = "https://bitbucket.example.org"
ACCOUNT = ""
CREDENTIALS = (
    "Create an HTTP access token for the repository, the project or a user, with the permission Repository "
    "admin, which webhooks need."
)

EVENTS = (
    "repo:refs_changed",
    "pr:opened",
    "pr:modified",
    "pr:from_ref_updated",
    "pr:merged",
    "pr:declined",
    "pr:deleted",
)

_PAGE = 100


def identify(found: Connection) -> Identity:
    """Return the token's user, whom the server names in a header of every answer."""
    session = _session(found)
    answer = session.ask("GET", "/application-properties")
    text_at(session.decoded(answer), "version", LABEL)
    name = answer.headers.get("X-AUSERNAME", "")
    if name in ("", "anonymous"):
        raise ApiError(f"{LABEL} doesn't accept the token. Check the credentials.", answer.status)
    return Identity(name)


def install(found: Connection, project: str, hook: Hook) -> str:
    """Add the webhook, or update the one that has its URL."""
    session = _session(found)
    path = _hooks(project)
    values = {
        "name": "SSOT compliance",
        "url": hook.url,
        "active": True,
        "events": list(EVENTS),
        "configuration": {"secret": hook.secret},
    }
    if known := find_hook(_list(session, path), hook):
        session.ask("PUT", f"{path}/{known}", values)
        return known
    return text_at(session.read("POST", path, values), "id", LABEL)


def remove(found: Connection, project: str, hook_id: str) -> None:
    """Remove the webhook."""
    remove_hook(_session(found), f"{_hooks(project)}/{hook_id}")


def _session(found: Connection) -> Session:
    return bearer(found, LABEL, base_of(found, "/rest/api/1.0"))


def _hooks(project: str) -> str:
    """Return the path of a repository's webhooks. `project` is KEY/repository."""
    key, _, name = project.partition("/")
    return f"/projects/{key}/repos/{name}/webhooks"


def _list(session: Session, path: str) -> Iterable[tuple[str, str]]:
    start = 0
    for _ in range(MOST_PAGES):
        page: Any = session.read("GET", f"{path}?limit={_PAGE}&start={start}")
        values = objects(page.get("values") if isinstance(page, dict) else None, LABEL)
        yield from ((str(entry.get("id")), str(entry.get("url"))) for entry in values)
        if page.get("isLastPage", True) or not isinstance(page.get("nextPageStart"), int):
            return
        start = page["nextPageStart"]
