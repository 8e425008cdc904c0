"""Random keys of 256 bits for links; only their digests are stored."""

import hashlib
import re
import secrets

_KEY = re.compile(r"[A-Za-z0-9_-]{43}")


def new_key() -> str:
    """Return a new key that can be part of a URL."""
    return secrets.token_urlsafe(32)


def is_key(text: str) -> bool:
    """Return whether a text has the format of a key."""
    return _KEY.fullmatch(text) is not None


def digest_of(secret: str) -> str:
    """Return the SHA-256 of a secret in hexadecimal. A secret of 256 random bits needs no slow hash."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
