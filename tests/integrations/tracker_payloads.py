"""Webhooks as Jira Cloud, Jira Data Center and Linear send them."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from compliance.models import Attachment, Connection, Issue, Repository

BEGAN = datetime(2026, 11, 29, 10, tzinfo=UTC)
SECRET = "hush hush & co"


@dataclass
class Hook:
    """A request to an address below `/webhooks/`, with everything that proves its origin."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""


def moment(minute: float) -> datetime:
    return BEGAN + timedelta(minutes=minute)


def jira_time(minute: float) -> str:
    """A time as Jira writes it: `2026-11-29T02:00:00.000-0800`."""
    return (moment(minute) - timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%S.000-0800")


def jira_status(done: bool) -> dict[str, Any]:
    category = {"id": 3 if done else 4, "key": "done" if done else "indeterminate", "colorName": "green"}
    return {"name": "Erledigt" if done else "In Arbeit", "id": "10001", "statusCategory": category}


def jira(
    change: str, key: str, minute: float, *, done: bool = False, moved_from: str = "", **fields: Any
) -> dict[str, Any]:
    """An event of an issue: `jira("updated", "SHOP-12", 3, done=True, summary="…")`."""
    payload: dict[str, Any] = {
        "timestamp": int(moment(minute).timestamp() * 1000) + 250,
        "webhookEvent": f"jira:issue_{change}",
        "issue_event_type_name": "issue_generic",
        "user": {"accountId": "5c5f88", "displayName": "Ada"},
        "issue": {
            "id": "10041",
            "self": "https://shop.atlassian.net/rest/api/2/issue/10041",
            "key": key,
            "fields": {
                "summary": "A session for each request",
                "labels": ["ssot"],
                "updated": jira_time(minute),
                "status": jira_status(done),
                "resolution": None,
                "issuetype": {"name": "Story", "subtask": False},
                "description": None,
                "subtasks": [],
                **fields,
            },
        },
    }
    if moved_from:
        change_of_key = {"field": "Key", "fieldtype": "jira", "fromString": moved_from, "toString": key}
        payload["changelog"] = {"id": "10129", "items": [{"field": "project", "to": "10001"}, change_of_key]}
    return payload


def jira_subtask(key: str, title: str, *, done: bool = False) -> dict[str, Any]:
    """A subtask as its parent lists it."""
    kind = {"name": "Sub-task", "subtask": True}
    return {
        "id": "10042",
        "key": key,
        "fields": {"summary": title, "status": jira_status(done), "issuetype": kind},
    }


def signed(payload: Mapping[str, Any], secret: str = SECRET, identifier: str = "") -> Hook:
    """A request of Jira Cloud."""
    body = json.dumps(payload).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "X-Hub-Signature": f"sha256={signature}",
        "X-Atlassian-Webhook-Identifier": identifier or str(uuid4()),
        "X-Atlassian-Webhook-Flow": "Primary",
    }
    return Hook(body, headers)


def in_query(payload: Mapping[str, Any], secret: str = SECRET) -> Hook:
    """A request of Jira Data Center, which sends no id and signs nothing."""
    return Hook(json.dumps(payload).encode(), query=urlencode({"secret": secret}))


def linear(action: str, key: str, minute: float, state: str = "started", **data: Any) -> dict[str, Any]:
    """An event of an issue: `linear("update", "ENG-123", 3, "completed", title="…")`."""
    at = moment(minute).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "action": action,
        "type": "Issue",
        "createdAt": at,
        "organizationId": "7a661544",
        "webhookId": "000042e3",
        "url": f"https://linear.app/shop/issue/{key}/a-session-for-each-request",
        "data": {
            "id": "3443a709",
            "createdAt": "2026-11-20T09:00:00.000Z",
            "updatedAt": at,
            "archivedAt": None,
            "number": int(key.rpartition("-")[2]),
            "identifier": key,
            "title": "A session for each request",
            "description": "- [x] Write it\n- [ ] Use it\n",
            "priority": 2,
            "state": {"id": "a19a64b3", "name": state.title(), "type": state, "color": "#e2e2e2"},
            "team": {"id": "9e383f51", "key": key.rpartition("-")[0], "name": "Engineering"},
            "labels": [{"id": "6e4da2ed", "name": "ssot", "color": "#EB5757"}],
            "previousIdentifiers": [],
            **data,
        },
    }


def sent_now(payload: Mapping[str, Any], secret: str = SECRET, delivery: str = "", ago: float = 0) -> Hook:
    """A request of Linear that was sent `ago` seconds ago."""
    body = json.dumps({**payload, "webhookTimestamp": int((time.time() - ago) * 1000)}).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    headers = {
        "Linear-Signature": signature,
        "Linear-Delivery": delivery or str(uuid4()),
        "Linear-Event": str(payload["type"]),
    }
    return Hook(body, headers)


def post(port: int, address: str, hook: Hook) -> tuple[int, str]:
    """Send a request over HTTP; the status and the message of the answer."""
    client = HTTPConnection("127.0.0.1", port, timeout=30)
    path = f"/webhooks/{address}/" + (f"?{hook.query}" if hook.query else "")
    headers = {"Content-Type": "application/json; charset=utf-8", **hook.headers}
    client.request("POST", path, hook.body, headers)
    answer = client.getresponse()
    text = answer.read()
    client.close()
    return answer.status, json.loads(text)["message"]


def tracker(slug: str, provider: str, *prefixes: str, secret: str = SECRET) -> Connection:
    """A connection to a tracker."""
    return Connection.objects.create(
        slug=slug,
        name=slug.title(),
        provider=provider,
        api_url="https://tracker.example.org",
        webhook_secret=secret,
        prefixes=list(prefixes),
    )


def using(connection: Connection, slug: str, *keys: str) -> Repository:
    """A repository that uses the connection and whose plan references these issues."""
    repository = Repository.objects.create(
        slug=slug, name=slug.title(), url=f"/srv/{slug}.git", branch="main"
    )
    Attachment.objects.create(repository=repository, connection=connection, kind=Attachment.Kind.TRACKER)
    for order, key in enumerate(keys):
        Issue.objects.create(repository=repository, key=key, title="As in the plan", order=order)
    return repository
