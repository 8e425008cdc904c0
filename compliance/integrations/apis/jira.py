"""The APIs of Jira Cloud and Jira Data Center, which tell themselves apart.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/ and, for the webhooks of both,
https://developer.atlassian.com/cloud/jira/platform/webhooks/.
"""

import re
from collections.abc import Iterable
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import quote

from compliance.integrations import known_issues
from compliance.integrations.api import (
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
from compliance.integrations.outbound import (
    NewIssue,
    Note,
    Place,
    clipped,
)
from compliance.models import Connection

LABEL = "Jira"
KIND: Literal["tracker"] = "tracker"
API_URL = "https://example.atlassian.net"
ACCOUNT = "E-mail address of the Atlassian account, for Jira Cloud"
CREDENTIALS = (
    "For Jira Cloud, create an API token and give the e-mail address of its account. For Jira Data Center, "
    "create a personal access token. The account must be a Jira administrator to let the webhook be "
    "installed."
)

EVENTS = ("jira:issue_created", "jira:issue_updated", "jira:issue_deleted")

FINDS_AFTER = timedelta(minutes=2)
"""Time after which Jira's search finds a new issue. It is usually seconds, and Atlassian guarantees none."""

_PERMISSIONS = ("ADMINISTER", "BROWSE_PROJECTS", "ADD_COMMENTS", "LINK_ISSUES", "CREATE_ISSUES")
_HOOKS = "/rest/webhooks/1.0/webhook"

_WIKI = re.compile(r"[{}\[\]!*_~^+|#?]|(?<!\w)-")
"""What wiki markup consists of, among it mentions ([~ada]), macros ({code}) and pictures (!x!)."""

_WIKI_LABEL = "Progress, files and history"
_URL_CHARACTERS = ":/?#&=%~.-_,"

_LONGEST_LINE = 255
_LONGEST_BODY = 32_000
"""Jira accepts 32,767 characters."""


def identify(found: Connection) -> Identity:
    """Return the token's user and those of their permissions that matter."""
    session = _session(found)
    version = _version(session)
    name = text_at(session.read("GET", f"/rest/api/{version}/myself"), "displayName", LABEL)
    wanted = ",".join(_PERMISSIONS)
    held: Any = session.read("GET", f"/rest/api/{version}/mypermissions?permissions={wanted}")
    permissions = held.get("permissions") if isinstance(held, dict) else None
    entries = permissions if isinstance(permissions, dict) else {}
    return Identity(name, tuple(key for key in _PERMISSIONS if _is_held(entries.get(key))))


def install(found: Connection, project: str, hook: Hook) -> str:  # noqa: ARG001  (one webhook for all projects)
    """Add the webhook, or update the one that has its URL.

    Jira Cloud signs with the secret. Jira Data Center has no secrets, so its URL contains it.
    """
    session = _session(found)
    is_cloud = _is_cloud(session)
    entries = objects(session.read("GET", _HOOKS), LABEL)
    listed = [(_id_of(entry), str(entry.get("url")).partition("?")[0]) for entry in entries]
    values: dict[str, Any] = {
        "name": "SSOT compliance",
        "url": hook.url if is_cloud else f"{hook.url}?secret={quote(hook.secret, safe='')}",
        "events": list(EVENTS),
        "filters": {"issue-related-events-section": _query(found)},
        "excludeBody": False,
        **({"secret": hook.secret} if is_cloud else {}),
    }
    if known := find_hook(listed, hook):
        session.ask("PUT", f"{_HOOKS}/{known}", values)
        return known
    return _id_of(session.read("POST", _HOOKS, values))


def remove(found: Connection, project: str, hook_id: str) -> None:  # noqa: ARG001
    """Remove the webhook."""
    remove_hook(_session(found), f"{_HOOKS}/{hook_id}")


def upsert_issue_note(at: Place, note: Note) -> str:
    """Link an issue to the note's URL. The link that is known is updated, and otherwise the one that has the
    same global id, which Jira finds itself.

    The global id is the marker, because the URL changes if PUBLIC_URL does.
    """
    session = _session(at.connection)
    path = f"/rest/api/{_version(session)}/issue/{quote(at.subject, safe='')}/remotelink"
    values = {
        "globalId": f"ssot-compliance={at.markers[0]}",
        "application": {"type": "ssot-compliance", "name": "SSOT compliance"},
        "object": {
            "url": note.url,
            "title": clipped(note.title, _LONGEST_LINE),
            "summary": clipped(note.summary, _LONGEST_LINE),
            "status": {"resolved": note.is_resolved},
        },
    }
    if known := at.known or _linked(session, path, at.markers[1:]):
        try:
            session.ask("PUT", f"{path}/{quote(known, safe='')}", values)
        except ApiError as error:
            if error.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
                raise
        else:
            return known
    return text_at(session.read("POST", path, values), "id", LABEL)


def _linked(session: Session, path: str, markers: Iterable[str]) -> str:
    """Return the id of the link that was made with a former secret key, or an empty string."""
    for marker in markers:
        try:
            found = session.read("GET", f"{path}?globalId={quote(f'ssot-compliance={marker}', safe='')}")
        except ApiError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise
        else:
            return text_at(found, "id", LABEL)
    return ""


def create_issue(at: Place, new: NewIssue) -> str:
    """Create an issue in the project whose key is the prefix, unless an earlier attempt did.

    A label marks it, because Jira's search finds labels exactly. The search may need some time until it finds
    a new issue, so the outbox waits before it tries again (`FINDS_AFTER`), and the webhook may have reported
    the issue already.
    """
    session = _session(at.connection)
    version = _version(session)
    if at.tried:
        if reported := known_issues.key_of_labelled(at.connection, at.markers):
            return reported
        labels = ", ".join(f'"{marker}"' for marker in at.markers)
        query = quote(f'project = "{new.prefix}" AND labels in ({labels})', safe="")
        search = "search/jql" if version == "3" else "search"
        path = f"/rest/api/{version}/{search}?jql={query}&fields=summary&maxResults=1"
        found: Any = session.read("GET", path)
        for entry in objects(found.get("issues") if isinstance(found, dict) else None, LABEL):
            return text_at(entry, "key", LABEL)
    body = clipped(new.plain or new.body, _LONGEST_BODY)
    fields = {
        "project": {"key": new.prefix},
        "issuetype": {"name": new.kind},
        "summary": clipped(new.title.replace("\n", " "), _LONGEST_LINE),
        "description": _document(body, new.url) if version == "3" else _wiki_text(body, new.url),
        "labels": [at.markers[0]],
    }
    return text_at(session.read("POST", f"/rest/api/{version}/issue", {"fields": fields}), "key", LABEL)


def issue_path(key: str) -> str:
    """Return the path of an issue's page, relative to the API's address."""
    return f"browse/{key}"


def _document(text: str, url: str) -> dict[str, Any]:
    """Return a text in the Atlassian Document Format: a paragraph for each block of lines, and a link."""
    blocks = [block.split("\n") for block in text.split("\n\n") if block.strip()]
    content = [_paragraph(lines) for lines in blocks]
    if url:
        mark = {"type": "link", "attrs": {"href": url}}
        content.append({"type": "paragraph", "content": [{"type": "text", "text": url, "marks": [mark]}]})
    return {"type": "doc", "version": 1, "content": content}


def _wiki_text(text: str, url: str) -> str:
    """Return a text for Jira Data Center, which reads descriptions as its wiki's markup, and a link."""
    # Two backslashes are a line break, so a backslash is written by its number.
    shown = "&#92;".join(_WIKI.sub(r"\\\g<0>", part) for part in text.split("\\"))
    return f"{shown}\n\n[{_WIKI_LABEL}|{quote(url, safe=_URL_CHARACTERS)}]" if url else shown


def _paragraph(lines: list[str]) -> dict[str, Any]:
    content: list[dict[str, str]] = []
    for line in filter(None, lines):  # an empty text is invalid
        content += [{"type": "hardBreak"}] if content else []
        content.append({"type": "text", "text": line})
    return {"type": "paragraph", "content": content}


def _version(session: Session) -> str:
    """Return the version of the API: Jira Cloud's is 3, and Jira Data Center's 2."""
    return "3" if _is_cloud(session) else "2"


def _session(found: Connection) -> Session:
    make = basic if found.account else bearer
    return make(found, LABEL, base_of(found))


def _is_cloud(session: Session) -> bool:
    return text_at(session.read("GET", "/rest/api/2/serverInfo"), "deploymentType", LABEL) == "Cloud"


def _query(found: Connection) -> str:
    """Return the JQL query that limits the webhook to the projects whose keys are the prefixes."""
    return f"project in ({', '.join(found.prefixes)})" if found.prefixes else ""


def _id_of(entry: Any) -> str:
    """Return the id of a webhook, which Jira gives as the last part of its address."""
    known = text_at(entry, "self", LABEL).rstrip("/").rpartition("/")[2]
    if not known:
        raise ApiError(f"{LABEL} answered without the webhook's id.")
    return known


def _is_held(entry: Any) -> bool:
    return isinstance(entry, dict) and entry.get("havePermission") is True
