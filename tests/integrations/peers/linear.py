"""Linear's GraphQL API, as far as the product calls it: https://linear.app/developers/graphql.

Queries are compared as whole texts after their blanks are reduced, so a change of one is a fault until this
file knows it, too. The keys `admin` and `reader` (which may not manage webhooks) are known.
"""

import uuid
from typing import Any

from tests.integrations.peers.strict import Call, RefusalError, Reply, Strict, fields, serve

CREATE = "mutation ($input: WebhookCreateInput!) { webhookCreate(input: $input) { success webhook { id } } }"
UPDATE = (
    "mutation ($id: String!, $input: WebhookUpdateInput!)"
    " { webhookUpdate(id: $id, input: $input) { success webhook { id } } }"
)
ATTACH = (
    "mutation ($input: AttachmentCreateInput!)"
    " { attachmentCreate(input: $input) { success attachment { id } } }"
)
DETACH = "mutation ($id: String!) { attachmentDelete(id: $id) { success } }"
TEAM = "query ($key: String!) { teams(first: 1, filter: { key: { eq: $key } }) { nodes { id } } }"
ISSUE = (
    "query ($id: ID!) { issues(first: 1, includeArchived: true, filter: { id: { eq: $id } })"
    " { nodes { identifier } } }"
)
NEW_ISSUE = (
    "mutation ($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { identifier } } }"
)
CREATED = {"label": str, "url": str, "secret": str, "resourceTypes": list, "allPublicTeams": bool}
UPDATED = {"label": str, "url": str, "secret": str, "resourceTypes": list, "enabled": bool}


def failure(message: str, code: str, status: int = 400) -> RefusalError:
    """Return an error in GraphQL's form."""
    return RefusalError(status, {"errors": [{"message": message, "extensions": {"code": code}}]})


def check(call: Call) -> str:
    """Return the key, which is sent without a scheme."""
    key = call.headers.get("authorization", "")
    if " " in key:
        raise RefusalError(400, {"errors": [{"message": "Bad header"}]}, "the key has a scheme before it")
    if key not in ("admin", "reader"):
        raise failure("Authentication required, not authenticated", "AUTHENTICATION_ERROR", 401)
    return key


api = Strict(check)
api.unknown = {"errors": [{"message": "Not found"}]}
api.store |= {"hooks": [], "notes": [], "issues": []}


def hooks(call: Call) -> list[Any]:
    """Return the webhooks, which administrators alone may manage."""
    if call.scope != "admin":
        raise failure("You must be an admin to manage webhooks", "FORBIDDEN", 200)
    found: list[Any] = api.store["hooks"]
    return found


def input_of(variables: dict[str, Any], known: dict[str, type]) -> dict[str, Any]:
    """Return the input of a mutation, which has no unknown field and names known resources."""
    given = dict(variables["input"])
    wrong = [name for name in given if name not in known or not isinstance(given[name], known[name])]
    if wrong or given.get("resourceTypes", ["Issue"]) != ["Issue"]:
        raise RefusalError(400, {"errors": [{"message": "Bad input"}]}, f"the input {sorted(given)} is wrong")
    return given


def viewer(call: Call, variables: dict[str, Any]) -> dict[str, Any]:
    return {"viewer": {"name": "Ada"}, "organization": {"name": "Shop"}}


def listed(call: Call, variables: dict[str, Any]) -> dict[str, Any]:
    return {"webhooks": {"nodes": [{"id": row["id"], "url": row["url"]} for row in hooks(call)]}}


def create(call: Call, variables: dict[str, Any]) -> dict[str, Any]:
    rows, given = hooks(call), input_of(variables, CREATED)
    if any(row["url"] == given["url"] for row in rows):
        raise RefusalError(200, {"errors": [{"message": "url not unique"}]}, "the webhook exists already")
    rows.append({"id": str(uuid.uuid4()), "enabled": True, **given})
    return {"webhookCreate": {"success": True, "webhook": {"id": rows[-1]["id"]}}}


