"""GitLab's deliveries."""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

from tests.integrations.senders import START, Pull, Sent, Ticket

NAME = "gitlab"
HAS_ISSUES = True
PROJECT = {
    "id": 7,
    "name": "Shop",
    "path_with_namespace": "northwind/teams/shop",
    "default_branch": "main",
    "web_url": "https://gitlab.example.org/northwind/teams/shop",
}
ADA, BEN = ({"id": 3, "name": "Ada", "username": "ada"}, {"id": 4, "name": "Ben", "username": "ben"})
ISSUE_ACTIONS = {"opened": "open", "closed": "close", "reopened": "reopen"}
PULL_ACTIONS = {"opened": "open", "closed": "close", "reopened": "reopen", "merged": "merge"}


def time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def push(branch: str, before: str, after: str) -> Sent:
    is_gone = set(after) == {"0"}
    payload: dict[str, Any] = {
        "object_kind": "push",
        "event_name": "push",
        "before": before,
        "after": after,
        "ref": f"refs/heads/{branch}",
        "checkout_sha": None if is_gone else after,
        "user_username": "ada",
        "project": PROJECT,
        "commits": [],
        "total_commits_count": 0,
    }
    return Sent("Push Hook", payload)


def tag(name: str, after: str) -> Sent:
    payload = push("", "0" * 40, after).payload
    return Sent("Tag Push Hook", {**payload, "object_kind": "tag_push", "ref": f"refs/tags/{name}"})


def issue(ticket: Ticket, event: str = "Issue Hook", **more: Any) -> Sent:
    attributes = {
        "id": 99_999_999_999,
        "iid": 12,
        "author_id": 3,
        "title": ticket.title,
        "description": ticket.body or None,
        "state": "opened" if ticket.state == "open" else "closed",
        "action": ISSUE_ACTIONS.get(ticket.action, "update"),
        "created_at": time(START),
        "updated_at": time(ticket.at),
        "moved_to_id": None,
        "url": "https://gitlab.example.org/northwind/teams/shop/-/issues/12",
        **more,
    }
    labels = [{"id": 1, "title": label, "color": "#ff0000"} for label in ticket.labels]
    payload = {"object_kind": "issue", "user": BEN, "project": PROJECT, "object_attributes": attributes}
    return Sent(event, {**payload, "labels": labels, "changes": {}})


def pull(pull: Pull, **more: Any) -> Sent:
    attributes = {
        "id": 501,
        "iid": 41,
        "author_id": 3,
        "title": pull.title,
        "description": "",
        "state": "opened" if pull.state == "open" else pull.state,
        "action": PULL_ACTIONS.get(pull.action, "update"),
        "source_branch": "part",
        "target_branch": pull.base,
        "last_commit": {"id": pull.head, "message": "Make it", "timestamp": "2026-03-02T10:00:00+01:00"},
        "draft": False,
        "updated_at": time(pull.at),
        "url": "https://gitlab.example.org/northwind/teams/shop/-/merge_requests/41",
        **({"oldrev": pull.before} if pull.action == "updated" else {}),
        **more,
    }
    targets = {"previous": pull.before, "current": pull.base}
    changes = {"target_branch": targets} if pull.action == "retargeted" else {}
    payload = {
        "object_kind": "merge_request",
        "event_type": "merge_request",
        "user": ADA if pull.action == "opened" else BEN,
        "project": PROJECT,
        "object_attributes": attributes,
        "labels": [],
        "changes": changes,
    }
    return Sent("Merge Request Hook", payload)


def headers(sent: Sent, delivery: str, body: bytes, secret: str) -> dict[str, str]:
    return {"X-Gitlab-Event": sent.event, "X-Gitlab-Token": secret, "Idempotency-Key": delivery}


def signed(sent: Sent, delivery: str, body: bytes, token: str) -> dict[str, str]:
    """The headers of a webhook that has a signing token instead of a secret token."""
    key = base64.b64decode(token.removeprefix("whsec_"))
    content = f"{delivery}.1772442000.".encode() + body
    signature = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    own = {"webhook-id": delivery, "webhook-timestamp": "1772442000"}
    own |= {"webhook-signature": f"v1,{signature}", "Idempotency-Key": delivery}
    return {"X-Gitlab-Event": sent.event, **own}
