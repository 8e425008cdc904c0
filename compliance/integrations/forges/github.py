"""GitHub's webhooks: https://docs.github.com/webhooks/webhook-events-and-payloads."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from compliance.integrations.issues import IssueNews
from compliance.integrations.provider import Event, PayloadError, Push
from compliance.integrations.pull_requests import PullNews

LABEL = "GitHub"
INSTRUCTIONS = (
    "In GitHub, open Settings > Webhooks and add a webhook with this payload URL and secret, the content "
    "type application/json, and the events Pushes, Issues and Pull requests."
)

_TASK = re.compile(r"^ {0,12}(?:[-*+]|\d{1,9}[.)]) {1,4}\[([ xX])\] +(\S[^\n]*)", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(```|~~~)[^\n]*\n.*?(?:^ {0,3}\1[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_NO_COMMIT = re.compile(r"0{40}(0{24})?")
_GONE = {"deleted": "deleted", "transferred": "transferred"}


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> bool:
    """Return true if `X-Hub-Signature-256` is the HMAC of the body; the older SHA-1 header is not
    accepted.
    """
    given = headers.get("X-Hub-Signature-256", "").encode("utf-8", "surrogateescape")
    matches = [
        hmac.compare_digest(
            b"sha256=" + hmac.new(key.encode(), body, hashlib.sha256).hexdigest().encode(), given
        )
        for key in secrets
        if key
    ]
    return any(matches)


def name(headers: Mapping[str, str]) -> tuple[str, str]:
    """Return the delivery's id, which a redelivery repeats, and the event."""
    return headers.get("X-GitHub-Delivery", ""), headers.get("X-GitHub-Event", "")


def parse(event: str, payload: Mapping[str, Any]) -> Event:
    """Return `ping`, `push`, `issues` and `pull_request` in the common shape; other events are ignored."""
    match event:
        case "ping":
            return Event("ping", reason="The webhook works.")
        case "push":
            return _push(payload)
        case "issues":
            return Event("issue", issue=_issue(payload))
        case "pull_request":
            return Event("pull", pull=_pull(payload))
    return Event("ignored", reason=f"The event {event!r} is ignored.")


def _push(payload: Mapping[str, Any]) -> Event:
    ref, after = _text(payload, "ref"), _text(payload, "after")
    if ref.startswith("refs/tags/"):
        return Event("ignored", reason="Tags do not affect the tracked branch.")
    if not ref.startswith("refs/heads/"):
        return Event("ignored", reason=f"{ref} is not a branch.")
    deleted = payload.get("deleted") is True or bool(_NO_COMMIT.fullmatch(after))
    forced = payload.get("forced") is True
    return Event("push", push=Push(ref.removeprefix("refs/heads/"), after, deleted, forced))


def _issue(payload: Mapping[str, Any]) -> IssueNews:
    action, issue = _text(payload, "action"), payload.get("issue")
    if not isinstance(issue, dict):
        raise PayloadError("'issue' is missing")
    number, labels = issue.get("number"), issue.get("labels")
    if not isinstance(number, int) or isinstance(number, bool):
        raise PayloadError("'issue.number' is not a number")
    return IssueNews(
        key=f"#{number}",
        state=_GONE.get(action) or _text(issue, "state"),
        title=_text(issue, "title"),
        labels=tuple(_text(label, "name") for label in labels or () if isinstance(label, dict)),
        checklist=checklist(issue.get("body") or ""),
        url=_text(issue, "html_url"),
        updated_at=_time(_text(issue, "updated_at")),
    )


def _pull(payload: Mapping[str, Any]) -> PullNews:
    pull = _part(payload, "pull_request")
    number = pull.get("number")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 < number < 2**31:
        raise PayloadError("'pull_request.number' is not a pull request number")
    return PullNews(
        number=number,
        title=_text(pull, "title"),
        url=_text(pull, "html_url"),
        author=_text(_part(pull, "user"), "login"),
        state="merged" if pull.get("merged") is True else _text(pull, "state")[:6],
        head=_text(_part(pull, "head"), "sha")[:64],
        base=_text(_part(pull, "base"), "ref"),
        updated_at=_time(_text(pull, "updated_at")),
    )


def checklist(body: str) -> tuple[tuple[str, bool], ...]:
    """Return the task list of a Markdown body, without fenced code: (text, done) in order."""
    text = _FENCE.sub("", body.replace("\r\n", "\n"))
    return tuple((words.strip(), mark != " ") for mark, words in _TASK.findall(text))


def _part(values: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = values.get(key)
    if not isinstance(value, dict):
        raise PayloadError(f"{key!r} is missing")
    return value


def _text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key)
    if not isinstance(value, str):
        raise PayloadError(f"{key!r} is missing or not text")
    return value


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise PayloadError(f"{text!r} is not a valid time") from None
    if time.tzinfo is None:
        raise PayloadError(f"{text!r} has no time zone")
    return time
