"""Bitbucket Cloud's API, as far as the product calls it: https://developer.atlassian.com/cloud/bitbucket/rest/.

`workspace` is an access token that may not read its user; ada@example.org has the API token `personal`, and
`reader` is one that may not manage webhooks. The repository team/shop is known.
"""

import re
import uuid
from typing import Any
from urllib.parse import urlencode

from tests.integrations.peers.strict import (
    Call,
    RefusalError,
    Reply,
    Strict,
    fields,
    known_events,
    lacks,
    serve,
    user_and_password,
)

EVENTS = {
    "repo:push",
    "repo:commit_status_created",
    "repo:commit_status_updated",
    "pullrequest:created",
    "pullrequest:updated",
    "pullrequest:fulfilled",
    "pullrequest:rejected",
}
SCOPES = {
    "workspace": ["pullrequest:write", "repository:write", "webhook"],
    "personal": ["read:user:bitbucket", "write:webhook:bitbucket"],
    "reader": ["read:user:bitbucket"],
}
REPOSITORY = r"/2\.0/repositories/(?P<workspace>[^/]+)/(?P<repo>[^/]+)"
HOOKS = REPOSITORY + "/hooks"
COMMENTS = REPOSITORY + r"/pullrequests/(?P<number>\d+)/comments"


def check(call: Call) -> str:
    """Return the token: an API token belongs to an account, and an access token stands for itself."""
    account, token = user_and_password(call)
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme == "Bearer" and value == "workspace":
        return value
    if account == "ada@example.org" and token in ("personal", "reader"):
        return token
    text = "Token is invalid, expired, or not supported for this endpoint."
    raise RefusalError(401, {"type": "error", "error": {"message": text}})


def forbidden(call: Call, required: str) -> RefusalError:
    """Return the answer to a token without a scope."""
    detail = {"required": [required], "granted": SCOPES[call.scope]}
    message = "Your credentials lack one or more required privilege scopes."
    return RefusalError(403, {"type": "error", "error": {"message": message, "detail": detail}})


api = Strict(check)
api.unknown = {"type": "error", "error": {"message": "Resource not found"}}
api.store |= {"hooks": [], "statuses": [], "comments": [], "next": 1}
api.store |= {"pulls": []}
api.store |= {"commits": ["a" * 40], "threads": ["7"]}


@api.route("GET", r"/2\.0/user")
def user(call: Call) -> Reply:
    if call.scope == "workspace":
        raise forbidden(call, "account")
    scopes = {"X-OAuth-Scopes": ", ".join(SCOPES[call.scope])}
    return Reply(200, {"type": "user", "display_name": "Ada", "uuid": "{1}", "account_id": "5:1"}, scopes)


def hooks(call: Call) -> list[Any]:
    """Return the repository's webhooks."""
    if (call.values["workspace"], call.values["repo"]) != ("team", "shop"):
        raise RefusalError(404, api.unknown)
    if call.scope == "reader":
        raise forbidden(call, "write:webhook:bitbucket")
    found: list[Any] = api.store["hooks"]
    return found


