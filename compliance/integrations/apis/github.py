"""GitHub's REST API: https://docs.github.com/rest. A GitHub Enterprise Server has it at /api/v3."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal
from urllib.parse import quote

from compliance.integrations.api import (
    Hook,
    Identity,
    Session,
    WebPages,
    base_of,
    bearer,
    find_hook,
    pages_of,
    remove_hook,
    text_at,
)
from compliance.integrations.check_runs import post_check_run
from compliance.integrations.github_apps import FORM, app_session, installation_session
from compliance.integrations.outbound import (
    MOST_COMMENT_PAGES,
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

LABEL = "GitHub"
KIND: Literal["forge"] = "forge"
API_URL = "https://api.github.com"
WEB = WebPages(("github",), "github.com", api_host="api.github.com", api_path="/api/v3")
ACCOUNT = ""
CREDENTIALS = (
    "Create a fine-grained token for the repositories, with read and write access to Webhooks, Commit "
    "statuses, Issues and Pull requests; or a classic token with the scopes repo and admin:repo_hook. A "
    "GitHub App needs the same permissions and Checks, and must be installed for the repositories."
)

EVENTS = ("push", "issues", "pull_request", "merge_group", "check_suite", "status")

_STATES = {
    StatusState.PENDING: "pending",
    StatusState.RUNNING: "pending",
    StatusState.SUCCESS: "success",
    StatusState.FAILURE: "failure",
    StatusState.ERROR: "error",
}
_LONGEST_DESCRIPTION = 140
_LONGEST_BODY = 65_536
_LONGEST_TITLE = 256

_PAGE = 100


def identify(found: Connection) -> Identity:
    """Return the token's user and scopes, which GitHub names for classic tokens only, or the App and its
    permissions.
    """
    if found.app_id:
        app = app_session(found).read("GET", "/app")
        permissions = app.get("permissions") if isinstance(app, dict) else None
        held = permissions if isinstance(permissions, dict) else {}
        return Identity(text_at(app, "slug", LABEL), tuple(f"{name}: {held[name]}" for name in sorted(held)))
    session = _token(found)
    answer = session.ask("GET", "/user")
    scopes = answer.headers.get("X-OAuth-Scopes", "")
    named = tuple(sorted(filter(None, (scope.strip() for scope in scopes.split(",")))))
    return Identity(text_at(session.decoded(answer), "login", LABEL), named)


def git_user(_: Connection) -> str:
    """Return the user name with which git sends the token.

    The user name that GitHub documents for the tokens of Apps, which it ignores for others.
    """
    return "x-access-token"


def install(found: Connection, project: str, hook: Hook) -> str:
    """Add the webhook, or update the one that has its URL."""
    session = _session(found, project)
    path = f"/repos/{project}/hooks"
    listed = (
        (str(entry.get("id")), _url_of(entry))
        for entry in pages_of(session, f"{path}?per_page={_PAGE}", _PAGE)
    )
    values = {
        "active": True,
        "events": list(EVENTS),
        "config": {"url": hook.url, "content_type": "json", "secret": hook.secret, "insecure_ssl": "0"},
    }
    if known := find_hook(listed, hook):
        session.ask("PATCH", f"{path}/{known}", values)
        return known
    return text_at(session.read("POST", path, {"name": "web", **values}), "id", LABEL)


def remove(found: Connection, project: str, hook_id: str) -> None:
    """Remove the webhook."""
    remove_hook(_session(found, project), f"/repos/{project}/hooks/{hook_id}")


def list_pull_requests(found: Connection, project: str, branch: str) -> Iterable[Mapping[str, Any]]:
    """Return the open pull requests to a branch."""
    path = f"/repos/{project}/pulls?state=open&base={quote(branch, safe='')}&per_page={_PAGE}"
    return pages_of(_session(found, project), path, _PAGE)


def post_status(at: Place, status: Status) -> str:
    """Set a commit's status. There is one for each context: the newest. An App writes a check run instead."""
    session = _session(at.connection, at.project)
    if at.connection.app_id:
        return post_check_run(session, at, status)
    values = {
        "state": _STATES[StatusState(status.state)],
        "context": status.name,
        "description": clipped(status.description, _LONGEST_DESCRIPTION),
        "target_url": status.url,
    }
    if at.tried:
        listed = pages_of(
            session, f"/repos/{at.project}/commits/{status.commit}/statuses?per_page={_PAGE}", _PAGE
        )
        newest = next((row for row in limited(listed) if row.get("context") == status.name), {})
        if all(newest.get(name) == value for name, value in values.items()):
            return text_at(newest, "id", LABEL)
    return text_at(session.read("POST", f"/repos/{at.project}/statuses/{status.commit}", values), "id", LABEL)


def upsert_comment(at: Place, comment: Comment) -> str:
    """Update the comment on a pull request or create it. GitHub's pull requests are issues."""
    return upsert(at, _thread(at), with_comment(at, comment.body, _LONGEST_BODY), create=comment.create)


def upsert_issue_note(at: Place, note: Note) -> str:
    """Update the comment on an issue or create it."""
    return upsert(at, _thread(at), with_comment(at, note.body, _LONGEST_BODY))


def create_issue(at: Place, new: NewIssue) -> str:
    """Create an issue unless an earlier attempt did."""
    session = _session(at.connection, at.project)
    path = f"/repos/{at.project}/issues"
    if at.tried and at.since:
        since = at.since.strftime("%Y-%m-%dT%H:%M:%SZ")
        listed = pages_of(session, f"{path}?state=all&since={since}&per_page={_PAGE}", _PAGE)
        if found := next((row for row in limited(listed) if at.is_in(row.get("body"))), None):
            return text_at(found, "number", LABEL)
    values = {"title": clipped(new.title, _LONGEST_TITLE), "body": with_comment(at, new.body, _LONGEST_BODY)}
    return text_at(session.read("POST", path, values), "number", LABEL)


def issue_path(key: str) -> str:
    """Return the path of an issue's page, relative to the repository's web address."""
    return f"issues/{key}"


def line_path(commit: str, path: str, line: int) -> str:
    """Return the path of a line's page, relative to the repository's web address."""
    return f"blob/{commit}/{path}#L{line}"


def _thread(at: Place) -> Thread:
    """Return the comments on an issue or pull request."""
    session = _session(at.connection, at.project)
    issues = f"/repos/{at.project}/issues"
    path = f"{issues}/{at.number}/comments"
    return Thread(
        listed=lambda: (
            (str(row.get("id")), str(row.get("body")))
            for row in pages_of(session, f"{path}?per_page={_PAGE}", _PAGE, MOST_COMMENT_PAGES)
        ),
        create=lambda text: text_at(session.read("POST", path, {"body": text}), "id", LABEL),
        update=lambda known, text: session.ask("PATCH", f"{issues}/comments/{known}", {"body": text}),
    )


def _session(found: Connection, project: str) -> Session:
    """Return a session for a repository, with the token of the App's installation if there is an App."""
    return installation_session(found, project) if found.app_id else _token(found)


def _token(found: Connection) -> Session:
    return bearer(found, LABEL, base_of(found), **FORM)


def _url_of(entry: Any) -> str:
    config = entry.get("config")
    return str(config.get("url", "")) if isinstance(config, dict) else ""
