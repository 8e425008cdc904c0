"""Keys that open something for whoever has them: 256 bits of chance, of which only a digest is looked up."""

import hashlib
import re
import secrets

_KEY = re.compile(r"[A-Za-z0-9_-]{43}")


def new_key() -> str:
    """A key that can stand in an address."""
    return secrets.token_urlsafe(32)


def is_key(text: str) -> bool:
    """Whether a text has the form of a key."""
    return _KEY.fullmatch(text) is not None


def digest_of(secret: str) -> str:
    """SHA-256 of a secret in hexadecimal. A secret of 256 random bits needs no slow hash."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()
