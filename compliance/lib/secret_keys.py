"""Random 256-bit keys for links. Only their digests are stored."""

import hashlib
import re
import secrets

_KEY = re.compile(r"[A-Za-z0-9_-]{43}")


def new_key() -> str:
    """Return a new key that can be part of a URL."""
    return secrets.token_urlsafe(32)


def is_key(text: str) -> bool:
    """Return true if a text has the format of a key."""
    return _KEY.fullmatch(text) is not None


def digest_of(secret: str) -> str:
    """Return the SHA-256 of a secret as hexadecimal digits. A random 256-bit secret doesn't need a slow
    hash.
    """
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
