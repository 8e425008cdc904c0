"""The API of Gitea and Forgejo, as far as the product calls it: https://docs.gitea.com/api/.

The tokens `admin` and `reader` (which may not manage webhooks) are known, and the repository team/shop.
"""

import re
from typing import Any

from tests.integrations.peers.strict import (
    Call,
    RefusalError,
    Reply,
    Strict,
    fields,
    known_events,
    lacks,
    page_of,
    serve,
)

EVENTS = {"push", "issues", "pull_request", "status", "create", "delete", "issue_comment", "release"}
REPOSITORY = r"/api/v1/repos/(?P<owner>[^/]+)/(?P<repo>[^/]+)"
HOOKS = f"{REPOSITORY}/hooks"
STATUSES = REPOSITORY + r"/statuses/(?P<sha>[0-9a-f]{40})"


def check(call: Call) -> str:
    """Return the token."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    if scheme != "token":
        raise RefusalError(401, {"message": "token is required"}, "Authorization is not token")
    if token not in ("admin", "reader"):
        raise RefusalError(401, {"message": "user does not exist [uid: 0, name: ]"})
    return token


api = Strict(check)
api.unknown = {"message": "The target couldn't be found."}
api.store |= {"hooks": [], "next": 1, "statuses": [], "comments": [], "issues": []}
api.store |= {"pulls": []}
api.store |= {"commits": ["a" * 40], "threads": ["7", "12"]}


@api.route("GET", "/api/v1/user")
def user(call: Call) -> Reply:
    return Reply(200, {"id": 1, "login": "ssot-bot", "full_name": "", "is_admin": False})


def hooks(call: Call) -> list[Any]:
    """Return the repository's webhooks, which its administrators alone may manage."""
    if (call.values["owner"], call.values["repo"]) != ("team", "shop"):
        raise RefusalError(404, api.unknown)
    if call.scope == "reader":
        raise RefusalError(403, {"message": "user should be an owner or a collaborator with admin write"})
    found: list[Any] = api.store["hooks"]
    return found


