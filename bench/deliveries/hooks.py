"""Webhooks as each provider sends them: pushes, and an issue at its version 1, 2, 3 and so on."""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

BEGAN = datetime(2026, 11, 2, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Receiver:
    """A repository or a connection, as the address of its webhook names it."""

    provider: str
    slug: str
    secret: str
    project: str = ""


@dataclass(frozen=True)
class Hook:
    """A request that is ready to be sent."""

    path: str
    headers: dict[str, str]
    body: bytes


def state_of(version: int) -> str:
    """The state of an issue at a version: every third closes it, and the next one reopens it."""
    return "open" if version % 3 else "closed"


def title_of(version: int) -> str:
    return f"Version {version}"


def _at(version: int) -> datetime:
    return BEGAN + timedelta(minutes=version)


def signed(body: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _hook(receiver: Receiver, payload: dict[str, Any], headers: Callable[[bytes], dict[str, str]]) -> Hook:
    body = json.dumps(payload).encode()
    path = f"/webhooks/{receiver.provider}/{receiver.slug}/"
    return Hook(path, {"Content-Type": "application/json", **headers(body)}, body)


def _github(receiver: Receiver, event: str, delivery: str, payload: dict[str, Any]) -> Hook:
    """GitHub's and, with other names of the headers, Gitea's."""
    name, prefix = ("GitHub", "sha256=") if receiver.provider == "github" else ("Gitea", "")
    signature = "X-Hub-Signature-256" if receiver.provider == "github" else "X-Gitea-Signature"
    return _hook(
        receiver,
        {"repository": {"full_name": receiver.project, "default_branch": "main"}, **payload},
        lambda body: {
            f"X-{name}-Event": event,
            f"X-{name}-Delivery": delivery,
            signature: prefix + signed(body, receiver.secret),
        },
    )


def _gitlab(receiver: Receiver, event: str, delivery: str, payload: dict[str, Any]) -> Hook:
    project = {
        "path_with_namespace": receiver.project,
        "default_branch": "main",
        "web_url": f"https://git.example.org/{receiver.project}",
    }
    return _hook(
        receiver,
        {"project": project, **payload},
        lambda _: {
            "X-Gitlab-Event": event,
            "X-Gitlab-Token": receiver.secret,
            "Idempotency-Key": delivery,
        },
    )


def push(receiver: Receiver, delivery: str, sha: str) -> Hook:
    """A push to the tracked branch."""
    payload = {"ref": "refs/heads/main", "before": "0" * 40, "after": sha}
    if receiver.provider == "gitlab":
        return _gitlab(receiver, "Push Hook", delivery, {**payload, "checkout_sha": sha})
    return _github(receiver, "push", delivery, payload)


def issue(receiver: Receiver, delivery: str, number: int, version: int) -> Hook:
    """An issue of a forge."""
    url = f"https://git.example.org/{receiver.project}/issues/{number}"
    at, is_open = _at(version), state_of(version) == "open"
    if receiver.provider == "gitlab":
        attributes = {
            "iid": number,
            "title": title_of(version),
            "state": "opened" if is_open else "closed",
            "action": "update",
            "description": "- [ ] Step",
            "updated_at": at.strftime("%Y-%m-%d %H:%M:%S UTC"),
            "url": url,
        }
        payload: dict[str, Any] = {"object_kind": "issue", "object_attributes": attributes, "labels": []}
        return _gitlab(receiver, "Issue Hook", delivery, payload)
    payload = {
        "action": "edited",
        "issue": {
            "number": number,
            "title": title_of(version),
            "state": state_of(version),
            "body": "- [ ] Step",
            "labels": [],
            "html_url": url,
            "updated_at": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        },
    }
    return _github(receiver, "issues", delivery, payload)


def tracker_issue(receiver: Receiver, delivery: str, key: str, version: int) -> Hook:
    """An issue of Jira or Linear."""
    return (_jira if receiver.provider == "jira" else _linear)(receiver, delivery, key, version)


def _jira(receiver: Receiver, delivery: str, key: str, version: int) -> Hook:
    category = "done" if state_of(version) == "closed" else "new"
    fields = {
        "summary": title_of(version),
        "labels": [],
        "updated": _at(version).strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "status": {"statusCategory": {"key": category}},
        "subtasks": [],
    }
    payload = {
        "timestamp": int(_at(version).timestamp() * 1000),
        "webhookEvent": "jira:issue_updated",
        "issue": {"key": key, "fields": fields},
    }
    return _hook(
        receiver,
        payload,
        lambda body: {
            "X-Hub-Signature": f"sha256={signed(body, receiver.secret)}",
            "X-Atlassian-Webhook-Identifier": delivery,
        },
    )


def _linear(receiver: Receiver, delivery: str, key: str, version: int) -> Hook:
    data = {
        "identifier": key,
        "title": title_of(version),
        "description": "- [ ] Step",
        "state": {"type": "completed" if state_of(version) == "closed" else "started"},
        "labels": [],
        "url": f"https://linear.app/shop/issue/{key}",
        "updatedAt": _at(version).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }
    payload = {
        "action": "update",
        "type": "Issue",
        "data": data,
        "webhookTimestamp": int(time.time() * 1000),
    }
    return _hook(
        receiver,
        payload,
        lambda body: {"Linear-Signature": signed(body, receiver.secret), "Linear-Delivery": delivery},
    )
