"""Bitbucket Data Center's deliveries."""

import hashlib
import hmac
from typing import Any

from tests.integrations.senders import START, Pull, Sent, Ticket

NAME = "bitbucket-dc"
HAS_ISSUES = False
PAGE = "https://git.example.org/projects/NW/repos/shop"
REPOSITORY = {"slug": "shop", "id": 84, "name": "shop", "project": {"key": "NW", "name": "Northwind"}}
ADA = {"name": "ada", "emailAddress": "ada@example.org", "id": 3, "displayName": "Ada L.", "slug": "ada"}
EVENTS = {
    "opened": "pr:opened",
    "updated": "pr:from_ref_updated",
    "retargeted": "pr:modified",
    "merged": "pr:merged",
    "closed": "pr:declined",
    "reopened": "pr:reopened",
    "deleted": "pr:deleted",
}


def change(ref: str, before: str, after: str) -> dict[str, Any]:
    kind = "ADD" if set(before) == {"0"} else "DELETE" if set(after) == {"0"} else "UPDATE"
    name = ref.split("/", 2)[2]
    where = {"id": ref, "displayId": name, "type": "BRANCH" if "/heads/" in ref else "TAG"}
    return {"ref": where, "refId": ref, "fromHash": before, "toHash": after, "type": kind}


def pushes(*changes: dict[str, Any]) -> Sent:
    event = {"eventKey": "repo:refs_changed", "date": "2026-03-02T09:00:00+0000", "actor": ADA}
    return Sent("repo:refs_changed", {**event, "repository": REPOSITORY, "changes": list(changes)})


def push(branch: str, before: str, after: str) -> Sent:
    return pushes(change(f"refs/heads/{branch}", before, after))


def tag(name: str, after: str) -> Sent:
    return pushes(change(f"refs/tags/{name}", "0" * 40, after))


def issue(ticket: Ticket) -> Sent:
    raise NotImplementedError


def pull(pull: Pull, **more: Any) -> Sent:
    request = {
        "id": 41,
        "version": pull.later,
        "title": pull.title,
        "state": {"closed": "DECLINED"}.get(pull.state, pull.state.upper()),
        "open": pull.state == "open",
        "closed": pull.state != "open",
        "createdDate": int(START.timestamp() * 1000),
        "updatedDate": int(pull.at.timestamp() * 1000) + 90,
        "fromRef": {"id": "refs/heads/part", "latestCommit": pull.head, "repository": REPOSITORY},
        "toRef": {"id": f"refs/heads/{pull.base}", "latestCommit": "b" * 40, "repository": REPOSITORY},
        "author": {"user": ADA, "role": "AUTHOR", "approved": False, "status": "UNAPPROVED"},
        "links": {"self": [{"href": f"{PAGE}/pull-requests/41"}]},
        **more,
    }
    event = EVENTS[pull.action]
    payload = {"eventKey": event, "date": f"{pull.at:%Y-%m-%dT%H:%M:%S}+0000", "actor": ADA}
    former = {"id": f"refs/heads/{pull.before}", "displayId": pull.before, "type": "BRANCH"}
    changes: dict[str, dict[str, Any]] = {
        "updated": {"previousFromHash": pull.before},
        "retargeted": {"previousTitle": pull.title, "previousTarget": former},
    }
    return Sent(event, {**payload, "pullRequest": request, **changes.get(pull.action, {})})


def headers(sent: Sent, delivery: str, body: bytes, secret: str) -> dict[str, str]:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Event-Key": sent.event, "X-Request-Id": delivery, "X-Hub-Signature": f"sha256={signature}"}
