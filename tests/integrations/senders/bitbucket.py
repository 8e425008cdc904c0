"""Bitbucket Cloud's deliveries."""

import hashlib
import hmac
from typing import Any

from tests.integrations.senders import Pull, Sent, Ticket

NAME = "bitbucket"
HAS_ISSUES = False
PAGE = "https://bitbucket.org/northwind/shop"
REPOSITORY = {"type": "repository", "name": "shop", "full_name": "northwind/shop", "uuid": "{7}"}
ADA = {"display_name": "Ada L.", "nickname": "ada", "account_id": "557058:1", "type": "user"}
EVENTS = {"opened": "created", "merged": "fulfilled", "closed": "rejected"}


def ref(kind: str, name: str, sha: str) -> dict[str, Any] | None:
    if set(sha) == {"0"}:
        return None
    target = {"type": "commit", "hash": sha, "date": "2026-03-02T09:00:00+00:00", "message": "Make it"}
    return {"type": kind, "name": name, "target": target}


def change(kind: str, name: str, before: str, after: str) -> dict[str, Any]:
    old, new = ref(kind, name, before), ref(kind, name, after)
    return {
        "old": old,
        "new": new,
        "created": old is None,
        "closed": new is None,
        "forced": False,
        "truncated": False,
        "commits": [],
    }


def pushes(*changes: dict[str, Any]) -> Sent:
    return Sent("repo:push", {"actor": ADA, "repository": REPOSITORY, "push": {"changes": list(changes)}})


def push(branch: str, before: str, after: str) -> Sent:
    return pushes(change("branch", branch, before, after))


def tag(name: str, after: str) -> Sent:
    return pushes(change("tag", name, "0" * 40, after))


def issue(ticket: Ticket) -> Sent:
    raise NotImplementedError


def pull(pull: Pull, **more: Any) -> Sent:
    request = {
        "id": 41,
        "title": pull.title,
        "description": "",
        "state": {"closed": "DECLINED"}.get(pull.state, pull.state.upper()),
        "author": ADA,
        "source": {
            "branch": {"name": "part"},
            "commit": {"type": "commit", "hash": pull.head[:12]},
            "repository": {**REPOSITORY, "full_name": "ada/shop"},
        },
        "destination": {"branch": {"name": pull.base}, "repository": REPOSITORY},
        "merge_commit": None,
        "updated_on": f"{pull.at:%Y-%m-%dT%H:%M:%S}.478612+00:00",
        "links": {"html": {"href": f"{PAGE}/pull-requests/41"}},
        **more,
    }
    payload = {"actor": ADA, "repository": REPOSITORY, "pullrequest": request}
    return Sent(f"pullrequest:{EVENTS.get(pull.action, 'updated')}", payload)


def headers(sent: Sent, delivery: str, body: bytes, secret: str) -> dict[str, str]:
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {
        "X-Event-Key": sent.event,
        "X-Hook-UUID": "{1}",
        "X-Request-UUID": delivery,
        "X-Attempt-Number": "1",
        "X-Hub-Signature": f"sha256={signature}",
    }
