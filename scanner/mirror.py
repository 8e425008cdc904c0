"""Bare mirrors of other repositories, over the few transports that are safe to speak with strangers."""

import ipaddress
import os
import re
import shutil
import socket
from pathlib import Path as Folder
from urllib.parse import urlsplit, urlunsplit

from scanner.git import GitError, RemoteError, run

_SCP_LIKE = re.compile(r"(?:[\w.+-]+@)?[\w.-]+:(?!//)[^\s]+")
_SECONDS_TO_ASK = 60
_SECONDS_TO_FETCH = 3600
# Slower than this for so long is a stuck line, not a slow one.
_LIMITS = ("http.lowSpeedLimit=1000", "http.lowSpeedTime=60", "http.followRedirects=false")


def clone_mirror(url: str, path: str) -> None:
    """Clone a repository, by URL or local folder, into a new bare mirror at `path`.

    A clone that fails leaves nothing behind. Raises `RemoteError` for an address that is refused or fails.
    """
    transport = _transport(url)
    target = Folder(path)
    if target.exists():
        raise RemoteError(f"{path}: is there already; fetch it, or remove it first")
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.unfinished-{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        _run_remote(["clone", "--mirror", "--quiet", "--", url, str(unfinished)], url, transport)
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def fetch_mirror(path: str) -> None:
    """Bring a mirror to the state of its origin; branches that are gone there go here."""
    try:
        url = run(["config", "--get", "remote.origin.url"], git_dir=path).decode().rstrip("\n")
    except GitError as error:
        raise RemoteError(f"{path}: is no mirror that clone made ({error}); clone it again") from error
    arguments = ["fetch", "--quiet", "--prune", "--force", "--no-auto-maintenance", "origin"]
    _run_remote(arguments, url, _transport(url), git_dir=path)


def ls_remote(url: str) -> dict[str, str]:
    """The refs of a remote repository, full name -> SHA, `HEAD` among them if it has one."""
    raw = _run_remote(["ls-remote", "--quiet", "--", url], url, _transport(url), seconds=_SECONDS_TO_ASK)
    lines = (line.split("\t", 1) for line in raw.decode("utf-8", "replace").splitlines())
    return {name: sha for sha, name in lines if not name.endswith("^{}")}


def _run_remote(
    arguments: list[str],
    url: str,
    transport: str,
    *,
    git_dir: str | None = None,
    seconds: float = _SECONDS_TO_FETCH,
) -> bytes:
    config = [
        f"protocol.{transport}.allow=always",
        "transfer.fsckObjects=true",
        "gc.autoDetach=false",
        *_LIMITS,
    ]
    try:
        return run(arguments, git_dir=git_dir, config=config, timeout=seconds)
    except GitError as error:
        shown = redacted(url)
        words = str(error).replace(url, shown)
        raise RemoteError(
            f"{shown}: {words}; check the address, the access rights and that it is up"
        ) from error


def redacted(url: str) -> str:
    """A URL without its user name and password, fit for messages."""
    parts = urlsplit(url)
    if not parts.scheme or "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _transport(url: str) -> str:
    """The git transport of an address that may be used: https, ssh or file (a folder's path).

    Raises `RemoteError` for every other scheme, and for hosts that lead back into this machine.
    """
    if url.startswith("/"):
        if not Folder(url).is_dir():
            raise RemoteError(f"{url}: there is no such folder")
        return "file"
    parts = urlsplit(url)
    if parts.scheme in ("https", "ssh") and parts.hostname and not parts.hostname.startswith("-"):
        _refuse_inner_host(parts.hostname, url)
        return parts.scheme
    if "://" not in url and "::" not in url and not url.startswith("-") and _SCP_LIKE.fullmatch(url):
        _refuse_inner_host(url.rpartition("@")[2].partition(":")[0], url)
        return "ssh"
    raise RemoteError(f"{redacted(url)}: give an https:// or ssh:// address, or the full path of a folder")


def _refuse_inner_host(host: str, url: str) -> None:
    """Refuse hosts that resolve to this machine or to a link-local (cloud metadata) address."""
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except (OSError, UnicodeError) as error:
        raise RemoteError(f"{redacted(url)}: the host {host!r} cannot be found ({error})") from error
    for text in found:
        address = ipaddress.ip_address(str(text).partition("%")[0])
        if address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast:
            raise RemoteError(
                f"{redacted(url)}: {host!r} leads to {address}, which is never a repository's host"
            )
