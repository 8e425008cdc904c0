"""Makes and describes ssh keys: deploy keys (RFC 8709), and the fingerprints of the keys of hosts."""

import base64
import binascii
import hashlib

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_ssh_private_key,
)

COMMENT = "ssot-compliance"


def new_private_key() -> str:
    """Return a new ed25519 key in OpenSSH's format, without a passphrase."""
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()


def public_key(private_key: str) -> str:
    """Return the line by which a server knows a private key, or an empty string if the key is unreadable."""
    try:
        key = load_ssh_private_key(private_key.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return ""
    line = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    return f"{line} {COMMENT}"


def fingerprints(host_keys: str) -> list[tuple[str, str]]:
    """Return the type and the SHA-256 fingerprint, as ssh-keygen(1) writes it, of each line of a
    `known_hosts` file.
    """
    found = []
    for line in host_keys.splitlines():
        fields = line.split()
        if len(fields) < 3:
            continue
        try:
            digest = hashlib.sha256(base64.b64decode(fields[2], validate=True)).digest()
        except binascii.Error:
            continue
        found.append((fields[1], f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"))
    return found
