"""Bitbucket Cloud's API: https://developer.atlassian.com/cloud/bitbucket/rest/."""

import hashlib
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import quote

from compliance.integrations.api import (
    MOST_PAGES,
    ApiError,
    Hook,
    Identity,
    Session,
    WebPages,
    base_of,
    basic,
    bearer,
    find_hook,
    objects,
    remove_hook,
    text_at,
)
from compliance.integrations.outbound import (
    MOST_COMMENT_PAGES,
    Comment,
    Place,
    Status,
    StatusState,
    Thread,
    clipped,
    upsert,
    with_reference,
)
from compliance.models import Connection

LABEL = "Bitbucket Cloud"
KIND: Literal["forge"] = "forge"
API_URL = "https://api.bitbucket.org/2.0"
WEB = WebPages(
    ("bitbucket.org",), "bitbucket.org", api_host="api.bitbucket.org", api_path="/2.0", commit="commits"
)
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

_STATES = {
    StatusState.PENDING: "INPROGRESS",
    StatusState.RUNNING: "INPROGRESS",
    StatusState.SUCCESS: "SUCCESSFUL",
    StatusState.FAILURE: "FAILED",
    StatusState.ERROR: "FAILED",
}
_LONGEST_KEY = 40
_LONGEST_LINE = 255
_LONGEST_BODY = 32_768


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


def git_user(found: Connection) -> str:
    """Return the user name with which git sends the token: API tokens belong to an account, access tokens
    don't.
    """
    return "x-bitbucket-api-token-auth" if found.account else "x-token-auth"


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


def list_pull_requests(found: Connection, project: str, branch: str) -> Iterable[Mapping[str, Any]]:
    """Return the open pull requests to a branch, of which a page has at most 50."""
    name = branch.replace("\\", "\\\\").replace('"', '\\"')
    wanted = quote(f'state="OPEN" AND destination.branch.name="{name}"', safe="")
    return _rows(_session(found), f"/repositories/{project}/pullrequests?q={wanted}", size=50)


def post_status(at: Place, status: Status) -> str:
    """Set a commit's build status. Bitbucket overwrites the one that has the same key."""
    key = status.name
    if len(key) > _LONGEST_KEY:
        key = hashlib.sha256(key.encode()).hexdigest()[:_LONGEST_KEY]
    values = {
        "key": key,
        "state": _STATES[StatusState(status.state)],
        "name": clipped(status.name, _LONGEST_LINE),
        "description": clipped(status.description, _LONGEST_LINE),
        "url": status.url,
    }
    path = f"/repositories/{at.project}/commit/{status.commit}/statuses/build"
    return text_at(_session(at.connection).read("POST", path, values), "key", LABEL)


def upsert_comment(at: Place, comment: Comment) -> str:
    """Update the comment on a pull request or create it."""
    session = _session(at.connection)
    path = f"/repositories/{at.project}/pullrequests/{at.number}/comments"
    thread = Thread(
        listed=lambda: (
            (str(row.get("id")), _raw(row))
            for row in _rows(session, path, MOST_COMMENT_PAGES)
            if not row.get("deleted")
        ),
        create=lambda text: text_at(session.read("POST", path, {"content": {"raw": text}}), "id", LABEL),
        update=lambda known, text: session.ask("PUT", f"{path}/{known}", {"content": {"raw": text}}),
    )
    return upsert(at, thread, with_reference(at, comment.body, _LONGEST_BODY), create=comment.create)


def line_path(commit: str, path: str, line: int) -> str:
    """Return the path of a line's page, relative to the repository's web address."""
    return f"src/{commit}/{path}#lines-{line}"


def _raw(row: Mapping[str, Any]) -> str:
    content = row.get("content")
    return str(content.get("raw", "")) if isinstance(content, dict) else ""


def _session(found: Connection) -> Session:
    make = basic if found.account else bearer
    return make(found, LABEL, base_of(found))


def _list(session: Session, path: str) -> Iterable[tuple[str, str]]:
    """Yield the id and the URL of each webhook."""
    return ((str(entry.get("uuid")), str(entry.get("url"))) for entry in _rows(session, path))


def _rows(
    session: Session, path: str, most: int = MOST_PAGES, size: int = 100
) -> Iterable[Mapping[str, Any]]:
    """Yield the objects of a list. A page names the next one."""
    following = f"{path}{'&' if '?' in path else '?'}pagelen={size}"
    for _ in range(most):
        page: Any = session.read("GET", following)
        yield from objects(page.get("values") if isinstance(page, dict) else None, LABEL)
        following = str(page.get("next") or "")
        if not following:
            return


def _granted(error: ApiError) -> tuple[str, ...] | None:
    """Return the scopes that an error says the token has, or None if it says something else."""
    said = error.body.get("error")
    detail = said.get("detail") if isinstance(said, dict) else None
    granted = detail.get("granted") if isinstance(detail, dict) else None
    return tuple(sorted(map(str, granted))) if isinstance(granted, list) else None
