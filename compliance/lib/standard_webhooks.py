"""Signs webhooks by the Standard Webhooks specification: https://www.standardwebhooks.com.

The signature is the HMAC-SHA256 over the id, the time of the attempt and the body, so that a receiver can
recognise repetitions and refuse what was recorded and sent again later.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
SHORTEST_KEY, LONGEST_KEY = 24, 64
"""Minimum and maximum number of bytes of a secret."""

_NEW_KEY = 32


def new_secret() -> str:
    """Return a random secret in the format that the specification gives it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_NEW_KEY)).decode()


def key_of(secret: str) -> bytes:
    """Return the key that a secret contains. Raises ValueError if it isn't `whsec_` and 24 to 64 bytes in
    base64.
    """
    try:
        if not secret.startswith(PREFIX):
            raise ValueError(PREFIX)
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("A secret is whsec_ and a key in base64.") from None
    if not SHORTEST_KEY <= len(key) <= LONGEST_KEY:
        raise ValueError(f"The key of a secret has {SHORTEST_KEY} to {LONGEST_KEY} bytes.")
    return key


def sign(key: bytes, identifier: bytes, timestamp: bytes, body: bytes) -> str:
    """Return the signature of a body by one key."""
    content = b".".join((identifier, timestamp, body))
    return f"v1,{base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()}"


def headers(keys: Sequence[bytes], identifier: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of a webhook, with one signature for each key. While a secret is being replaced,
    there are two.
    """
    at = str(timestamp)
    signatures = [sign(key, identifier.encode(), at.encode(), body) for key in keys]
    return {
        "webhook-id": identifier,
        "webhook-timestamp": at,
        "webhook-signature": " ".join(signatures),
    }