def values_of(call: Call) -> dict[str, Any]:
    """Return the values of a webhook. A secret that is left out is kept."""
    optional = {"description": str, "active": bool, "secret": str, "skip_cert_verification": bool}
    body = fields(call, {"url": str, "events": list}, optional)
    known_events(body["events"], EVENTS)
    return dict(body)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a webhook, which says only whether it has a secret."""
    kept = {name: value for name, value in row.items() if name != "secret"}
    return kept | {"secret_set": bool(row.get("secret"))}


def page_of(call: Call, rows: list[Any], more: dict[str, str] | None = None) -> Reply:
    """Return one page of a list, which names the next one."""
    size, page = int(call.query.get("pagelen", 10)), int(call.query.get("page", 1))
    if size > 100 or set(call.query) - {"pagelen", "page"}:
        raise RefusalError(400, api.unknown, f"the query {call.query} is wrong")
    values = rows[(page - 1) * size : page * size]
    query = urlencode({**(more or {}), "pagelen": size, "page": page + 1})
    following = {"next": f"{api.url}{call.path}?{query}"} if page * size < len(rows) else {}
    return Reply(200, {"pagelen": size, "page": page, "size": len(rows), "values": values, **following})


@api.route("GET", HOOKS)
def list_hooks(call: Call) -> Reply:
    return page_of(call, [shown(row) for row in hooks(call)])


@api.route("POST", HOOKS)
def create_hook(call: Call) -> Reply:
    rows = hooks(call)
    rows.append({"type": "webhook_subscription", "uuid": f"{{{uuid.uuid4()}}}", **values_of(call)})
    return Reply(201, shown(rows[-1]))


@api.route("PUT", HOOKS + r"/(?P<id>[^/]+)")
def update_hook(call: Call) -> Reply:
    row = next((row for row in hooks(call) if row["uuid"] == call.values["id"]), None)
    if row is None:
        raise RefusalError(404, api.unknown)
    row |= values_of(call)
    return Reply(200, shown(row))


@api.route("DELETE", HOOKS + r"/(?P<id>[^/]+)")
def delete_hook(call: Call) -> Reply:
    rows = hooks(call)
    kept = [row for row in rows if row["uuid"] != call.values["id"]]
    if len(kept) == len(rows):
        raise RefusalError(404, api.unknown)
    rows[:] = kept
    return Reply(204)


def known(call: Call) -> None:
    """Check that the repository, the commit and the pull request are known."""
    values = call.values
    if (values["workspace"], values["repo"]) != ("team", "shop"):
        raise RefusalError(404, api.unknown)
    if lacks(api, call):
        raise RefusalError(404, api.unknown)
    if call.scope == "reader":
        raise forbidden(call, "write:pullrequest:bitbucket")


@api.route("POST", REPOSITORY + r"/commit/(?P<sha>[0-9a-f]{40})/statuses/build")
def create_status(call: Call) -> Reply:
    """A status with the same key is overwritten."""
    known(call)
    optional = {"name": str, "description": str, "refname": str}
    body = fields(call, {"key": str, "state": str, "url": str}, optional)
    is_known = body["state"] in ("SUCCESSFUL", "FAILED", "INPROGRESS", "STOPPED")
    if not is_known or not 0 < len(body["key"]) <= 40 or "://" not in body["url"]:
        raise RefusalError(400, api.unknown, f"the status {body} is wrong")
    rows = api.store["statuses"]
    mine = {"key": body["key"], "sha": call.values["sha"]}
    row = next((row for row in rows if mine.items() <= row.items()), None)
    if row is None:
        rows.append({"type": "build", **mine, **body})
        return Reply(201, rows[-1])
    row |= body
    return Reply(200, row)


@api.route("GET", COMMENTS)
def list_comments(call: Call) -> Reply:
    known(call)
    return page_of(call, [row for row in api.store["comments"] if row["number"] == call.values["number"]])


def content_of(call: Call) -> dict[str, Any]:
    """Return the text of a comment. An HTML comment in it would be shown."""
    content = fields(call, {"content": dict}, {"inline": dict, "parent": dict})["content"]
    text = content.get("raw", "")
    if set(content) != {"raw"} or not 0 < len(text) <= 32_768 or "<!--" in text:
        raise RefusalError(400, api.unknown, f"the content {content} is wrong")
    return {"raw": text, "markup": "markdown", "type": "rendered"}


@api.route("POST", COMMENTS)
def create_comment(call: Call) -> Reply:
    known(call)
    api.store["next"] += 1
    row = {"id": api.store["next"], "number": call.values["number"], "deleted": False}
    api.store["comments"].append(row | {"content": content_of(call)})
    return Reply(201, api.store["comments"][-1])


@api.route("PUT", COMMENTS + r"/(?P<id>\d+)")
def update_comment(call: Call) -> Reply:
    known(call)
    row = next((row for row in api.store["comments"] if str(row["id"]) == call.values["id"]), None)
    if row is None or row["deleted"]:
        raise RefusalError(404, api.unknown)
    row["content"] = content_of(call)
    return Reply(200, row)


@api.route("GET", REPOSITORY + "/pullrequests")
def list_pulls(call: Call) -> Reply:
    """List the open pull requests to one branch. The store has them in the form of the API."""
    known(call)
    wanted = call.query.pop("q", "")
    branch = re.fullmatch(r'state="OPEN" AND destination\.branch\.name="([^"\\]+)"', wanted)
    if branch is None or int(call.query.get("pagelen", 10)) > 50:
        raise RefusalError(400, api.unknown, f"the query {wanted} or the page's length is wrong")
    rows = [row for row in api.store["pulls"] if row["destination"]["branch"]["name"] == branch[1]]
    return page_of(call, rows, {"q": wanted})


if __name__ == "__main__":
    serve(api)
