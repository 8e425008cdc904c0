"""Makes the credentials with which a repository is read, and says what they contain without showing them."""

from urllib.parse import quote

from compliance.lib import ssh_keys
from compliance.scans.setup_errors import SetupError
from scanner import SshAccess

_LONGEST_TOKEN = 20_000


def token_access(url: str, user: str, token: str) -> str:
    """Return the credentials for a token as git takes them. Raises `SetupError`."""
    if not url.startswith("https://"):
        raise SetupError("token", "A token is used with an https:// address only.")
    if len(user) + len(token) > _LONGEST_TOKEN or not (user + token).isprintable():
        raise SetupError("token", "The token is too long or contains control characters.")
    if not token.strip():
        raise SetupError("token", "Enter the token.")
    return f"{quote(user.strip() or 'git', safe='')}:{quote(token.strip(), safe='')}"


def key_of(access: str) -> str:
    """Return the public half of the deploy key in credentials, or an empty string."""
    found = SshAccess.parse(access)
    return ssh_keys.public_key(found.private_key) if found else ""


def host_fingerprints(access: str) -> list[tuple[str, str]]:
    """Return the types and fingerprints of the accepted host keys in credentials."""
    found = SshAccess.parse(access)
    return ssh_keys.fingerprints(found.host_keys) if found else []
