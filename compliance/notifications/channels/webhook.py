"""Webhooks for other programs, signed by the Standard Webhooks specification: https://www.standardwebhooks.com.

The id is the same for all attempts, so that a receiver can recognise a repetition. The body is JSON with the
type of the event, its time and its data.
"""

import time
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from compliance.integrations.delivery import RejectedError, Sent, UnacceptedError
from compliance.lib.outgoing import Answer
from compliance.lib.standard_webhooks import headers, key_of
from compliance.notifications.channel import ChannelGoneError, Destination
from compliance.notifications.channel_posting import check_url, host_of, refuse, sender
from compliance.notifications.message import Link, Message
from compliance.notifications.rendering import encode, fit

NAME = "webhook"
LABEL = "Webhook"
ADDRESS = "URL"
INSTRUCTIONS = (
    "The URL of a program of yours, which gets a POST request with JSON. Verify its signature with the "
    "secret that the channel's page shows."
)
SIGNS = True

MOST_BYTES = 19_000
"""The specification recommends less than 20 kB."""

check = check_url
show = host = host_of


def prepare(to: Destination, message: Message) -> Callable[[], Sent]:
    """Render a message as JSON. It is signed when it is sent."""
    body = render(message, to.recorded_at)
    keys = [key_of(secret) for secret in to.secrets]
    return sender(to.url, body, _refused, lambda: headers(keys, to.id, int(time.time()), body))


def render(message: Message, recorded_at: datetime) -> bytes:
    """Return the body with a message."""
    at = message.happened_at or recorded_at
    return fit(message, lambda shown: encode(_event(shown, at)), lambda body: len(body) <= MOST_BYTES)


def _event(message: Message, at: datetime) -> dict[str, Any]:
    data = {
        "repository": message.repository or None,
        "level": message.level.value,
        "title": message.title,
        "text": message.text,
        "facts": [{"name": fact.name, "value": fact.value, "url": fact.url} for fact in message.facts],
        "entries": [_link(entry) for entry in message.entries],
        "omitted": message.omitted,
        "links": [_link(link) for link in message.links],
        "reason": message.because,
        "stop": message.stop.url,
    }
    return {"type": message.topic, "timestamp": at.isoformat(), "data": data}


def _link(link: Link) -> dict[str, str]:
    return {"text": link.text, "url": link.url}


def _refused(answer: Answer) -> UnacceptedError:
    """Return the error for a failed attempt. By the specification, every status but 410 is tried again."""
    if answer.status == HTTPStatus.GONE:
        return ChannelGoneError("The server replied with 410: it wants no more webhooks.")
    usual = refuse(answer, service="The server", gone=())
    return UnacceptedError(str(usual)) if isinstance(usual, RejectedError) else usual
