"""GitLab's REST API, as far as the product calls it: https://docs.gitlab.com/api/rest/.

The tokens `maintainer` (scope api), `hooks` (a project's token that may not read its user) and `reader`
(which may not manage webhooks) are known, and the project team/back/shop, whose id is 7. `sources` has the
ids of the projects from which merge requests come, by number, and `members_of` those of the forks in which
the token may set statuses.
"""

import re
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
ROOT = r"/api/v4/projects/(?P<project>[^/]+)"
PROJECT = ROOT + "/hooks"
SHA = r"(?P<sha>[0-9a-f]{40})"
STATES = ("pending", "running", "success", "failed", "canceled", "skipped")


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
api.store |= {"hooks": [], "next": 1, "statuses": [], "comments": [], "issues": []}
api.store |= {"pulls": [], "sources": {}, "members_of": []}
api.store |= {"commits": ["a" * 40], "threads": ["7"], "pipelines": [], "branches": {"a" * 40: "topic"}}


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


def known(call: Call) -> None:
    """Check that the project, the commit and the merge request (in `threads`) or issue (12) are known."""
    project = call.values["project"]
    if project != "team/back/shop" and "sha" in call.values and project in api.store["sources"].values():
        if project not in api.store["members_of"]:
            raise RefusalError(403, {"message": "403 Forbidden"})
    elif project != "team/back/shop" and project not in api.store["members_of"]:
        raise RefusalError(404, MISSING)
    if call.values.get("sha", "a" * 40) not in api.store["commits"]:
        raise RefusalError(404, {"message": "404 Commit Not Found"})
    issues = ["12", *(str(row["iid"]) for row in api.store["issues"])]
    numbers = {"issues": issues}.get(call.values.get("what", ""), api.store["threads"])
    if call.values.get("iid", numbers[0]) not in numbers:
        raise RefusalError(404, {"message": "404 Not found"})


def next_id() -> int:
    """Return a new id."""
    api.store["next"] += 1
    return int(api.store["next"])


def statuses(call: Call) -> list[Any]:
    """Return the statuses of a commit that no newer one has replaced."""
    rows: list[Any] = api.store["statuses"]
    mine = (call.values["project"], call.values["sha"], False)
    return [row for row in rows if (row["project"], row["sha"], row["retried"]) == mine]


@api.route("GET", f"{ROOT}/pipelines")
def list_pipelines(call: Call) -> Reply:
    known(call)
    sha = call.query.pop("sha", "")
    return Reply(200, page_of(call, [row for row in pipelines(call) if row["sha"] == sha], "per_page", 100))


def pipelines(call: Call) -> list[Any]:
    """Return the pipelines of a project."""
    rows: list[Any] = api.store["pipelines"]
    return [row for row in rows if row.get("project", "team/back/shop") == call.values["project"]]


def pipeline_of(call: Call, ref: str) -> dict[str, Any]:
    """Return the newest pipeline of a commit and a ref, or a new one for the ref or for any branch that has
    the commit. A commit of a fork is in no branch here.
    """
    sha = call.values["sha"]
    found = [row for row in pipelines(call) if row["sha"] == sha and ref in ("", row["ref"])]
    name = ref or api.store["branches"].get(sha, "")
    if not found and not name:
        raise RefusalError(404, {"message": "404 References for commit Not Found"})
    if not found:
        project = call.values["project"]
        found = [{"id": next_id(), "project": project, "sha": sha, "ref": name, "source": "external"}]
        api.store["pipelines"] += found
    return dict(found[-1])


@api.route("GET", f"{ROOT}/repository/commits/{SHA}/statuses")
def list_statuses(call: Call) -> Reply:
    known(call)
    name = call.query.pop("name", "")
    rows = [row for row in statuses(call) if name in ("", row["name"])]
    return Reply(200, page_of(call, rows, "per_page", 100))


