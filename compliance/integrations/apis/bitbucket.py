"""Bitbucket Cloud's API: https://developer.atlassian.com/cloud/bitbucket/rest/."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import quote

from compliance.integrations.api import (
    MOST_PAGES,
    ApiError,
    Hook,
    Identity,
    Session,
    base_of,
    basic,
    bearer,
    find_hook,
    objects,
    remove_hook,
    text_at,
)
from compliance.models import Connection

LABEL = "Bitbucket Cloud"
KIND: Literal["forge"] = "forge"
API_URL = "https://api.bitbucket.org/2.0"
ACCOUNT = "E-mail address of the Atlassian account, if the token is an API token"
CREDENTIALS = (
    "Create a repository or workspace access token with the permissions to write repositories and pull "
    "requests, and to manage webhooks; or an API token with the scopes read:user:bitbucket, "
    "read:repository:bitbucket, write:pullrequest:bitbucket and write:webhook:bitbucket."
)

EVENTS = (
    "repo:push",
    "repo:commit_status_created",
    "repo:commit_status_updated",
    "pullrequest:created",
    "pullrequest:updated",
    "pullrequest:fulfilled",
    "pullrequest:rejected",
)


def identify(found: Connection) -> Identity:
    """Return the token's user and scopes. A token that may not read its user is still one that works."""
    session = _session(found)
    try:
        answer = session.ask("GET", "/user")
    except ApiError as error:
        granted = _granted(error)
        if error.status != HTTPStatus.FORBIDDEN or granted is None:
            raise
        return Identity("an access token", granted)
    scopes = answer.headers.get("X-OAuth-Scopes", "")
    named = tuple(sorted(filter(None, (scope.strip() for scope in scopes.split(",")))))
    return Identity(text_at(session.decoded(answer), "display_name", LABEL), named)


def install(found: Connection, project: str, hook: Hook) -> str:
    """Add the webhook, or update the one that has its URL."""
    session = _session(found)
    path = f"/repositories/{project}/hooks"
    values = {
        "description": "SSOT compliance",
        "url": hook.url,
        "active": True,
        "secret": hook.secret,
        "events": list(EVENTS),
    }
    if known := find_hook(_list(session, path), hook):
        session.ask("PUT", f"{path}/{quote(known)}", values)
        return known
    return text_at(session.read("POST", path, values), "uuid", LABEL)


def remove(found: Connection, project: str, hook_id: str) -> None:
    """Remove the webhook."""
    remove_hook(_session(found), f"/repositories/{project}/hooks/{quote(hook_id)}")


def _session(found: Connection) -> Session:
    make = basic if found.account else bearer
    return make(found, LABEL, base_of(found))


def _list(session: Session, path: str) -> Iterable[tuple[str, str]]:
    """Yield the id and the URL of each webhook. A page names the next one."""
    following = f"{path}?pagelen=100"
    for _ in range(MOST_PAGES):
        page: Any = session.read("GET", following)
        values = objects(page.get("values") if isinstance(page, dict) else None, LABEL)
        yield from ((str(entry.get("uuid")), str(entry.get("url"))) for entry in values)
        following = str(page.get("next") or "")
        if not following:
            return


def _granted(error: ApiError) -> tuple[str, ...] | None:
    """Return the scopes that an error says the token has, or None if it says something else."""
    said = error.body.get("error")
    detail = said.get("detail") if isinstance(said, dict) else None
    granted = detail.get("granted") if isinstance(detail, dict) else None
    return tuple(sorted(map(str, granted))) if isinstance(granted, list) else None