def update(call: Call, variables: dict[str, Any]) -> dict[str, Any]:
    row = next((row for row in hooks(call) if row["id"] == variables["id"]), None)
    if row is None:
        raise failure("Entity not found: Webhook", "INPUT_ERROR", 200)
    row |= input_of(variables, UPDATED)
    return {"webhookUpdate": {"success": True, "webhook": {"id": row["id"]}}}


def delete(call: Call, variables: dict[str, Any]) -> dict[str, Any]:
    rows = hooks(call)
    kept = [row for row in rows if row["id"] != variables["id"]]
    if len(kept) == len(rows):
        raise failure("Entity not found: Webhook", "INPUT_ERROR", 200)
    rows[:] = kept
    return {"webhookDelete": {"success": True}}


def attach(call: Call, variables: dict[str, Any]) -> dict[str, Any]:
    """An attachment with the same URL on the same issue is updated."""
    given = input_of(variables, dict.fromkeys(("issueId", "url", "title", "subtitle"), str))
    if given["issueId"] not in {"SHOP-12", *(row["identifier"] for row in api.store["issues"])}:
        raise failure("Entity not found: Issue", "INPUT_ERROR", 200)
    same = [row for row in api.store["notes"] if row["url"] == given["url"]]
    row = same[0] if same else {"id": str(uuid.uuid4())}
    row |= given
    if not same:
        api.store["notes"].append(row)
    return {"attachmentCreate": {"success": True, "attachment": {"id": row["id"]}}}


def detach(call: Call, variables: dict[str, Any]) -> dict[str, Any]:
    rows = api.store["notes"]
    kept = [row for row in rows if row["id"] != variables["id"]]
    if len(kept) == len(rows):
        raise failure("Entity not found: Attachment", "INPUT_ERROR", 200)
    rows[:] = kept
    return {"attachmentDelete": {"success": True}}


def teams(call: Call, variables: dict[str, Any]) -> dict[str, Any]:
    return {"teams": {"nodes": [{"id": "team-1"}] if variables["key"] == "SHOP" else []}}


def issues(call: Call, variables: dict[str, Any]) -> dict[str, Any]:
    found = [row for row in api.store["issues"] if row["id"] == variables["id"]]
    return {"issues": {"nodes": [{"identifier": row["identifier"]} for row in found]}}


def new_issue(call: Call, variables: dict[str, Any]) -> dict[str, Any]:
    """The client may choose the id, which must be a UUID of version 4 and new."""
    given = input_of(variables, dict.fromkeys(("id", "teamId", "title", "description"), str))
    if uuid.UUID(given["id"]).version != 4 or given["teamId"] != "team-1":
        raise RefusalError(400, {"errors": [{"message": "Bad input"}]}, f"the input {given} is wrong")
    if any(row["id"] == given["id"] for row in api.store["issues"]):
        raise RefusalError(200, {"errors": [{"message": "id not unique"}]}, "the issue exists already")
    api.store["issues"].append({"identifier": f"SHOP-{len(api.store['issues']) + 90}", **given})
    return {"issueCreate": {"success": True, "issue": {"identifier": api.store["issues"][-1]["identifier"]}}}


OPERATIONS = {
    "query { viewer { name } organization { name } }": viewer,
    "query { webhooks(first: 250) { nodes { id url } } }": listed,
    CREATE: create,
    UPDATE: update,
    ATTACH: attach,
    DETACH: detach,
    TEAM: teams,
    ISSUE: issues,
    NEW_ISSUE: new_issue,
    "mutation ($id: String!) { webhookDelete(id: $id) { success } }": delete,
}


@api.route("POST", "/graphql")
def graphql(call: Call) -> Reply:
    body = fields(call, {"query": str}, {"variables": dict, "operationName": str})
    operation = OPERATIONS.get(" ".join(body["query"].split()))
    if operation is None:
        raise RefusalError(
            400, {"errors": [{"message": "Cannot query"}]}, f"the query {body['query']!r} is unknown"
        )
    return Reply(200, {"data": operation(call, body.get("variables", {}))})


if __name__ == "__main__":
    serve(api)
