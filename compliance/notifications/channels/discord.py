"""Discord's webhooks: https://docs.discord.com/developers/resources/webhook#execute-webhook.

Every character that Discord's Markdown could interpret has a backslash before it, and mentions are off.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from compliance.integrations import delivery
from compliance.integrations.delivery import Sent, UnacceptedError
from compliance.integrations.delivery.posting import accepted
from compliance.lib.outgoing import Answer
from compliance.notifications.channel import Destination
from compliance.notifications.channel_posting import check_url, code_in, host_of, refuse
from compliance.notifications.message import Level, Link, Message
from compliance.notifications.rendering import clip, encode, fit, units, unlisted

NAME = "discord"
LABEL = "Discord"
ADDRESS = "URL of the webhook"
INSTRUCTIONS = (
    "In Discord, open the channel's settings, choose Integrations > Webhooks > New Webhook, and copy its URL."
)
SIGNS = False

LONGEST_TITLE = 256
LONGEST_DESCRIPTION = 4096
LONGEST_NAME = 256
LONGEST_VALUE = 1024
MOST_CHARACTERS = 6000
"""Maximum number of characters in all parts of the embed together."""

_GONE = (401, 404, 410)
"""Discord asks not to call a webhook again after these."""

_COLORS = {Level.GOOD: 0x2DA44E, Level.WARNING: 0xBF8700, Level.BAD: 0xCF222E, Level.NEUTRAL: 0x57606A}
_ESCAPES = str.maketrans({character: f"\\{character}" for character in "\\*_~`|<>[]()#@:-!{}$&="})
_PATH = re.compile(r"(?:/[\w-]+)*/api(?:/v\d+)?/webhooks/\d+/[\w-]+/?", re.ASCII)


def check(address: str) -> str:
    """Return the URL of a webhook. Raises ValueError if it isn't one."""
    url = check_url(address)
    parts = urlsplit(url)
    if not _PATH.fullmatch(parts.path) or parts.query or parts.fragment:
        raise ValueError(
            "This is not the URL of a webhook, which is https://discord.com/api/webhooks/… and has nothing "
            "after the token."
        )
    return url.rstrip("/")


show = host = host_of


def prepare(to: Destination, message: Message) -> Callable[[], Sent]:
    """Render a message as an embed."""
    body = encode(render(message))

    def send() -> Sent:
        headers = {"Content-Type": "application/json"}
        # Without `wait`, Discord answers before it knows if it can store the message.
        answer = delivery.post(f"{to.url}?wait=true", headers=headers, body=body, refuse=_refused)
        return accepted(answer, code_in(answer, "id"))

    return send


def render(message: Message) -> dict[str, Any]:
    """Return the payload of a message."""
    return fit(message, _payload, lambda payload: _size(payload["embeds"][0]) <= MOST_CHARACTERS)


def _payload(message: Message) -> dict[str, Any]:
    embed: dict[str, Any] = {
        "title": _literal(message.title, LONGEST_TITLE),
        "description": _description(message),
        "color": _COLORS[message.level],
        "fields": [
            {
                "name": _literal(fact.name, LONGEST_NAME),
                "value": _link(Link(fact.value, fact.url), LONGEST_VALUE),
                "inline": True,
            }
            for fact in message.facts
        ],
    }
    if message.links:
        embed["url"] = message.links[0].url
    if message.happened_at:
        embed["timestamp"] = message.happened_at.isoformat()
    return {"embeds": [embed], "allowed_mentions": {"parse": []}}


def _description(message: Message) -> str:
    lines = [_literal(message.text, LONGEST_VALUE * 2)] if message.text else []
    lines += [f"• {_link(entry, LONGEST_VALUE)}" for entry in message.entries]
    if message.more:
        lines.append(message.more)
    if message.links:
        lines.append(" · ".join(_link(link, LONGEST_VALUE) for link in message.links))
    reason = _literal(message.because, LONGEST_VALUE)
    return "\n".join([*lines, f"{reason} {_link(message.stop, LONGEST_VALUE)}"])


def _link(link: Link, limit: int) -> str:
    if not link.url:
        return _literal(link.text, limit)
    return f"[{_literal(link.text, limit - units(link.url) - 4)}]({link.url})"


def _literal(text: str, limit: int) -> str:
    return clip(unlisted(text), limit, _ESCAPES)


def _size(embed: dict[str, Any]) -> int:
    """Return the number of characters that count, or one too many if the description alone is too long."""
    if units(embed["description"]) > LONGEST_DESCRIPTION:
        return MOST_CHARACTERS + 1
    texts = [embed["title"], embed["description"]]
    texts += [text for field in embed["fields"] for text in (field["name"], field["value"])]
    return sum(units(text) for text in texts)


def _refused(answer: Answer) -> UnacceptedError:
    return refuse(answer, service=LABEL, code=code_in(answer, "code"), gone=_GONE)
