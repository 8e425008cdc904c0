"""The API of Gitea and Forgejo, as far as the product calls it: https://docs.gitea.com/api/.

The tokens `admin` and `reader` (which may not manage webhooks) are known, and the repository team/shop.
"""

from typing import Any

from tests.integrations.peers.strict import (
    Call,
    RefusalError,
    Reply,
    Strict,
    fields,
    known_events,
    page_of,
    serve,
)

EVENTS = {"push", "issues", "pull_request", "status", "create", "delete", "issue_comment", "release"}
HOOKS = r"/api/v1/repos/(?P<owner>[^/]+)/(?P<repo>[^/]+)/hooks"


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
api.store |= {"hooks": [], "next": 1}


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


if __name__ == "__main__":
    serve(api)
