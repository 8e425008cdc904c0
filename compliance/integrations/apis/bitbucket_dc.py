"""Bitbucket Data Center's REST API: https://developer.atlassian.com/server/bitbucket/rest/."""

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

LABEL = "Bitbucket Data Center"
KIND: Literal["forge"] = "forge"
API_URL = "https://bitbucket.example.org"
WEB = WebPages(("bitbucket",), repository="projects/{group}/repos/{name}", commit="commits")
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

_STATES = {
    StatusState.PENDING: "INPROGRESS",
    StatusState.RUNNING: "INPROGRESS",
    StatusState.SUCCESS: "SUCCESSFUL",
    StatusState.FAILURE: "FAILED",
    StatusState.ERROR: "FAILED",
}
_LONGEST_LINE = 255
_LONGEST_BODY = 32_768

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


def git_user(_: Connection) -> str:
    """Return the user name with which git sends the token.

    The user name for access tokens, which belong to no person.
    """
    return "x-token-auth"


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


def list_pull_requests(found: Connection, project: str, branch: str) -> Iterable[Mapping[str, Any]]:
    """Return the open pull requests to a branch."""
    target = quote(f"refs/heads/{branch}", safe="")
    return _rows(_session(found), f"{_root(project)}/pull-requests?state=OPEN&direction=INCOMING&at={target}")


def post_status(at: Place, status: Status) -> str:
    """Set a commit's build status. Bitbucket overwrites the one that has the same key."""
    values = {
        "key": clipped(status.name, _LONGEST_LINE),
        "state": _STATES[StatusState(status.state)],
        "name": clipped(status.name, _LONGEST_LINE),
        "description": clipped(status.description, _LONGEST_LINE),
        "url": status.url,
    }
    _session(at.connection).ask("POST", f"{_root(at.project)}/commits/{status.commit}/builds", values)
    return values["key"]


def upsert_comment(at: Place, comment: Comment) -> str:
    """Update the comment on a pull request or create it."""
    session, root = _session(at.connection), f"{_root(at.project)}/pull-requests/{at.number}"
    path = f"{root}/comments"
    thread = Thread(
        listed=lambda: (
            (str(found.get("id")), str(found.get("text")))
            for found in map(_comment, _rows(session, f"{root}/activities", MOST_COMMENT_PAGES))
            if found
        ),
        create=lambda text: text_at(session.read("POST", path, {"text": text}), "id", LABEL),
        update=lambda known, text: _update(session, f"{path}/{known}", text),
    )
    return upsert(at, thread, with_reference(at, comment.body, _LONGEST_BODY), create=comment.create)


def line_path(commit: str, path: str, line: int) -> str:
    """Return the path of a line's page, relative to the repository's web address."""
    return f"browse/{path}?at={commit}#{line}"


def _comment(activity: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the comment that an activity added, or an empty object."""
    found = activity.get("comment")
    return found if activity.get("action") == "COMMENTED" and isinstance(found, dict) else {}


def _update(session: Session, path: str, text: str) -> None:
    """Change a comment. Bitbucket wants the version that is changed, so read it, again if it has risen
    meanwhile.
    """
    for is_last in (False, True):
        version = int(text_at(session.read("GET", path), "version", LABEL))
        try:
            session.ask("PUT", path, {"text": text, "version": version})
        except ApiError as error:
            if error.status != HTTPStatus.CONFLICT or is_last:
                raise
        else:
            return


def _session(found: Connection) -> Session:
    return bearer(found, LABEL, base_of(found, "/rest/api/1.0"))


def _root(project: str) -> str:
    """Return the path of a repository. `project` is KEY/repository."""
    key, _, name = project.partition("/")
    return f"/projects/{key}/repos/{name}"


def _hooks(project: str) -> str:
    return f"{_root(project)}/webhooks"


def _list(session: Session, path: str) -> Iterable[tuple[str, str]]:
    return ((str(entry.get("id")), str(entry.get("url"))) for entry in _rows(session, path))


def _rows(session: Session, path: str, most: int = MOST_PAGES) -> Iterable[Mapping[str, Any]]:
    """Yield the objects of a list, whose pages tell where the next one begins."""
    start = 0
    for _ in range(most):
        page: Any = session.read("GET", f"{path}{'&' if '?' in path else '?'}limit={_PAGE}&start={start}")
        yield from objects(page.get("values") if isinstance(page, dict) else None, LABEL)
        if page.get("isLastPage", True) or not isinstance(page.get("nextPageStart"), int):
            return
        start = page["nextPageStart"]