def config_of(body: dict[str, Any]) -> dict[str, Any]:
    """Return a webhook's configuration, whose content type the API checks."""
    config = dict(body["config"])
    if config.get("content_type") not in ("json", "form") or not config.get("url"):
        raise RefusalError(422, {"message": "Invalid content type"}, f"the configuration {config} is wrong")
    return config


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a webhook without its secret."""
    return row | {"config": {name: value for name, value in row["config"].items() if name != "secret"}}


@api.route("GET", HOOKS)
def list_hooks(call: Call) -> Reply:
    return Reply(200, [shown(row) for row in page_of(call, hooks(call), "limit", 50)])


@api.route("POST", HOOKS)
def create_hook(call: Call) -> Reply:
    rows = hooks(call)
    body = fields(call, {"type": str, "config": dict}, {"events": list, "active": bool, "branch_filter": str})
    if body["type"] != "gitea":
        raise RefusalError(422, {"message": "Invalid hook type"}, "the type is not gitea")
    events = known_events(body["events"], EVENTS)
    row = {"id": api.store["next"], "type": "gitea", "active": body.get("active", False)}
    api.store["next"] += 1
    rows.append(row | {"events": events, "config": config_of(body)})
    return Reply(201, shown(rows[-1]))


@api.route("PATCH", HOOKS + r"/(?P<id>\d+)")
def update_hook(call: Call) -> Reply:
    row = next((row for row in hooks(call) if str(row["id"]) == call.values["id"]), None)
    if row is None:
        raise RefusalError(404, api.unknown)
    body = fields(call, {}, {"config": dict, "events": list, "active": bool, "branch_filter": str})
    # What is left out is reset, so an update without events would make the webhook silent.
    events = known_events(body.get("events", []), EVENTS)
    row |= {
        "config": row["config"] | config_of(body),
        "events": events,
        "active": body.get("active", row["active"]),
    }
    return Reply(200, shown(row))


@api.route("DELETE", HOOKS + r"/(?P<id>\d+)")
def delete_hook(call: Call) -> Reply:
    rows = hooks(call)
    kept = [row for row in rows if str(row["id"]) != call.values["id"]]
    if len(kept) == len(rows):
        raise RefusalError(404, api.unknown)
    rows[:] = kept
    return Reply(204)


def known(call: Call) -> None:
    """Check that the repository, the commit and the issue or pull request (in `threads`) are known."""
    if (call.values["owner"], call.values["repo"]) != ("team", "shop"):
        raise RefusalError(404, api.unknown)
    if lacks(api, call):
        raise RefusalError(404, api.unknown)


def next_id() -> int:
    """Return a new id."""
    api.store["next"] += 1
    return int(api.store["next"])


@api.route("POST", STATUSES)
def create_status(call: Call) -> Reply:
    known(call)
    body = fields(call, {"state": str, "context": str}, {"description": str, "target_url": str})
    if body["state"] not in ("pending", "success", "error", "failure", "warning"):
        raise RefusalError(422, {"message": "Bad state"}, f"the state {body['state']} is wrong")
    api.store["statuses"].append(
        {"id": next_id(), "sha": call.values["sha"], "status": body.pop("state"), **body}
    )
    return Reply(201, api.store["statuses"][-1])


@api.route("GET", STATUSES)
def list_statuses(call: Call) -> Reply:
    known(call)
    if call.query.pop("sort", "") != "highestindex":
        raise RefusalError(400, {"message": "Bad sort"}, "the newest status would not come first")
    rows = [row for row in api.store["statuses"] if row["sha"] == call.values["sha"]]
    return Reply(200, page_of(call, rows[::-1], "limit", 50))


def text_of(call: Call) -> str:
    """Return the text of a comment."""
    text = str(fields(call, {"body": str}, {})["body"])
    if not text:
        raise RefusalError(422, {"message": "[Body]: Required"}, "the comment is empty")
    return text


@api.route("GET", REPOSITORY + r"/issues/(?P<number>\d+)/comments")
def list_comments(call: Call) -> Reply:
    """All comments are listed at once."""
    known(call)
    if set(call.query) - {"since", "before"}:
        raise RefusalError(400, {"message": "Bad query"}, "comments have no pages")
    return Reply(200, [row for row in api.store["comments"] if row["number"] == call.values["number"]])


@api.route("POST", REPOSITORY + r"/issues/(?P<number>\d+)/comments")
def create_comment(call: Call) -> Reply:
    known(call)
    row = {"id": next_id(), "number": call.values["number"], "body": text_of(call)}
    api.store["comments"].append(row)
    return Reply(201, row)


@api.route("PATCH", REPOSITORY + r"/issues/comments/(?P<id>\d+)")
def update_comment(call: Call) -> Reply:
    known(call)
    row = next((row for row in api.store["comments"] if str(row["id"]) == call.values["id"]), None)
    if row is None:
        raise RefusalError(404, api.unknown)
    row["body"] = text_of(call)
    return Reply(200, row)


@api.route("GET", REPOSITORY + "/issues")
def list_issues(call: Call) -> Reply:
    known(call)
    since, kind = call.query.pop("since", ""), call.query.pop("type", "")
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", since) or kind not in ("issues", "pulls"):
        raise RefusalError(422, {"message": "Bad query"}, "since or type is missing or wrong")
    if call.query.pop("state", "open") != "all":
        raise RefusalError(422, {"message": "Bad query"}, "closed issues would be missed")
    return Reply(200, page_of(call, api.store["issues"][::-1], "limit", 50))


@api.route("POST", REPOSITORY + "/issues")
def create_issue(call: Call) -> Reply:
    known(call)
    body = fields(call, {"title": str}, {"body": str, "labels": list, "assignees": list})
    api.store["issues"].append({"id": next_id(), "number": next_id(), "state": "open", **body})
    return Reply(201, api.store["issues"][-1])


@api.route("GET", REPOSITORY + "/pulls")
def list_pulls(call: Call) -> Reply:
    """List the open pull requests to any branch. The store has them in the form of the API."""
    known(call)
    if call.query.pop("state", "open") != "open":
        raise RefusalError(422, api.unknown, "other pull requests would be listed")
    return Reply(200, page_of(call, api.store["pulls"], "limit", 50))


if __name__ == "__main__":
    serve(api)
