"""The chat services to which messages are sent, and a program that receives signed webhooks.

A message must keep to everything that its service documents (`tests.notifications.chat_limits`); the answers
are the ones that the service documents, too. The paths of the webhooks have the name of the service, and the
token `good`; `gone` is one that no longer exists.
"""

from typing import Any

from pydantic import ValidationError

from tests.integrations.peers.strict import Call, RefusalError, Reply, Strict, serve
from tests.notifications.chat_limits import MESSAGES

api = Strict(lambda _call: "")
api.store |= {"messages": [], "answers": {}}


def accept(kind: str, call: Call) -> None:
    """Store a message, or refuse it as its service would if it breaks a rule."""
    if set(call.query) - {"wait"}:
        raise RefusalError(400, {"message": "bad query"}, f"the query {call.query} is wrong")
    try:
        MESSAGES[kind].model_validate_json(call.text)
    except ValidationError as error:
        raise RefusalError(400, {"error": "invalid_payload"}, f"{kind}: {error}") from None
    api.store["messages"].append({"kind": kind, "body": call.body})


def ordered(kind: str) -> Any:
    """The status and body that a test has ordered instead of success, for all requests to a service."""
    return api.store["answers"].get(kind)


@api.route("POST", r"/services/T0/B0/(?P<token>\w+)")
def slack(call: Call) -> Reply:
    """https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling_errors."""
    if call.values["token"] != "good":
        return Reply(404, text="no_service")
    if given := ordered("slack"):
        return Reply(*given)
    accept("slack", call)
    return Reply(text="ok")


@api.route("POST", r"/workflows/(?P<token>\w+)/triggers/manual/paths/invoke")
def teams(call: Call) -> Reply:
    """A workflow answers before it has posted the card."""
    call.query.pop("sig", None)
    if call.values["token"] != "good":
        return Reply(404, {"error": {"code": "WorkflowNotFound", "message": "The workflow is gone."}})
    if given := ordered("teams"):
        return Reply(*given)
    accept("teams", call)
    return Reply(202)


@api.route("POST", r"/api/webhooks/42/(?P<token>\w+)")
def discord(call: Call) -> Reply:
    """https://docs.discord.com/developers/resources/webhook#execute-webhook."""
    if call.values["token"] != "good":
        return Reply(404, {"message": "Unknown Webhook", "code": 10015})
    if given := ordered("discord"):
        return Reply(*given)
    if call.query != {"wait": "true"}:
        raise RefusalError(400, {"message": "wait"}, "the answer wouldn't say if the message was stored")
    accept("discord", call)
    return Reply(200, {"id": "1234567890", "type": 0})


@api.route("POST", r"/hooks/(?P<token>\w+)")
def mattermost(call: Call) -> Reply:
    """https://developers.mattermost.com/integrate/webhooks/incoming/."""
    if call.values["token"] != "good":
        code = "web.incoming_webhook.invalid.app_error"
        return Reply(400, {"id": code, "message": "Invalid webhook.", "status_code": 400})
    if given := ordered("mattermost"):
        return Reply(*given)
    accept("mattermost", call)
    return Reply(text="ok")


@api.route("POST", r"/program/(?P<token>\w+)")
def webhook(call: Call) -> Reply:
    """A program, which verifies what it got: the test does that with the text and the headers."""
    if call.values["token"] != "good":
        return Reply(410)
    if given := ordered("webhook"):
        return Reply(*given)
    if len(call.text.encode()) >= 20_000:
        raise RefusalError(413, None, "the body has 20 kB or more")
    accept("webhook", call)
    return Reply(204)


if __name__ == "__main__":
    serve(api)
