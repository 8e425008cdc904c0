"""The APIs of Jira Cloud and Jira Data Center, as far as the product calls them.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/ and /cloud/jira/platform/webhooks/. As Cloud, it
accepts basic authentication by ada@example.org (token `admin`) and ben@example.org (`reader`); with
`deployment` stored as Server, it accepts the tokens as Bearer, and has neither version 3 nor secrets.
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
    serve,
    user_and_password,
)

EVENTS = {"jira:issue_created", "jira:issue_updated", "jira:issue_deleted"}
ACCOUNTS = {"ada@example.org": "admin", "ben@example.org": "reader"}
KEYS = ("ADMINISTER", "BROWSE_PROJECTS", "ADD_COMMENTS", "LINK_ISSUES", "CREATE_ISSUES")


def is_cloud() -> bool:
    """Return true unless the test has stored that this is a Data Center."""
    return bool(api.store["deployment"] == "Cloud")


def check(call: Call) -> str:
    """Return the token. Cloud names an account beside it, and version 3 is Cloud's alone."""
    if call.path == "/rest/api/2/serverInfo":
        return ""
    if call.path.startswith("/rest/api/3/") != is_cloud() and call.path.startswith("/rest/api/"):
        raise RefusalError(404, {"errorMessages": ["No such version."]}, "the version is another's")
    account, token = user_and_password(call)
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if is_cloud() and account and ACCOUNTS.get(account) == token:
        return token
    if not is_cloud() and scheme == "Bearer" and value in ACCOUNTS.values():
        return value
    raise RefusalError(
        401, {"message": "Client must be authenticated to access this resource.", "status-code": 401}
    )


api = Strict(check)
api.unknown = {"errorMessages": ["No such resource."], "errors": {}}
api.store |= {"hooks": [], "next": 1, "deployment": "Cloud", "notes": [], "issues": []}


@api.route("GET", "/rest/api/2/serverInfo")
def server(call: Call) -> Reply:
    return Reply(200, {"baseUrl": api.url, "version": "10.3.1", "deploymentType": api.store["deployment"]})


@api.route("GET", "/rest/api/[23]/myself")
def myself(call: Call) -> Reply:
    return Reply(200, {"self": f"{api.url}/rest/api/2/user", "displayName": "Ada", "active": True})


@api.route("GET", "/rest/api/[23]/mypermissions")
def permissions(call: Call) -> Reply:
    asked = call.query.get("permissions", "").split(",")
    if set(asked) - set(KEYS):
        raise RefusalError(
            400, {"errorMessages": ["Unknown permission"]}, f"the permissions {asked} are wrong"
        )
    held = {"admin": set(KEYS), "reader": {"BROWSE_PROJECTS"}}[call.scope]
    return Reply(200, {"permissions": {key: {"key": key, "havePermission": key in held} for key in asked}})


def hooks(call: Call) -> list[Any]:
    """Return the webhooks, which administrators alone may manage."""
    if call.scope != "admin":
        raise RefusalError(403, {"messages": [{"key": "You are not authorized to access the webhooks."}]})
    found: list[Any] = api.store["hooks"]
    return found


def values_of(call: Call) -> dict[str, Any]:
    """Return the values of a webhook. Only Cloud knows secrets, and JQL is checked."""
    optional: dict[str, type] = {"filters": dict, "excludeBody": bool, "enabled": bool}
    optional |= {"secret": str} if is_cloud() else {}
    body = fields(call, {"name": str, "url": str, "events": list}, optional)
    known_events(body["events"], EVENTS)
    query = body.get("filters", {}).get("issue-related-events-section", "")
    if not re.fullmatch(r"|project in \([A-Z][A-Z0-9_]*(, [A-Z][A-Z0-9_]*)*\)", query):
        raise RefusalError(400, {"messages": [{"key": "bad JQL"}]}, f"the query {query!r} is wrong")
    return dict(body)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """Return a webhook without its secret."""
    return {name: value for name, value in row.items() if name not in ("secret", "id")}


@api.route("GET", r"/rest/webhooks/1\.0/webhook")
def list_hooks(call: Call) -> Reply:
    return Reply(200, [shown(row) for row in hooks(call)])


@api.route("POST", r"/rest/webhooks/1\.0/webhook")
def create_hook(call: Call) -> Reply:
    rows, number = hooks(call), api.store["next"]
    api.store["next"] += 1
    address = f"{api.url}/rest/webhooks/1.0/webhook/{number}"
    rows.append({"id": str(number), "self": address, "enabled": True, **values_of(call)})
    return Reply(201, shown(rows[-1]))


@api.route("PUT", r"/rest/webhooks/1\.0/webhook/(?P<id>\d+)")
def update_hook(call: Call) -> Reply:
    row = next((row for row in hooks(call) if row["id"] == call.values["id"]), None)
    if row is None:
        raise RefusalError(404, {"messages": [{"key": "no such webhook"}]})
    row |= values_of(call)
    return Reply(200, shown(row))


