"""GitHub's deliveries."""

import hashlib
import hmac
from typing import Any

from tests.integrations.senders import START, Pull, Sent, Ticket

NAME = "github"
HAS_ISSUES = True
PAGE = "https://github.com/northwind/shop"
REPOSITORY = {"id": 7, "name": "shop", "full_name": "northwind/shop", "default_branch": "main"}
ADA = {"id": 3, "login": "ada"}


def push(branch: str, before: str, after: str) -> Sent:
    payload = {
        "ref": f"refs/heads/{branch}",
        "before": before,
        "after": after,
        "created": set(before) == {"0"},
        "deleted": set(after) == {"0"},
        "forced": False,
        "commits": [],
    }
    return Sent("push", {**payload, "repository": REPOSITORY, "sender": ADA})


def tag(name: str, after: str) -> Sent:
    sent = push("", "0" * 40, after)
    return Sent("push", {**sent.payload, "ref": f"refs/tags/{name}"})


def issue(ticket: Ticket) -> Sent:
    issue = {
        "id": 99,
        "number": 12,
        "user": ADA,
        "title": ticket.title,
        "body": ticket.body or None,
        "labels": [{"id": 1, "name": label, "color": "ff0000"} for label in ticket.labels],
        "state": ticket.state,
        "created_at": f"{START:%Y-%m-%dT%H:%M:%SZ}",
        "updated_at": f"{ticket.at:%Y-%m-%dT%H:%M:%SZ}",
        "html_url": f"{PAGE}/issues/12",
    }
    return Sent("issues", {"action": ticket.action, "issue": issue, "repository": REPOSITORY, "sender": ADA})


def pull(pull: Pull) -> Sent:
    request = {
        "id": 501,
        "number": 41,
        "user": ADA,
        "title": pull.title,
        "state": "open" if pull.state == "open" else "closed",
        "merged": pull.state == "merged",
        "html_url": f"{PAGE}/pull/41",
        "base": {"ref": pull.base, "sha": "b" * 40, "repo": REPOSITORY},
        "head": {"ref": "part", "sha": pull.head, "repo": None},
        "updated_at": f"{pull.at:%Y-%m-%dT%H:%M:%SZ}",
    }
    action = {"updated": "synchronize", "retargeted": "edited", "merged": "closed"}
    payload: dict[str, Any] = {"action": action.get(pull.action, pull.action), "pull_request": request}
    if pull.action == "retargeted":
        payload["changes"] = {"base": {"ref": {"from": pull.before}, "sha": {"from": "b" * 40}}}
    return Sent("pull_request", {**payload, "repository": REPOSITORY, "sender": ADA})


def headers(sent: Sent, delivery: str, body: bytes, secret: str) -> dict[str, str]:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {
        "X-GitHub-Event": sent.event,
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": f"sha256={signature}",
    }
