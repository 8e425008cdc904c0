"""Incoming webhooks of Mattermost and of Rocket.Chat, which take the JSON of Slack's earlier webhooks:
https://developers.mattermost.com/integrate/webhooks/incoming/.

The two read Markdown differently, so a character that could be markup in one of them is separated from what
follows by a space without width, or replaced by one that looks like it.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from compliance.integrations.delivery import Sent, UnacceptedError
from compliance.lib.outgoing import Answer
from compliance.notifications.channel import Destination
from compliance.notifications.channel_posting import check_url, code_in, host_of, refuse, sender
from compliance.notifications.message import Fact, Link, Message
from compliance.notifications.rendering import BREAK, encode, fit, units, unlisted

NAME = "mattermost"
LABEL = "Mattermost or Rocket.Chat"
ADDRESS = "URL of the incoming webhook"
INSTRUCTIONS = (
    "In Mattermost, open Integrations > Incoming Webhooks > Add Incoming Webhook; in Rocket.Chat, Workspace "
    "> Integrations > New > Incoming. Choose the channel, save, and copy the URL, which contains /hooks/."
)
SIGNS = False

LONGEST_TEXT = 5000
"""Rocket.Chat's default limit. Mattermost allows 16,383 characters."""

_GONE = (404, 410, "web.incoming_webhook.invalid.app_error", "web.incoming_webhook.channel.app_error")
_ESCAPES = str.maketrans(
    {
        **{character: f"\\{character}" for character in "\\*_~`#"},
        **{character: f"{character}{BREAK}" for character in "@:&"},
        "<": "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}",
        ">": "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}",
        "[": "\N{FULLWIDTH LEFT SQUARE BRACKET}",
        "]": "\N{FULLWIDTH RIGHT SQUARE BRACKET}",
        "$": "\N{FULLWIDTH DOLLAR SIGN}",
        "|": "\N{LATIN LETTER DENTAL CLICK}",
    }
)


def check(address: str) -> str:
    """Return the URL of an incoming webhook. Raises ValueError if it can't be one."""
    url = check_url(address)
    if "/hooks/" not in urlsplit(url).path:
        raise ValueError("This is not the URL of an incoming webhook, which contains /hooks/.")
    return url


show = host = host_of


def prepare(to: Destination, message: Message) -> Callable[[], Sent]:
    """Render a message as Markdown."""
    return sender(to.url, encode(render(message)), _refused)


def render(message: Message) -> dict[str, Any]:
    """Return the payload of a message."""
    return {"text": fit(message, _text, lambda text: units(text) <= LONGEST_TEXT)}


def _text(message: Message) -> str:
    parts = [f"**{_literal(message.title)}**"]
    if message.text:
        parts.append(_line(message.text))
    if message.facts:
        parts.append("\n".join(_fact(fact) for fact in message.facts))
    entries = [f"- {_link(entry)}" for entry in message.entries]
    if message.more:
        entries.append(f"- {message.more}")
    if entries:
        parts.append("\n".join(entries))
    if message.links:
        parts.append(" · ".join(_link(link) for link in message.links))
    return "\n\n".join([*parts, f"{_literal(message.because)} {_link(message.stop)}"])


def _fact(fact: Fact) -> str:
    return f"- **{_literal(fact.name)}:** {_link(Link(fact.value, fact.url))}"


def _link(link: Link) -> str:
    return f"[{_literal(link.text)}]({link.url})" if link.url else _line(link.text)


def _line(text: str) -> str:
    return _literal(unlisted(text))


def _literal(text: str) -> str:
    return text.translate(_ESCAPES)


def _refused(answer: Answer) -> UnacceptedError:
    return refuse(answer, service="The server", code=code_in(answer, "id"), gone=_GONE)