@api.route("DELETE", r"/rest/webhooks/1\.0/webhook/(?P<id>\d+)")
def delete_hook(call: Call) -> Reply:
    rows = hooks(call)
    kept = [row for row in rows if row["id"] != call.values["id"]]
    if len(kept) == len(rows):
        raise RefusalError(404, {"messages": [{"key": "no such webhook"}]})
    rows[:] = kept
    return Reply(204)


LINKS = "/rest/api/[23]/issue/(?P<key>[^/]+)/remotelink"


def link_of(call: Call) -> dict[str, Any]:
    """Return a valid link to an issue that exists."""
    if call.values["key"] not in {"SHOP-12", *(row["key"] for row in api.store["issues"])}:
        raise RefusalError(404, {"errorMessages": ["Issue does not exist"], "errors": {}})
    optional = {"globalId": str, "application": dict, "relationship": str}
    body = fields(call, {"object": dict}, optional)
    known = {"url", "title", "summary", "icon", "status"}
    if set(body["object"]) - known or not {"url", "title"} <= set(body["object"]):
        raise RefusalError(400, {"errors": {"object": "is wrong"}}, f"the object {body['object']} is wrong")
    if not 0 < len(body.get("globalId", "")) <= 255 or set(body["application"]) - {"type", "name"}:
        raise RefusalError(400, {"errors": {"globalId": "is wrong"}}, "the global id is missing or too long")
    return body


@api.route("PUT", f"{LINKS}/(?P<id>\\d+)")
def update_link(call: Call) -> Reply:
    body = link_of(call)
    row = next((row for row in api.store["notes"] if str(row["id"]) == call.values["id"]), None)
    if row is None:
        raise RefusalError(404, {"errorMessages": ["No such link"], "errors": {}})
    row |= body
    return Reply(204)


@api.route("GET", LINKS)
def find_link(call: Call) -> Reply:
    if set(call.query) != {"globalId"}:
        raise RefusalError(400, {"errorMessages": ["Bad query"]}, f"the query {call.query} is wrong")
    row = next((row for row in api.store["notes"] if row["globalId"] == call.query["globalId"]), None)
    if row is None:
        raise RefusalError(404, {"errorMessages": ["No such link"], "errors": {}})
    return Reply(200, row)


@api.route("POST", LINKS)
def link(call: Call) -> Reply:
    """A link with the same global id is updated."""
    body = link_of(call)
    rows = api.store["notes"]
    row = next((row for row in rows if row["globalId"] == body["globalId"]), None)
    if row is None:
        api.store["next"] += 1
        rows.append({"id": api.store["next"], **body})
    else:
        row |= body
    known_id = (row or rows[-1])["id"]
    told = {"id": known_id, "self": f"{api.url}{call.path}/{known_id}"}
    return Reply(200 if row else 201, told)


def check_document(value: Any) -> bool:
    """Return true if a value is a document of version 1 that consists of paragraphs, or a text at a Data
    Center.
    """
    if not is_cloud():
        return isinstance(value, str)
    if not isinstance(value, dict) or (value.get("type"), value.get("version")) != ("doc", 1):
        return False
    nodes = [node for block in value["content"] for node in block["content"]]
    blocks = all(block["type"] == "paragraph" and block["content"] for block in value["content"])
    return blocks and all(node["type"] == "hardBreak" or node.get("text") for node in nodes)


@api.route("POST", "/rest/api/[23]/issue")
def create_issue(call: Call) -> Reply:
    given = fields(call, {"fields": dict}, {"properties": list, "update": dict})["fields"]
    if (given.get("project"), given.get("issuetype")) != ({"key": "SHOP"}, {"name": "Task"}):
        errors = {"project": "valid project is required", "issuetype": "Specify a valid issue type"}
        raise RefusalError(400, {"errorMessages": [], "errors": errors})
    is_valid = check_document(given.get("description")) and 0 < len(given.get("summary", "")) <= 255
    labels = given.get("labels", [])
    if not is_valid or any(" " in label for label in labels) or "\n" in given["summary"]:
        raise RefusalError(400, {"errorMessages": ["Bad field"]}, f"the fields {given} are wrong")
    api.store["next"] += 1
    number = api.store["next"]
    api.store["issues"].append({"id": str(number), "key": f"SHOP-{number}", **given})
    return Reply(201, {"id": str(number), "key": f"SHOP-{number}", "self": f"{api.url}{call.path}/{number}"})


def search(call: Call) -> Reply:
    """Find issues by their label; every other query is a fault. With `lag` stored, none is indexed yet."""
    match = re.fullmatch(
        r'project = "SHOP" AND labels in \(("[^"]+"(?:, "[^"]+")*)\)', call.query.get("jql", "")
    )
    if match is None or set(call.query) - {"jql", "fields", "maxResults"}:
        raise RefusalError(400, {"errorMessages": ["bad JQL"]}, f"the query {call.query} is wrong")
    labels = set(re.findall(r'"([^"]+)"', match[1]))
    indexed = [] if api.store.get("lag") else api.store["issues"]
    found = [row for row in indexed if labels.intersection(row["labels"])]
    return Reply(200, {"issues": [{"id": row["id"], "key": row["key"]} for row in found]})


api.route("GET", "/rest/api/3/search/jql")(search)
api.route("GET", "/rest/api/2/search")(search)


if __name__ == "__main__":
    serve(api)
