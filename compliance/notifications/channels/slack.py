"""Slack's incoming webhooks: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks.

All texts are elements of rich text blocks, which Slack shows literally: nothing in them mentions anybody, is
formatted or becomes a link. Only the text for notifications is interpreted, so it is escaped.
"""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from compliance.integrations.delivery import Sent, UnacceptedError
from compliance.lib.outgoing import Answer
from compliance.notifications.channel import Destination
from compliance.notifications.channel_posting import check_url, code_in, host_of, refuse, sender
from compliance.notifications.message import Fact, Link, Message
from compliance.notifications.rendering import BREAK, clip, encode, fit

NAME = "slack"
LABEL = "Slack"
ADDRESS = "URL of the incoming webhook"
INSTRUCTIONS = (
    "In Slack, create an app at api.slack.com/apps, turn on Incoming Webhooks, add a webhook to the channel, "
    "and copy its URL, which begins with https://hooks.slack.com/services/."
)
SIGNS = False

LONGEST_TEXT = 3000
MOST_BYTES = 12_000
"""Slack refuses blocks of more than about 13,200 characters together, a limit that it doesn't document."""

_GONE = {
    "no_service",
    "no_service_id",
    "no_team",
    "team_disabled",
    "invalid_token",
    "no_active_hooks",
    "channel_not_found",
    "channel_is_archived",
    "user_not_found",
}
"""Codes after which every other message would be refused as well."""

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": f"@{BREAK}"})


def check(address: str) -> str:
    """Return the URL of an incoming webhook. Raises ValueError if it is another of Slack's URLs."""
    url = check_url(address)
    parts = urlsplit(url)
    host = parts.hostname or ""
    is_slack = host == "slack.com" or host.endswith((".slack.com", ".slack-gov.com"))
    if is_slack and not (host.startswith("hooks.") and parts.path.startswith("/services/")):
        raise ValueError(
            "This is not the URL of an incoming webhook, which begins with https://hooks.slack.com/services/."
        )
    return url


show = host = host_of


def prepare(to: Destination, message: Message) -> Callable[[], Sent]:
    """Render a message as blocks."""
    return sender(to.url, encode(render(message)), _refused)


def render(message: Message) -> dict[str, Any]:
    """Return the payload of a message."""
    return fit(message, _payload, lambda payload: len(encode(payload)) <= MOST_BYTES)


def _payload(message: Message) -> dict[str, Any]:
    head = [_text(message.title, bold=True)]
    if message.text:
        head.append(_text(f"\n{message.text}"))
    blocks = [_block(_section(head))]
    if message.facts:
        blocks.append(_block(_section(_facts(message.facts))))
    if message.entries:
        blocks.append(_block(_bullets(message)))
    links = list(message.links)
    if links:
        blocks.append(_block(_section(_joined(links))))
    reason = [_text(f"{message.because} ", italic=True), _link(message.stop)]
    return {
        "text": clip(message.title, LONGEST_TEXT, _ESCAPES),
        "blocks": [*blocks, _block(_section(reason))],
        "unfurl_links": False,
        "unfurl_media": False,
    }


def _block(element: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [element]}


def _section(elements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "rich_text_section", "elements": elements}


def _bullets(message: Message) -> dict[str, Any]:
    rows = [_section([_link(entry)]) for entry in message.entries]
    if message.more:
        rows.append(_section([_text(message.more)]))
    return {"type": "rich_text_list", "style": "bullet", "elements": rows}


def _facts(facts: Iterable[Fact]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for fact in facts:
        start = "\n" if found else ""
        found += [_text(f"{start}{fact.name}: ", bold=True), _link(Link(fact.value, fact.url))]
    return found


def _joined(links: Iterable[Link]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for link in links:
        found += [_text("  ·  "), _link(link)] if found else [_link(link)]
    return found


def _text(text: str, **style: bool) -> dict[str, Any]:
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def _link(link: Link) -> dict[str, Any]:
    return {"type": "link", "url": link.url, "text": link.text} if link.url else _text(link.text)


def _refused(answer: Answer) -> UnacceptedError:
    return refuse(answer, service=LABEL, code=code_in(answer), gone=_GONE)
