"""GitLab's REST API, as far as the product calls it: https://docs.gitlab.com/api/rest/.

The tokens `maintainer` (scope api), `hooks` (a project's token that may not read its user) and `reader`
(which may not manage webhooks) are known, and the project team/back/shop.
"""

from typing import Any

from tests.integrations.peers.strict import Call, RefusalError, Reply, Strict, fields, page_of, serve

MISSING = {"message": "404 Project Not Found"}
TOKENS = {"maintainer": ["api"], "hooks": ["api", "self_rotate"], "reader": ["read_api"]}
FLAGS = (
    "push_events",
    "issues_events",
    "confidential_issues_events",
    "merge_requests_events",
    "pipeline_events",
    "tag_push_events",
    "note_events",
    "enable_ssl_verification",
)
PROJECT = r"/api/v4/projects/(?P<project>[^/]+)/hooks"


def check(call: Call) -> str:
    """Return the token."""
    token = call.headers.get("private-token", "")
    if "authorization" in call.headers or not token:
        raise RefusalError(401, {"message": "401 Unauthorized"}, "PRIVATE-TOKEN is missing")
    if token not in TOKENS:
        raise RefusalError(401, {"message": "401 Unauthorized"})
    return token


api = Strict(check)
api.unknown = {"error": "404 Not Found"}
api.store |= {"hooks": [], "next": 1}


@api.route("GET", "/api/v4/personal_access_tokens/self")
def token(call: Call) -> Reply:
    scopes = TOKENS[call.scope]
    return Reply(
        200, {"id": 4, "name": "ssot", "user_id": 3, "scopes": scopes, "active": True, "revoked": False}
    )


@api.route("GET", "/api/v4/user")
def user(call: Call) -> Reply:
    if call.scope == "hooks":
        raise RefusalError(
            403, {"error": "insufficient_scope", "error_description": "The request requires more"}
        )
    return Reply(200, {"id": 3, "username": "project_7_bot", "name": "ssot", "state": "active"})


def hooks(call: Call) -> list[Any]:
    """Return the project's webhooks."""
    if call.values["project"] != "team/back/shop":
        raise RefusalError(404, MISSING)
    if call.scope == "reader":
        raise RefusalError(403, {"message": "403 Forbidden"})
    found: list[Any] = api.store["hooks"]
    return found


def values_of(call: Call) -> dict[str, Any]:
    """Return the values of a webhook."""
    known: dict[str, type] = dict.fromkeys(FLAGS, bool)
    return dict(fields(call, {"url": str}, {"token": str, "name": str, "description": str, **known}))


@api.route("GET", PROJECT)
def list_hooks(call: Call) -> Reply:
    rows = page_of(call, hooks(call), "per_page", 100)
    return Reply(200, [{name: value for name, value in row.items() if name != "token"} for row in rows])


@api.route("POST", PROJECT)
def create_hook(call: Call) -> Reply:
    rows = hooks(call)
    rows.append({"id": api.store["next"], "alert_status": "executable", **values_of(call)})
    api.store["next"] += 1
    return Reply(201, {name: value for name, value in rows[-1].items() if name != "token"})


@api.route("PUT", PROJECT + r"/(?P<id>\d+)")
def update_hook(call: Call) -> Reply:
    row = next((row for row in hooks(call) if str(row["id"]) == call.values["id"]), None)
    if row is None:
        raise RefusalError(404, {"message": "404 Not found"})
    row |= values_of(call)
    return Reply(200, {name: value for name, value in row.items() if name != "token"})


@api.route("DELETE", PROJECT + r"/(?P<id>\d+)")
def delete_hook(call: Call) -> Reply:
    rows = hooks(call)
    kept = [row for row in rows if str(row["id"]) != call.values["id"]]
    if len(kept) == len(rows):
        raise RefusalError(404, {"message": "404 Not found"})
    rows[:] = kept
    return Reply(204)


if __name__ == "__main__":
    serve(api)
