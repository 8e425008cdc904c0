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
api.store |= {"hooks": []}


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
    if wrong or given.get("resourceTypes") != ["Issue"]:
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


OPERATIONS = {
    "query { viewer { name } organization { name } }": viewer,
    "query { webhooks(first: 250) { nodes { id url } } }": listed,
    CREATE: create,
    UPDATE: update,
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
