"""Gitea's deliveries; Forgejo sends the same with its own headers besides."""

import hashlib
import hmac
from typing import Any

from tests.integrations.senders import START, Pull, Sent, Ticket

NAME = "gitea"
HAS_ISSUES = True
REPOSITORY = {
    "id": 7,
    "name": "shop",
    "full_name": "northwind/shop",
    "default_branch": "main",
    "html_url": "https://gitea.example.org/northwind/shop",
}
ADA = {"id": 3, "login": "ada", "username": "ada"}


def push(branch: str, before: str, after: str) -> Sent:
    if set(after) == {"0"}:
        return Sent("delete", {"ref": branch, "ref_type": "branch", "repository": REPOSITORY, "sender": ADA})
    payload = {"ref": f"refs/heads/{branch}", "before": before, "after": after, "commits": []}
    return Sent("push", {**payload, "repository": REPOSITORY, "pusher": ADA, "sender": ADA})


def tag(name: str, after: str) -> Sent:
    return Sent("create", {"sha": after, "ref": name, "ref_type": "tag", "repository": REPOSITORY})


def issue(ticket: Ticket, event: str = "issues", **more: Any) -> Sent:
    issue = {
        "id": 99,
        "number": 12,
        "user": ADA,
        "title": ticket.title,
        "body": ticket.body,
        "labels": [{"id": 1, "name": label, "color": "ff0000"} for label in ticket.labels],
        "state": ticket.state,
        "created_at": START.isoformat(),
        "updated_at": ticket.at.isoformat(),
        "pull_request": None,
        "html_url": "https://gitea.example.org/northwind/shop/issues/12",
        **more,
    }
    payload = {"action": ticket.action, "number": 12, "issue": issue, "repository": REPOSITORY, "sender": ADA}
    return Sent(event, payload)


def pull(pull: Pull, event: str = "pull_request", **more: Any) -> Sent:
    request = {
        "id": 501,
        "number": 41,
        "user": ADA,
        "title": pull.title,
        "body": "",
        "state": "open" if pull.state == "open" else "closed",
        "merged": pull.state == "merged",
        "html_url": "https://gitea.example.org/northwind/shop/pulls/41",
        "base": {"label": pull.base, "ref": pull.base, "sha": "b" * 40, "repo": REPOSITORY},
        "head": {"label": "part", "ref": "part", "sha": pull.head, "repo": None},
        "updated_at": pull.at.isoformat(),
        **more,
    }
    action = {"updated": "synchronized", "retargeted": "edited", "merged": "closed"}
    payload = {"action": action.get(pull.action, pull.action), "number": 41, "pull_request": request}
    changes = {"changes": {"ref": {"from": pull.before}}} if pull.action == "retargeted" else {}
    return Sent(event, {**payload, **changes, "repository": REPOSITORY, "sender": ADA})


def headers(sent: Sent, delivery: str, body: bytes, secret: str) -> dict[str, str]:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {
        "X-Gitea-Event": sent.event,
        "X-Gitea-Event-Type": sent.event,
        "X-Gitea-Delivery": delivery,
        "X-Gitea-Signature": signature,
        "X-GitHub-Event": sent.event,
        "X-GitHub-Event-Type": sent.event,
        "X-GitHub-Delivery": delivery,
        "X-Hub-Signature-256": f"sha256={signature}",
    }


def forgejo(sent: Sent, delivery: str, body: bytes, secret: str) -> dict[str, str]:
    """The headers of Forgejo."""
    both = headers(sent, delivery, body, secret)
    own = {name.replace("Gitea", "Forgejo"): value for name, value in both.items() if "Gitea" in name}
    return {**both, **own}
