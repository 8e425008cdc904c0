"""GitLab's REST API: https://docs.gitlab.com/api/rest/. Every GitLab has it at /api/v4."""

import logging
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import quote

from compliance.integrations.api import (
    ApiError,
    Hook,
    Identity,
    Session,
    WebPages,
    base_of,
    find_hook,
    pages_of,
    remove_hook,
    text_at,
)
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

LABEL = "GitLab"
KIND: Literal["forge"] = "forge"
API_URL = "https://gitlab.com/api/v4"
WEB = WebPages(("gitlab",), "gitlab.com", api_path="/api/v4", commit="-/commit")
ACCOUNT = ""
CREDENTIALS = (
    "Create a project, group or personal access token with the scope api and, to let the webhook be "
    "installed, the role Maintainer."
)

_STATES = {
    StatusState.PENDING: "pending",
    StatusState.RUNNING: "running",
    StatusState.SUCCESS: "success",
    StatusState.FAILURE: "failed",
    StatusState.ERROR: "failed",
}
_LATER = {"pending": {"pending", "running"}, "running": {"running"}}
"""The states of an unfinished status from which GitLab refuses to change to this one."""

_LONGEST_DESCRIPTION = 255
_LONGEST_TARGET = 255
_LONGEST_BODY = 1_000_000
_LONGEST_TITLE = 255
_ACTION = re.compile(r"^(\s*)/(?=[a-z])")
"""A line that GitLab would carry out, such as /close."""

_PAGE = 100
_NOT_PERMITTED = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)

log = logging.getLogger(__name__)


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


def git_user(_: Connection) -> str:
    """Return the user name with which git sends the token.

    GitLab accepts any user name with a token; this is the documented one.
    """
    return "oauth2"


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


def list_pull_requests(found: Connection, project: str, branch: str) -> Iterable[Mapping[str, Any]]:
    """Return the open merge requests to a branch."""
    path = f"/projects/{quote(project, safe='')}/merge_requests?scope=all&state=opened"
    return pages_of(_session(found), f"{path}&target_branch={quote(branch, safe='')}&per_page={_PAGE}", _PAGE)


def post_status(at: Place, status: Status) -> str:
    """Set a commit's status. At a merge request from a fork, GitLab shows and requires only the pipelines of
    the fork, so set it there as well, if the token may do that.
    """
    session, root = _session(at.connection), _root(at.project)
    posted = _post_at(session, root, status, tried=at.tried)
    if fork := _fork_of(session, root, status.pull):
        try:
            _post_at(session, fork, status, tried=at.tried)
        except ApiError as error:
            if error.status not in _NOT_PERMITTED:
                raise
            log.info("The status of !%s can't be set in its fork: %s", status.pull, error)
    return posted


def _post_at(session: Session, root: str, status: Status, *, tried: bool) -> str:
    """Set a status in a project, unless it has that state already, which GitLab would refuse to repeat."""
    state = _STATES[StatusState(status.state)]
    values = {
        "state": state,
        "name": status.name,
        "description": clipped(status.description, _LONGEST_DESCRIPTION),
    }
    if len(status.url) <= _LONGEST_TARGET:
        values["target_url"] = status.url
    path = f"{root}/repository/commits/{status.commit}/statuses?name={quote(status.name, safe='')}"
    listed = pages_of(session, f"{path}&per_page={_PAGE}", _PAGE)
    newest = max(limited(listed), key=lambda row: int(row.get("id") or 0), default={})
    is_same = newest.get("status") == state and newest.get("description") == values["description"]
    if (tried and is_same) or newest.get("status") in _LATER.get(state, ()):
        return text_at(newest, "id", LABEL)
    if status.ref and not newest and not _has_pipeline(session, root, status.commit):
        # GitLab would take any branch that has the commit, and refuse a commit that is only in a fork.
        values["ref"] = status.ref
    return text_at(session.read("POST", f"{root}/statuses/{status.commit}", values), "id", LABEL)


