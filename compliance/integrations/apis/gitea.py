"""The API of Gitea and Forgejo: https://docs.gitea.com/api/. Every installation has it at /api/v1."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from compliance.integrations.api import (
    Hook,
    Identity,
    Session,
    WebPages,
    base_of,
    bearer,
    find_hook,
    objects,
    pages_of,
    remove_hook,
    text_at,
)
from compliance.integrations.outbound import (
    Comment,
    NewIssue,
    Note,
    Place,
    Status,
    StatusState,
    Thread,
    clipped,
    limited,
    upsert,
    with_comment,
)
from compliance.models import Connection

LABEL = "Gitea or Forgejo"
KIND: Literal["forge"] = "forge"
API_URL = "https://gitea.example.org/api/v1"
WEB = WebPages(("gitea", "forgejo", "codeberg"), "codeberg.org", api_path="/api/v1")
ACCOUNT = ""
CREDENTIALS = (
    "Create an access token with the permissions read:user, write:repository and write:issue. Its user must "
    "be an administrator of the repository to let the webhook be installed."
)

EVENTS = ("push", "issues", "pull_request", "status")
"""The events that are asked for. `issues` and `pull_request` include those about labels and new commits. An
update resets what it doesn't contain.
"""

_STATES = {
    StatusState.PENDING: "pending",
    StatusState.RUNNING: "pending",
    StatusState.SUCCESS: "success",
    StatusState.FAILURE: "failure",
    StatusState.ERROR: "error",
}
_LONGEST_DESCRIPTION = 255
_LONGEST_BODY = 65_000
"""MySQL's columns have 65,535 bytes, and Gitea itself no limit."""
_LONGEST_TITLE = 255

_PAGE = 50


def identify(found: Connection) -> Identity:
    """Return the token's user. The API doesn't tell the token's permissions."""
    return Identity(text_at(_session(found).read("GET", "/user"), "login", LABEL))


def git_user(_: Connection) -> str:
    """Return the user name with which git sends the token.

    Gitea accepts any user name with a token.
    """
    return "git"


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


def list_pull_requests(found: Connection, project: str, branch: str) -> Iterable[Mapping[str, Any]]:  # noqa: ARG001
    """Return the open pull requests to any branch, because old versions have no filter for it."""
    return pages_of(_session(found), f"/repos/{project}/pulls?state=open&limit={_PAGE}", _PAGE)


def post_status(at: Place, status: Status) -> str:
    """Set a commit's status. There is one for each context: the newest."""
    session, path = _session(at.connection), f"/repos/{at.project}/statuses/{status.commit}"
    values = {
        "context": status.name,
        "description": clipped(status.description, _LONGEST_DESCRIPTION),
        "target_url": status.url,
    }
    state = _STATES[StatusState(status.state)]
    if at.tried:
        listed = pages_of(session, f"{path}?sort=highestindex&limit={_PAGE}", _PAGE)
        newest = next((row for row in limited(listed) if row.get("context") == status.name), {})
        # An answer calls `status` what a request calls `state`.
        if all(newest.get(name) == value for name, value in (values | {"status": state}).items()):
            return text_at(newest, "id", LABEL)
    return text_at(session.read("POST", path, values | {"state": state}), "id", LABEL)


def upsert_comment(at: Place, comment: Comment) -> str:
    """Update the comment on a pull request or create it. Gitea's pull requests are issues."""
    return upsert(at, _thread(at), with_comment(at, comment.body, _LONGEST_BODY), create=comment.create)


def upsert_issue_note(at: Place, note: Note) -> str:
    """Update the comment on an issue or create it."""
    return upsert(at, _thread(at), with_comment(at, note.body, _LONGEST_BODY))


def create_issue(at: Place, new: NewIssue) -> str:
    """Create an issue unless an earlier attempt did."""
    session, path = _session(at.connection), f"/repos/{at.project}/issues"
    if at.tried and at.since:
        since = at.since.strftime("%Y-%m-%dT%H:%M:%SZ")
        query = f"state=all&type=issues&since={since}&limit={_PAGE}"
        listed = pages_of(session, f"{path}?{query}", _PAGE)
        if found := next((row for row in limited(listed) if at.is_in(row.get("body"))), None):
            return text_at(found, "number", LABEL)
    values = {"title": clipped(new.title, _LONGEST_TITLE), "body": with_comment(at, new.body, _LONGEST_BODY)}
    return text_at(session.read("POST", path, values), "number", LABEL)


def issue_path(key: str) -> str:
    """Return the path of an issue's page, relative to the repository's web address."""
    return f"issues/{key}"


def line_path(commit: str, path: str, line: int) -> str:
    """Return the path of a line's page, relative to the repository's web address."""
    return f"src/commit/{commit}/{path}#L{line}"


def _thread(at: Place) -> Thread:
    """Return the comments on an issue or pull request, which Gitea lists without pages."""
    session, issues = _session(at.connection), f"/repos/{at.project}/issues"
    path = f"{issues}/{at.number}/comments"
    return Thread(
        listed=lambda: (
            (str(row.get("id")), str(row.get("body"))) for row in objects(session.read("GET", path), LABEL)
        ),
        create=lambda text: text_at(session.read("POST", path, {"body": text}), "id", LABEL),
        update=lambda known, text: session.ask("PATCH", f"{issues}/comments/{known}", {"body": text}),
    )


def _session(found: Connection) -> Session:
    return bearer(found, LABEL, base_of(found, "/api/v1"), "token")


def _url_of(entry: Mapping[str, Any]) -> str:
    config = entry.get("config")
    return str(config.get("url", "")) if isinstance(config, dict) else ""
