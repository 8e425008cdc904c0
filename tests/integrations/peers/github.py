"""GitHub's REST API, as far as the product calls it: https://docs.github.com/rest.

The tokens `classic` (scopes repo and admin:repo_hook), `fine` (no scopes are named) and `reader` (which may
not manage webhooks) are known, and the App 4711, whose public key the test stores as `public_key`. It is
installed for team/shop alone.
"""

import re
import time
from typing import Any

import jwt

from tests.integrations.peers.github_check_runs import add_check_runs
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

BAD = {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"}
MISSING = {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}
TOKENS = {"classic": "admin:repo_hook, repo", "fine": "", "reader": "read:user"}
EVENTS = {"push", "issues", "pull_request", "merge_group", "check_suite", "check_run", "status", "ping"}
PERMISSIONS = {"checks": "write", "metadata": "read", "repository_hooks": "write", "statuses": "write"}
REPOSITORY = r"/repos/(?P<owner>[^/]+)/(?P<repo>[^/]+)"


def check(call: Call) -> str:
    """Return whose the credentials are. The App's own token opens only its own addresses."""
    if call.headers.get("accept") != "application/vnd.github+json":
        raise RefusalError(415, {"message": "Unsupported"}, "Accept is not application/vnd.github+json")
    if call.headers.get("x-github-api-version") != "2022-11-28":
        raise RefusalError(400, {"message": "Bad version"}, "X-GitHub-Api-Version is missing or unknown")
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    is_own = call.path.startswith("/app") or call.path.endswith("/installation")
    if scheme != "Bearer":
        raise RefusalError(401, {"message": "Requires authentication"}, "Authorization is not Bearer")
    if is_own:
        return app(token)
    if token in api.store["installations"]:
        return "installation"
    if token not in TOKENS:
        raise RefusalError(401, BAD)
    return token


def app(token: str) -> str:
    """Return `app` if the token is a JWT that the App has signed, for ten minutes at most."""
    try:
        claims = jwt.decode(token, api.store.get("public_key", ""), algorithms=["RS256"])
    except (jwt.PyJWTError, ValueError):
        message = {"message": "A JSON web token could not be decoded"}
        raise RefusalError(401, message) from None
    if claims["iss"] != "4711" or claims["iat"] > time.time() or claims["exp"] > time.time() + 600:
        raise RefusalError(
            401, {"message": "'Expiration time' claim is wrong"}, f"the claims {claims} are wrong"
        )
    return "app"


api = Strict(check)
api.unknown = MISSING
api.store |= {"hooks": [], "installations": [], "next": 1, "statuses": [], "comments": [], "issues": []}
api.store |= {"pulls": []}
api.store |= {"commits": ["a" * 40], "threads": ["7", "12"]}


@api.route("GET", "/user")
def user(call: Call) -> Reply:
    if call.scope == "installation":
        raise RefusalError(403, {"message": "Resource not accessible by integration"}, "an App has no user")
    scopes = {} if call.scope == "fine" else {"X-OAuth-Scopes": TOKENS[call.scope]}
    return Reply(200, {"login": "ssot-bot", "id": 1, "type": "User"}, scopes)


@api.route("GET", "/app")
def own(call: Call) -> Reply:
    return Reply(200, {"id": 4711, "slug": "ssot-app", "permissions": PERMISSIONS, "events": []})


@api.route("GET", f"{REPOSITORY}/installation")
def installation(call: Call) -> Reply:
    if (call.values["owner"], call.values["repo"]) != ("team", "shop"):
        raise RefusalError(404, MISSING)
    return Reply(200, {"id": 99, "app_id": 4711, "permissions": PERMISSIONS})


@api.route("POST", r"/app/installations/(?P<id>\d+)/access_tokens")
def access_token(call: Call) -> Reply:
    if call.values["id"] != "99":
        raise RefusalError(404, MISSING, "the installation is another")
    token = f"ghs_{api.store['next']}"
    api.store["next"] += 1
    api.store["installations"].append(token)
    return Reply(201, {"token": token, "expires_at": "2099-01-01T00:00:00Z", "permissions": PERMISSIONS})


def hooks(call: Call) -> list[Any]:
    """Return the repository's webhooks, which are hidden from those who may not manage them."""
    if (call.values["owner"], call.values["repo"]) != ("team", "shop") or call.scope == "reader":
        raise RefusalError(404, MISSING)
    found: list[Any] = api.store["hooks"]
    return found


def config_of(body: dict[str, Any]) -> dict[str, Any]:
    """Return a webhook's configuration, of which the secret is never shown again."""
    config = dict(body["config"])
    if set(config) - {"url", "content_type", "secret", "insecure_ssl"} or not config.get("url"):
        raise RefusalError(
            422, {"message": "Validation Failed"}, f"the configuration {sorted(config)} is wrong"
        )
    return config


@api.route("GET", f"{REPOSITORY}/hooks")
def list_hooks(call: Call) -> Reply:
    rows = page_of(call, hooks(call), "per_page", 100)
    return Reply(200, [row | {"config": row["config"] | {"secret": "********"}} for row in rows])


@api.route("POST", f"{REPOSITORY}/hooks")
def create_hook(call: Call) -> Reply:
    rows = hooks(call)
    body = fields(call, {"name": str, "config": dict, "events": list}, {"active": bool})
    if body["name"] != "web":
        raise RefusalError(422, {"message": "Validation Failed"}, "the name is not web")
    config, events = config_of(body), known_events(body["events"], EVENTS)
    if any(row["config"]["url"] == config["url"] for row in rows):
        said = {
            "message": "Validation Failed",
            "errors": [{"message": "Hook already exists on this repository"}],
        }
        raise RefusalError(422, said, "the webhook exists already")
    row = {"type": "Repository", "id": api.store["next"], "name": "web", "active": body.get("active", True)}
    api.store["next"] += 1
    rows.append(row | {"events": events, "config": config})
    return Reply(201, rows[-1])


@api.route("PATCH", f"{REPOSITORY}/hooks/(?P<id>\\d+)")
def update_hook(call: Call) -> Reply:
    row = next((row for row in hooks(call) if str(row["id"]) == call.values["id"]), None)
    if row is None:
        raise RefusalError(404, MISSING)
    body = fields(call, {}, {"config": dict, "events": list, "active": bool})
    row |= {
        "config": config_of(body),
        "events": known_events(body["events"], EVENTS),
        "active": body["active"],
    }
    return Reply(200, row)


@api.route("DELETE", f"{REPOSITORY}/hooks/(?P<id>\\d+)")
def delete_hook(call: Call) -> Reply:
    rows = hooks(call)
    kept = [row for row in rows if str(row["id"]) != call.values["id"]]
    if len(kept) == len(rows):
        raise RefusalError(404, MISSING)
    rows[:] = kept
    return Reply(204)


SHA = r"(?P<sha>[0-9a-f]{40})"
STATES = {"error", "failure", "pending", "success"}


def known(call: Call) -> None:
    """Check that the repository and, for a status, the commit are known."""
    if (call.values["owner"], call.values["repo"]) != ("team", "shop"):
        raise RefusalError(404, MISSING)
    if call.values.get("sha", "a" * 40) not in api.store["commits"]:
        raise RefusalError(422, {"message": "No commit found for SHA"})


def next_id() -> int:
    """Return a new id."""
    api.store["next"] += 1
    return int(api.store["next"])


@api.route("POST", f"{REPOSITORY}/statuses/{SHA}")
def create_status(call: Call) -> Reply:
    known(call)
    body = fields(call, {"state": str}, {"context": str, "description": str, "target_url": str})
    if body["state"] not in STATES or len(body.get("description", "")) > 140:
        raise RefusalError(422, {"message": "Validation Failed"}, f"the status {body} is wrong")
    row = {"id": next_id(), "sha": call.values["sha"], "context": "default", **body}
    api.store["statuses"].append(row)
    return Reply(201, row)


@api.route("GET", f"{REPOSITORY}/commits/{SHA}/statuses")
def list_statuses(call: Call) -> Reply:
    known(call)
    rows = [row for row in api.store["statuses"] if row["sha"] == call.values["sha"]]
    return Reply(200, page_of(call, rows[::-1], "per_page", 100))


def issue(call: Call) -> list[Any]:
    """Return the comments of all issues and pull requests. `threads` are the numbers of those that exist."""
    known(call)
    if lacks(api, call):
        raise RefusalError(404, MISSING)
    found: list[Any] = api.store["comments"]
    return found


@api.route("GET", REPOSITORY + r"/issues/(?P<number>\d+)/comments")
def list_comments(call: Call) -> Reply:
    rows = [row for row in issue(call) if row["number"] == call.values["number"]]
    return Reply(200, page_of(call, rows, "per_page", 100))


def text_of(call: Call) -> str:
    """Return the text of a comment."""
    text = str(fields(call, {"body": str}, {})["body"])
    if not text or len(text) > 65_536:
        raise RefusalError(422, {"message": "Validation Failed"}, "the comment is empty or too long")
    return text


@api.route("POST", REPOSITORY + r"/issues/(?P<number>\d+)/comments")
def create_comment(call: Call) -> Reply:
    rows = issue(call)
    rows.append({"id": next_id(), "number": call.values["number"], "body": text_of(call)})
    return Reply(201, rows[-1])


@api.route("PATCH", REPOSITORY + r"/issues/comments/(?P<id>\d+)")
def update_comment(call: Call) -> Reply:
    row = next((row for row in issue(call) if str(row["id"]) == call.values["id"]), None)
    if row is None:
        raise RefusalError(404, MISSING)
    row["body"] = text_of(call)
    return Reply(200, row)


@api.route("GET", REPOSITORY + "/issues")
def list_issues(call: Call) -> Reply:
    known(call)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", call.query.pop("since", "")):
        raise RefusalError(422, {"message": "Validation Failed"}, "since is missing or wrong")
    if call.query.pop("state", "open") != "all":
        raise RefusalError(422, {"message": "Validation Failed"}, "closed issues would be missed")
    return Reply(200, page_of(call, api.store["issues"][::-1], "per_page", 100))


@api.route("POST", REPOSITORY + "/issues")
def create_issue(call: Call) -> Reply:
    known(call)
    body = fields(call, {"title": str}, {"body": str, "labels": list, "assignees": list})
    api.store["issues"].append({"id": next_id(), "number": next_id(), "state": "open", **body})
    return Reply(201, api.store["issues"][-1])


add_check_runs(api, known, next_id)


@api.route("GET", f"{REPOSITORY}/pulls")
def list_pulls(call: Call) -> Reply:
    """List the open pull requests to one branch. The store has them in the form of the API."""
    known(call)
    state, base = call.query.pop("state", "open"), call.query.pop("base", "")
    if state != "open" or not base:
        raise RefusalError(422, {"message": "Validation Failed"}, "other pull requests would be listed")
    rows = [row for row in api.store["pulls"] if row["base"]["ref"] == base]
    return Reply(200, page_of(call, rows, "per_page", 100))


if __name__ == "__main__":
    serve(api)
