"""What channels that are reached over HTTP share: their addresses, and how an answer is understood."""

import re
from collections.abc import Callable, Collection, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from compliance.integrations import delivery
from compliance.integrations.delivery import Sent, UnacceptedError
from compliance.integrations.delivery.posting import accepted, refusal
from compliance.lib.outgoing import Answer
from compliance.notifications.channel import ChannelGoneError

LONGEST_URL = 2000

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,80}")
_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)


def check_url(address: str) -> str:
    """Return an address if it is a URL. Raises ValueError otherwise."""
    text = address.strip()
    try:
        parts = urlsplit(text)
        is_valid = parts.scheme in ("https", "http") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_valid = False
    if not is_valid or not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise ValueError("Write the address as https://host/path.")
    if parts.username or parts.password:
        raise ValueError("Leave out user names and passwords.")
    if len(text) > LONGEST_URL:
        raise ValueError(f"At most {LONGEST_URL:,} characters are allowed.")
    return text


def host_of(address: str) -> str:
    """Return the host and port of a URL."""
    return urlsplit(address).netloc[:255]


def code_in(answer: Answer, *names: str) -> str:
    """Return the error code in an answer: the whole body or, with names, what they lead to in its JSON.

    Anything that doesn't look like a code is left out, so that no other content of a server is shown.
    """
    try:
        found: Any = answer.json() if names else answer.body.decode("ascii").strip()
        for name in names:
            found = found[name]
    except (ValueError, LookupError, TypeError):
        return ""
    return str(found) if _CODE.fullmatch(str(found)) else ""


def refuse(
    answer: Answer, *, service: str, code: str = "", gone: Collection[int | str] = _GONE
) -> UnacceptedError:
    """Return the error for an answer whose status isn't 200 to 299: by default, after 404 and 410 the channel
    no longer exists. `gone` has the statuses and the codes that mean this.
    """
    usual = refusal(answer)
    said = f" ({code})" if code else ""
    if answer.status in gone or code in gone:
        return ChannelGoneError(
            f"{service} replied with {answer.status}{said}: it no longer has the channel."
        )
    if not code:
        return usual
    words = str(usual).replace(f"{answer.status}.", f"{answer.status}{said}.", 1)
    return type(usual)(
        words, wait=usual.wait, may_have_arrived=usual.may_have_arrived, whole_host=usual.whole_host
    )


def sender(
    url: str,
    body: bytes,
    refused: Callable[[Answer], UnacceptedError],
    headers: Callable[[], Mapping[str, str]] = dict,
) -> Callable[[], Sent]:
    """Return the function that sends a JSON document. The headers are computed for each attempt."""
    return partial(_send, url, body, refused, headers)


def _send(
    url: str,
    body: bytes,
    refused: Callable[[Answer], UnacceptedError],
    headers: Callable[[], Mapping[str, str]],
) -> Sent:
    sent = {"Content-Type": "application/json", **headers()}
    return accepted(delivery.post(url, headers=sent, body=body, refuse=refused))
