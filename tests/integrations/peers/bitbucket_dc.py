"""Bitbucket Data Center's REST API, as far as the product calls it.

https://developer.atlassian.com/server/bitbucket/rest/. The tokens `admin` and `reader` (which may not manage
webhooks) are known, and the repository SHOP/shop. A request without credentials is anonymous, not refused.
"""

from typing import Any

from tests.integrations.peers.strict import (
    Call,
    RefusalError,
    Reply,
    Strict,
    fields,
    known_events,
    lacks,
    serve,
)

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
REPOSITORY = r"/rest/api/1\.0/projects/(?P<project>[^/]+)/repos/(?P<repo>[^/]+)"
HOOKS = f"{REPOSITORY}/webhooks"
PULL = REPOSITORY + r"/pull-requests/(?P<number>\d+)"


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
api.store |= {"hooks": [], "next": 1, "statuses": [], "comments": []}
api.store |= {"pulls": []}
api.store |= {"commits": ["a" * 40], "threads": ["7"]}


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


def page_of(call: Call, rows: list[Any]) -> Reply:
    """Return one page of a list, which tells where the next one begins."""
    start, limit = int(call.query.get("start", 0)), int(call.query.get("limit", 25))
    if set(call.query) - {"start", "limit"}:
        raise RefusalError(400, error("Bad query"), f"the query {call.query} is wrong")
    values, is_last = rows[start : start + limit], start + limit >= len(rows)
    page = {"size": len(values), "limit": limit, "start": start, "isLastPage": is_last, "values": values}
    return Reply(200, page | ({} if is_last else {"nextPageStart": start + limit}))


@api.route("GET", HOOKS)
def list_hooks(call: Call) -> Reply:
    return page_of(call, hooks(call))


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


def known(call: Call) -> None:
    """Check that the repository, the commit and the pull request are known."""
    values = call.values
    if (values["project"], values["repo"]) != ("SHOP", "shop"):
        raise RefusalError(404, error("Repository does not exist."))
    if lacks(api, call):
        raise RefusalError(404, error("Commit or pull request does not exist."))


@api.route("POST", REPOSITORY + r"/commits/(?P<sha>[0-9a-f]{40})/builds")
def store_build(call: Call) -> Reply:
    """A build with the same key is overwritten. There is no answer but the status."""
    known(call)
    optional = {"name": str, "description": str, "ref": str, "parent": str, "buildNumber": str}
    body = fields(call, {"key": str, "state": str, "url": str}, optional)
    is_known = body["state"] in ("SUCCESSFUL", "FAILED", "INPROGRESS", "CANCELLED", "UNKNOWN")
    if not is_known or max(map(len, body.values())) > 255 or "://" not in body["url"]:
        raise RefusalError(400, error("Bad build"), f"the build {body} is wrong")
    rows = api.store["statuses"]
    mine = {"key": body["key"], "sha": call.values["sha"]}
    rows[:] = [row for row in rows if not mine.items() <= row.items()] + [mine | body]
    return Reply(204)


@api.route("GET", f"{PULL}/activities")
def activities(call: Call) -> Reply:
    """The newest activity comes first, and not all are comments."""
    known(call)
    rows = [{"id": 1, "action": "OPENED"}]
    rows += [
        {"id": row["id"], "action": "COMMENTED", "comment": row}
        for row in api.store["comments"]
        if row["number"] == call.values["number"]
    ]
    return page_of(call, rows[::-1])


def text_of(body: dict[str, Any]) -> str:
    """Return the text of a comment. An HTML comment in it would be shown."""
    if not 0 < len(body["text"]) <= 32_768 or "<!--" in body["text"]:
        raise RefusalError(400, error("Bad text"), "the text is empty, too long, or has an HTML comment")
    return str(body["text"])


@api.route("POST", f"{PULL}/comments")
def create_comment(call: Call) -> Reply:
    known(call)
    text = text_of(fields(call, {"text": str}, {"severity": str, "parent": dict}))
    row = {"id": api.store["next"], "version": 0, "number": call.values["number"], "text": text}
    api.store["next"] += 1
    api.store["comments"].append(row)
    return Reply(201, row)


def comment(call: Call) -> dict[str, Any]:
    """Return a comment."""
    known(call)
    for row in api.store["comments"]:
        if str(row["id"]) == call.values["id"]:
            return dict(row)
    raise RefusalError(404, error("Comment does not exist."))


@api.route("GET", PULL + r"/comments/(?P<id>\d+)")
def read_comment(call: Call) -> Reply:
    return Reply(200, comment(call))


@api.route("PUT", PULL + r"/comments/(?P<id>\d+)")
def update_comment(call: Call) -> Reply:
    """The version must be the current one; it rises with every change."""
    row = comment(call)
    body = fields(call, {"text": str, "version": int}, {"severity": str, "state": str})
    if body["version"] != row["version"]:
        raise RefusalError(409, error("The comment has been updated since you last retrieved it."))
    row |= {"text": text_of(body), "version": row["version"] + 1}
    api.store["comments"] = [row if one["id"] == row["id"] else one for one in api.store["comments"]]
    return Reply(200, row)


@api.route("GET", REPOSITORY + "/pull-requests")
def list_pulls(call: Call) -> Reply:
    """List the open pull requests to one branch. The store has them in the form of the API."""
    known(call)
    given = {name: call.query.pop(name, "") for name in ("state", "direction", "at")}
    if (
        given["state"] != "OPEN"
        or given["direction"] != "INCOMING"
        or not given["at"].startswith("refs/heads/")
    ):
        raise RefusalError(400, error("Bad query"), f"the query {given} is wrong")
    return page_of(call, [row for row in api.store["pulls"] if row["toRef"]["id"] == given["at"]])


if __name__ == "__main__":
    serve(api)
