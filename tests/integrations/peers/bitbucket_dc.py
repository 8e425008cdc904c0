"""Bitbucket Data Center's REST API, as far as the product calls it.

https://developer.atlassian.com/server/bitbucket/rest/. The tokens `admin` and `reader` (which may not manage
webhooks) are known, and the repository SHOP/shop. A request without credentials is anonymous, not refused.
"""

from typing import Any

from tests.integrations.peers.strict import Call, RefusalError, Reply, Strict, fields, known_events, serve

EVENTS = {
    "repo:refs_changed",
    "repo:modified",
    "pr:opened",
    "pr:modified",
    "pr:from_ref_updated",
    "pr:merged",
    "pr:declined",
    "pr:deleted",
    "diagnostics:ping",
}
HOOKS = r"/rest/api/1\.0/projects/(?P<project>[^/]+)/repos/(?P<repo>[^/]+)/webhooks"


def error(message: str) -> dict[str, Any]:
    """Return an error in the server's form."""
    return {"errors": [{"context": None, "message": message, "exceptionName": None}]}


def check(call: Call) -> str:
    """Return the token."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    if scheme != "Bearer":
        raise RefusalError(401, error("Authentication failed."), "Authorization is not Bearer")
    if token not in ("admin", "reader"):
        raise RefusalError(401, error("Authentication failed. Please check your credentials and try again."))
    return token


api = Strict(check)
api.unknown = error("No such resource.")
api.store |= {"hooks": [], "next": 1}


@api.route("GET", r"/rest/api/1\.0/application-properties")
def properties(call: Call) -> Reply:
    told = {"version": "9.4.0", "buildNumber": "9004000", "displayName": "Bitbucket"}
    return Reply(200, told, {"X-AUSERNAME": "ssot-bot"})


def hooks(call: Call) -> list[Any]:
    """Return the repository's webhooks."""
    if (call.values["project"], call.values["repo"]) != ("SHOP", "shop"):
        raise RefusalError(404, error("Repository SHOP/shop does not exist."))
    if call.scope == "reader":
        raise RefusalError(401, error("You are not permitted to access this resource"))
    found: list[Any] = api.store["hooks"]
    return found


def values_of(call: Call) -> dict[str, Any]:
    """Return the values of a webhook."""
    optional = {"active": bool, "configuration": dict, "sslVerificationRequired": bool}
    body = fields(call, {"name": str, "url": str, "events": list}, optional)
    known_events(body["events"], EVENTS)
    return dict(body)


@api.route("GET", HOOKS)
def list_hooks(call: Call) -> Reply:
    start, limit = int(call.query.get("start", 0)), int(call.query.get("limit", 25))
    if set(call.query) - {"start", "limit", "event", "statistics"}:
        raise RefusalError(400, error("Bad query"), f"the query {call.query} is wrong")
    rows = hooks(call)
    values, is_last = rows[start : start + limit], start + limit >= len(rows)
    page = {"size": len(values), "limit": limit, "start": start, "isLastPage": is_last, "values": values}
    return Reply(200, page | ({} if is_last else {"nextPageStart": start + limit}))


@api.route("POST", HOOKS)
def create_hook(call: Call) -> Reply:
    rows = hooks(call)
    rows.append({"id": api.store["next"], "createdDate": 1, "updatedDate": 1, **values_of(call)})
    api.store["next"] += 1
    return Reply(201, rows[-1])


@api.route("PUT", HOOKS + r"/(?P<id>\d+)")
def update_hook(call: Call) -> Reply:
    row = next((row for row in hooks(call) if str(row["id"]) == call.values["id"]), None)
    if row is None:
        raise RefusalError(404, error("The webhook does not exist."))
    row |= values_of(call)
    return Reply(200, row)


@api.route("DELETE", HOOKS + r"/(?P<id>\d+)")
def delete_hook(call: Call) -> Reply:
    rows = hooks(call)
    kept = [row for row in rows if str(row["id"]) != call.values["id"]]
    if len(kept) == len(rows):
        raise RefusalError(404, error("The webhook does not exist."))
    rows[:] = kept
    return Reply(204)


if __name__ == "__main__":
    serve(api)
