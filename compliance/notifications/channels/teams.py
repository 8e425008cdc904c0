"""Microsoft Teams, through a workflow that posts an Adaptive Card when it receives a request. The connectors
that Teams had earlier are retired.

All texts are text runs, in which Markdown isn't interpreted. Nobody is mentioned, because that needs an
entity in the card.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from compliance.integrations.delivery import Sent, UnacceptedError
from compliance.lib.outgoing import Answer
from compliance.notifications.channel import Destination
from compliance.notifications.channel_posting import check_url, code_in, host_of, refuse, sender
from compliance.notifications.message import Level, Link, Message
from compliance.notifications.rendering import BREAK, clip, encode, fit

NAME = "teams"
LABEL = "Microsoft Teams"
ADDRESS = "URL of the workflow"
INSTRUCTIONS = (
    "In Teams, open the channel's menu, choose Workflows and the template “Send webhook alerts to a "
    "channel”, and copy the URL that it shows at the end."
)
SIGNS = False

MOST_BYTES = 20_000
"""The documented limit is about 28 kB for what becomes of the card; cards of more than 21 kB were refused."""

_LONGEST_LABEL = 100
_COLORS = {Level.GOOD: "Good", Level.WARNING: "Warning", Level.BAD: "Attention", Level.NEUTRAL: "Default"}
# Dates such as {{DATE(…)}} are filled in even in text runs.
_ESCAPES = str.maketrans({"{": f"{{{BREAK}"})


def check(address: str) -> str:
    """Return the URL of a workflow. Raises ValueError if it is that of a connector."""
    url = check_url(address)
    host = urlsplit(url).hostname or ""
    if host.endswith(".webhook.office.com") or host in ("outlook.office.com", "outlook.office365.com"):
        raise ValueError("This is the URL of a connector, which Microsoft has retired. Create a workflow.")
    return url


show = host = host_of


def prepare(to: Destination, message: Message) -> Callable[[], Sent]:
    """Render a message as an Adaptive Card."""
    return sender(to.url, encode(render(message)), _refused)


def render(message: Message) -> dict[str, Any]:
    """Return the payload of a message."""
    return fit(message, _payload, lambda payload: len(encode(payload)) <= MOST_BYTES)


def _payload(message: Message) -> dict[str, Any]:
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": _literal(message.title),
        "body": _body(message),
        "actions": [
            {"type": "Action.OpenUrl", "title": clip(link.text, _LONGEST_LABEL), "url": link.url}
            for link in message.links
        ],
    }
    card = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": card, "content": content}]}


def _body(message: Message) -> list[dict[str, Any]]:
    color = _COLORS[message.level]
    rows = [_row(_run(Link(message.title), size="Medium", weight="Bolder", color=color))]
    if message.text:
        rows.append(_row(_run(Link(message.text))))
    rows += [
        _row(_run(Link(f"{fact.name}: "), weight="Bolder"), _run(Link(fact.value, fact.url)))
        for fact in message.facts
    ]
    rows += [_row(_run(Link("• ")), _run(entry)) for entry in message.entries]
    if message.more:
        rows.append(_row(_run(Link(message.more))))
    reason = _run(Link(f"{message.because} "), isSubtle=True, size="Small")
    return [*rows, _row(reason, _run(message.stop, size="Small"))]


def _row(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": list(runs)}


def _run(link: Link, **style: Any) -> dict[str, Any]:
    action = {"selectAction": {"type": "Action.OpenUrl", "url": link.url}} if link.url else {}
    return {"type": "TextRun", "text": _literal(link.text), **style, **action}


def _literal(text: str) -> str:
    return text.translate(_ESCAPES)


def _refused(answer: Answer) -> UnacceptedError:
    return refuse(answer, service="The workflow", code=code_in(answer, "error", "code"))