def _fork_of(session: Session, root: str, number: str) -> str:
    """Return the path of the project from which a merge request comes, or an empty text if that is the
    target, or no longer exists.
    """
    if not number:
        return ""
    try:
        told = session.read("GET", f"{root}/merge_requests/{number}")
    except ApiError as error:
        if error.status not in _NOT_PERMITTED:
            raise
        return ""
    source = told.get("source_project_id") if isinstance(told, dict) else None
    is_fork = isinstance(source, int) and source != told.get("target_project_id")
    return _root(str(source)) if is_fork else ""


def _has_pipeline(session: Session, root: str, commit: str) -> bool:
    """Return true if a commit has a pipeline, to which GitLab adds statuses, or nobody may read that."""
    try:
        return any(True for _ in pages_of(session, f"{root}/pipelines?sha={commit}&per_page=1", 1, 1))
    except ApiError as error:
        if error.status not in _NOT_PERMITTED:
            raise
        return True


def upsert_comment(at: Place, comment: Comment) -> str:
    """Update the note on a merge request or create it."""
    return upsert(at, _thread(at, "merge_requests"), _text(at, comment.body), create=comment.create)


def upsert_issue_note(at: Place, note: Note) -> str:
    """Update the note on an issue or create it."""
    return upsert(at, _thread(at, "issues"), _text(at, note.body))


def create_issue(at: Place, new: NewIssue) -> str:
    """Create an issue unless an earlier attempt did."""
    session, path = _session(at.connection), f"{_root(at.project)}/issues"
    if at.tried and at.since:
        since = at.since.strftime("%Y-%m-%dT%H:%M:%SZ")
        listed = pages_of(session, f"{path}?scope=all&created_after={since}&per_page={_PAGE}", _PAGE)
        if found := next((row for row in limited(listed) if at.is_in(row.get("description"))), None):
            return text_at(found, "iid", LABEL)
    values = {"title": clipped(new.title, _LONGEST_TITLE), "description": _text(at, new.body)}
    return text_at(session.read("POST", path, values), "iid", LABEL)


def issue_path(key: str) -> str:
    """Return the path of an issue's page, relative to the repository's web address."""
    return f"-/issues/{key}"


def line_path(commit: str, path: str, line: int) -> str:
    """Return the path of a line's page, relative to the repository's web address."""
    return f"-/blob/{commit}/{path}#L{line}"


def _thread(at: Place, what: str) -> Thread:
    """Return the notes on a merge request or an issue, the oldest first."""
    session = _session(at.connection)
    path = f"{_root(at.project)}/{what}/{at.number}/notes"
    return Thread(
        listed=lambda: (
            (str(row.get("id")), str(row.get("body")))
            for row in pages_of(session, f"{path}?sort=asc&per_page={_PAGE}", _PAGE, MOST_COMMENT_PAGES)
        ),
        create=lambda text: text_at(session.read("POST", path, {"body": text}), "id", LABEL),
        update=lambda known, text: session.ask("PUT", f"{path}/{known}", {"body": text}),
    )


def _text(at: Place, body: str) -> str:
    """Return a text with the marker and without lines that GitLab would carry out as quick actions."""
    lines, is_code = [], False
    for line in body.split("\n"):
        is_code ^= line.lstrip().startswith(("```", "~~~"))
        lines.append(line if is_code else _ACTION.sub(r"\1\\/", line))
    return with_comment(at, "\n".join(lines), _LONGEST_BODY)


def _session(found: Connection) -> Session:
    headers = {"PRIVATE-TOKEN": found.token}
    return Session(LABEL, base_of(found, "/api/v4"), headers, (found.token, found.webhook_secret))


def _root(project: str) -> str:
    return f"/projects/{quote(project, safe='')}"


def _hooks(project: str) -> str:
    return f"{_root(project)}/hooks"
