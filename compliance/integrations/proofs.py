"""Computes and compares what proves where a webhook comes from, in constant time."""

import hashlib
import hmac
from collections.abc import Sequence

DIGEST = "sha256:"
"""Begins the ids that are digests."""


def is_signed(given: str, body: bytes, secrets: Sequence[str]) -> bool:
    """Return true if `given` is the HMAC-SHA256 of the body under one of the secrets, as lower-case
    hexadecimal digits.
    """
    return is_one_of(given, [sign(body, key.encode()).hex() for key in secrets if key])


def is_one_of(given: str, expected: Sequence[str]) -> bool:
    """Return true if a header is one of the expected texts. All of them are compared."""
    text = given.encode("utf-8", "surrogateescape")
    matches = [hmac.compare_digest(one.encode(), text) for one in expected]
    return any(matches)


def sign(body: bytes, key: bytes) -> bytes:
    """Return the HMAC-SHA256 of a body."""
    return hmac.new(key, body, hashlib.sha256).digest()


def digest(event: str, body: bytes) -> str:
    """Return an id for a delivery whose provider sent none: the same event with the same body has the same
    id.
    """
    return DIGEST + hashlib.sha256(event.encode(errors="replace") + b"\0" + body).hexdigest()
