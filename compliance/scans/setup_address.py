"""Reads the address of a repository as a person enters it."""

import re
from urllib.parse import unquote, urlsplit

from compliance.lib import local_repositories
from compliance.scans import tracking
from compliance.scans.problems import TroubleError
from compliance.scans.setup_errors import SetupError
from scanner import is_ssh, split_access

_WINDOWS = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_WITHOUT_SCHEME = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?::\d+)?/\S+", re.IGNORECASE)


def _hint(words: str) -> str:
    """Return how to write what looks like an address but is none, or an empty string."""
    if words.startswith(("~", ".")):
        return f"“{words[:200]}” is not a full path. Give the full path of the folder, which begins with /."
    if _WINDOWS.match(words):
        return "This is a Windows path. Give the full path of a folder on this server, which begins with /."
    if words.startswith("git ") and len(words.split()) > 2:
        address = next((each for each in words.split()[2:] if not each.startswith("-")), "")
        return f"Give the address alone: {address}" if address else ""
    if words.startswith("git://"):
        return f"Use https://{words.removeprefix('git://')}: git:// is not encrypted."
    if _WITHOUT_SCHEME.fullmatch(words):
        return f"Give the whole address: https://{words}"
    return ""


def _unquoted(words: str) -> str:
    """Return what a pair of quotes encloses. A folder's own name may end with a quote."""
    is_quoted = len(words) > 1 and words[0] == words[-1] and words[0] in "\"'"
    return words[1:-1] if is_quoted else words


def read_address(address: str) -> tuple[str, str]:
    """Return the address of a repository without its credentials, and those of an https address.

    Raises `SetupError` if it can't be one, or is a folder that is not permitted.
    """
    words = _unquoted(address.strip())
    if not words:
        raise SetupError("address", "Enter the address of a repository, or the full path of a folder.")
    if hint := _hint(words):
        raise SetupError("address", hint)
    has_spaces = any(character.isspace() for character in words)
    if not words.isprintable() or (has_spaces and not words.startswith("/")):
        raise SetupError("address", "The address contains spaces or control characters.")
    if words.startswith("file://"):
        words = unquote(urlsplit(words).path)
    if words.startswith("http://"):
        raise SetupError("address", f"Use https://{words.removeprefix('http://')}: http:// is not encrypted.")
    try:
        url, access = split_access(words)
    except ValueError:
        raise SetupError("address", "The address is not valid. Write it as https://host/path.") from None
    if url.startswith("/"):
        url = url.rstrip("/") or "/"
        try:
            local_repositories.check_folder(url)
        except local_repositories.FolderError as error:
            raise SetupError("address", f"{error} {error.fix}".strip()) from None
    elif url.startswith("https://") and not urlsplit(url).hostname:
        raise SetupError("address", "The address names no server. Write it as https://host/path.")
    elif not (url.startswith("https://") or is_ssh(url)):
        raise SetupError(
            "address",
            "Enter an https:// or ssh:// address, user@host:path, or the full path of a folder on this "
            "server.",
        )
    try:
        tracking.check_values(url=url)
    except TroubleError as error:
        raise SetupError("address", str(error)) from None
    return url, access