@api.route("POST", f"{ROOT}/statuses/{SHA}")
def post_status(call: Call) -> Reply:
    """Only an unfinished status is updated, and only to a later state. Any other is replaced by a new one."""
    known(call)
    optional = {"name": str, "context": str, "ref": str, "target_url": str, "description": str}
    body = fields(call, {"state": str}, optional)
    if body["state"] not in STATES or max(map(len, body.values())) > 255:
        raise RefusalError(400, {"message": "400 Bad request"}, f"the status {body} is wrong")
    pipeline = pipeline_of(call, body.pop("ref", ""))
    rows = [row for row in statuses(call) if row["name"] == body["name"]]
    row = next((row for row in rows if row["status"] in ("pending", "running")), None)
    old, new = row["status"] if row else "created", body.pop("state")
    if row and new in ("pending", "running") and STATES.index(new) <= STATES.index(old):
        way = {"pending": "enqueue", "running": "run"}[new]
        said = f"Cannot transition status via :{way} from :{old}"
        raise RefusalError(400, {"message": said}, f"the status is {old} already")
    if row is None:
        for one in rows:
            one["retried"] = True
        place = {"project": call.values["project"], "sha": call.values["sha"]}
        row = {"id": next_id(), **place, "retried": False, "ref": pipeline["ref"]}
        api.store["statuses"].append(row)
    row |= {"status": new, **body}
    return Reply(201, row)


NOTES = ROOT + r"/(?P<what>merge_requests|issues)/(?P<iid>\d+)/notes"


def text_of(call: Call) -> str:
    """Return the text of a note, in which no line is a quick action."""
    text = str(fields(call, {"body": str}, {"internal": bool})["body"])
    return plain(text)


def plain(text: str) -> str:
    """Check a text."""
    outside = "".join(text.split("```")[::2])
    if not text or len(text) > 1_000_000 or re.search(r"(?m)^\s*/(close|label|merge)\b", outside):
        raise RefusalError(400, {"message": "400 Bad request"}, "the text is wrong or a quick action")
    return text


@api.route("GET", NOTES)
def list_notes(call: Call) -> Reply:
    """The newest note comes first unless the query says otherwise."""
    known(call)
    rows = [row for row in api.store["comments"] if row["number"] == call.values["iid"]]
    is_ascending = call.query.pop("sort", "desc") == "asc"
    return Reply(200, page_of(call, rows if is_ascending else rows[::-1], "per_page", 100))


@api.route("POST", NOTES)
def create_note(call: Call) -> Reply:
    known(call)
    row = {"id": next_id(), "number": call.values["iid"], "system": False, "body": text_of(call)}
    api.store["comments"].append(row)
    return Reply(201, row)


@api.route("PUT", NOTES + r"/(?P<id>\d+)")
def update_note(call: Call) -> Reply:
    known(call)
    mine = (call.values["iid"], call.values["id"])
    row = next((row for row in api.store["comments"] if (row["number"], str(row["id"])) == mine), None)
    if row is None:
        raise RefusalError(404, {"message": "404 Not found"})
    row["body"] = text_of(call)
    return Reply(200, row)


@api.route("GET", ROOT + "/issues")
def list_issues(call: Call) -> Reply:
    known(call)
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", call.query.pop("created_after", "")):
        raise RefusalError(400, {"error": "created_after is invalid"}, "created_after is missing or wrong")
    if call.query.pop("scope", "created_by_me") != "all":
        raise RefusalError(400, {"error": "scope"}, "issues of a former account would be missed")
    return Reply(200, page_of(call, api.store["issues"][::-1], "per_page", 100))


@api.route("POST", ROOT + "/issues")
def create_issue(call: Call) -> Reply:
    known(call)
    body = fields(call, {"title": str}, {"description": str, "labels": str})
    plain(body.get("description", "-"))
    api.store["issues"].append({"id": next_id(), "iid": next_id(), "state": "opened", **body})
    return Reply(201, api.store["issues"][-1])


@api.route("GET", ROOT + "/merge_requests")
def list_pulls(call: Call) -> Reply:
    """List the open pull requests to one branch. The store has them in the form of the API."""
    known(call)
    target = call.query.pop("target_branch", "")
    if call.query.pop("state", "all") != "opened" or call.query.pop("scope", "all") != "all" or not target:
        raise RefusalError(400, {"error": "state is invalid"}, "other merge requests would be listed")
    rows = [row for row in api.store["pulls"] if row["target_branch"] == target]
    return Reply(200, page_of(call, rows, "per_page", 100))


@api.route("GET", ROOT + r"/merge_requests/(?P<iid>\d+)")
def show_pull(call: Call) -> Reply:
    known(call)
    source = api.store["sources"].get(call.values["iid"], "7")
    ids = {"source_project_id": int(source), "target_project_id": 7}
    return Reply(200, {"id": 501, "iid": int(call.values["iid"]), "project_id": 7, **ids})


if __name__ == "__main__":
    serve(api)
