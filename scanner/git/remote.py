"""Bare mirrors of other repositories, over the few transports that are safe with untrusted hosts."""

import base64
import ipaddress
import os
import re
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from scanner.git.command import GitError, Reason, RemoteError, run

_SCP_LIKE = re.compile(r"(?:[\w.+-]+@)?[\w.-]+:(?!//)[^\s]+")
# Messages of git, curl, ssh and the large forges; the first match gives the reason.
_PATTERNS: dict[Reason, re.Pattern[str]] = {
    "disk full": re.compile(r"No space left on device|Disk quota exceeded"),
    "no answer": re.compile(r"did not complete in|timed out|Operation too slow", re.IGNORECASE),
    "not found": re.compile(
        r"not found|error: 404|not appear to be a git repository|does not exist|no longer exists",
        re.IGNORECASE,
    ),
    "refused": re.compile(
        r"Authentication failed|could not read (?:Username|Password)|error: 40[13]|Permission denied"
        r"|Host key verification failed|access denied|not authorized|dubious ownership",
        re.IGNORECASE,
    ),
}
_ADVICE: dict[Reason, str] = {
    "disk full": "free space on the disk that stores this product's data",
    "no answer": "check the load of its server; the request is repeated automatically",
    "not found": "check the address, and that the account has access",
    "refused": "check the user name, password or key, and its access rights",
    "unreachable": "check the address, and that its server is up and can be reached from here",
}
_SECONDS_TO_ASK = 60
_SECONDS_TO_FETCH = 3600
# A transfer below this rate for this long has stalled.
_LIMITS = ("http.lowSpeedLimit=1000", "http.lowSpeedTime=60", "http.followRedirects=false")
# Metadata services of clouds, outside the link-local networks.
_METADATA = {"fd00:ec2::254", "100.100.100.200"}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class _Remote:
    """A permitted address, without its credentials, which are never passed as an argument."""

    address: str
    transport: str
    config: tuple[str, ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()


def clone_mirror(url: str, path: str, access: str = "") -> None:
    """Clone a repository, by URL or local folder, into a new bare mirror at `path`.

    `access` are the credentials that `split_access` removed from an address. A failed clone leaves nothing
    behind. Raises `RemoteError` for an address that is refused or fails.
    """
    remote = _remote(url, access)
    target = Path(path)
    if target.exists():
        raise RemoteError(f"{path}: exists already; fetch it, or remove it first")
    _clone(remote, target)


def renew_mirror(url: str, path: str, access: str = "") -> None:
    """Replace a damaged mirror by a new clone, once that is complete.

    A failed clone leaves the old mirror unchanged. Raises `RemoteError` like `clone_mirror`.
    """
    target = Path(path)
    fresh = target.with_name(f"{target.name}.renewed-{os.getpid()}")
    old = target.with_name(f"{target.name}.damaged-{os.getpid()}")
    try:
        shutil.rmtree(fresh, ignore_errors=True)
        _clone(_remote(url, access), fresh)
        target.rename(old)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def fetch_mirror(path: str, url: str = "", access: str = "") -> None:
    """Update a mirror to the state of `url`, by default its origin; deleted branches are deleted here."""
    try:
        run(["config", "--get", "remote.origin.mirror"], git_dir=path)
        origin = run(["config", "--get", "remote.origin.url"], git_dir=path).decode().rstrip("\n")
    except GitError as error:
        raise RemoteError(f"{path}: is not a mirror made by a clone ({error}); clone it again") from error
    remote = _remote(url or origin, access)
    if remote.address != origin:
        run(["config", "remote.origin.url", remote.address], git_dir=path)
    arguments = ["fetch", "--quiet", "--prune", "--force", "--no-auto-maintenance", "--no-write-fetch-head"]
    _run_remote([*arguments, "--", remote.address, "+refs/*:refs/*"], remote, git_dir=path)


def is_sound(path: str) -> bool:
    """Return whether a folder is a mirror that has every object its branches and tags reach."""
    try:
        run(["config", "--get", "remote.origin.mirror"], git_dir=path)
        run(["fsck", "--connectivity-only", "--no-dangling", "--no-progress"], git_dir=path)
    except GitError:
        return False
    return True


def ls_remote(url: str, access: str = "") -> dict[str, str]:
    """Return the refs of a remote repository, full name -> SHA, `HEAD` among them if it has one."""
    remote = _remote(url, access)
    raw = _run_remote(["ls-remote", "--quiet", "--", remote.address], remote, seconds=_SECONDS_TO_ASK)
    lines = (line.split("\t", 1) for line in raw.decode("utf-8", "replace").splitlines())
    return {name: sha for sha, name in lines if not name.endswith("^{}")}


def split_access(url: str) -> tuple[str, str]:
    """Return an https address without the user, password or token in it, and these as `user:password`."""
    parts = urlsplit(url)
    if parts.scheme != "https" or "@" not in parts.netloc:
        return url, ""
    access, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=host)), access


def _clone(remote: _Remote, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f"{target.name}.unfinished-{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        _run_remote(["clone", "--mirror", "--quiet", "--", remote.address, str(unfinished)], remote)
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _run_remote(
    arguments: list[str],
    remote: _Remote,
    *,
    git_dir: str | None = None,
    seconds: float = _SECONDS_TO_FETCH,
) -> bytes:
    config = [
        f"protocol.{remote.transport}.allow=always",
        "transfer.fsckObjects=true",
        "gc.autoDetach=false",
        *_LIMITS,
        *remote.config,
    ]
    try:
        return run(
            arguments, git_dir=git_dir, config=config, timeout=seconds, secret_config=dict(remote.secrets)
        )
    except GitError as error:
        reason = reason_of(str(error))
        raise RemoteError(f"{remote.address}: {error}; {_ADVICE[reason]}", reason) from error


def reason_of(message: str) -> Reason:
    """Return why git could not read a remote repository, judged by its output."""
    return next((reason for reason, pattern in _PATTERNS.items() if pattern.search(message)), "unreachable")


def redacted(url: str) -> str:
    """Return a URL without its user name and password, fit for messages."""
    parts = urlsplit(url)
    if not parts.scheme or "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _remote(url: str, access: str) -> _Remote:
    """Return how an address may be reached: by https, by ssh, or as a folder's path.

    Raises `RemoteError` for every other scheme, and for hosts that resolve to this machine.
    """
    if url.startswith("/"):
        if not Path(url).is_dir():
            raise RemoteError(f"{url}: no such folder", "not found")
        return _Remote(url, "file")
    parts = urlsplit(url)
    if parts.scheme in ("https", "ssh") and parts.hostname and not parts.hostname.startswith("-"):
        found = _outer_addresses(parts.hostname, url)
        return _by_https(url, access, found) if parts.scheme == "https" else _Remote(url, "ssh")
    if "://" not in url and "::" not in url and not url.startswith("-") and _SCP_LIKE.fullmatch(url):
        _outer_addresses(url.rpartition("@")[2].partition(":")[0], url)
        return _Remote(url, "ssh")
    message = f"{redacted(url)}: give an https:// or ssh:// address, or the full path of a folder"
    raise RemoteError(message, "address")


def _by_https(url: str, access: str, found: list[str]) -> _Remote:
    """Pin the checked addresses for git, because the name may resolve to others a moment later.

    ssh verifies the host's key, so a changed name is harmless there.
    """
    address, own = split_access(url)
    parts = urlsplit(address)
    host, port = str(parts.hostname), _port(parts, url)
    pinned: tuple[str, ...] = ()
    if not _is_address(host):  # an address resolves to itself, and curl takes no pin for one of IPv6
        pinned = (f"http.curloptResolve={host.encode('idna').decode()}:{port}:{','.join(found)}",)
    secrets: tuple[tuple[str, str], ...] = ()
    if word := own or access:
        user, _, password = word.partition(":")
        token = base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
        root = urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
        secrets = ((f"http.{root}.extraHeader", f"Authorization: Basic {token}"),)
    return _Remote(address, "https", pinned, secrets)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _port(parts: SplitResult, url: str) -> int:
    try:
        return parts.port or 443
    except ValueError:
        message = f"{redacted(url)}: the port is not a number between 1 and 65535"
        raise RemoteError(message, "address") from None


def _outer_addresses(host: str, url: str) -> list[str]:
    """Return a host's addresses, as curl writes them; refuse this machine and cloud metadata services."""
    try:
        found = sorted({str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(host, None)})
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is not a valid host name"
        words = f"{redacted(url)}: the host {host!r} cannot be found: {why}; {_ADVICE['unreachable']}"
        raise RemoteError(words) from error
    for text in found:
        if _is_inner(text):
            raise RemoteError(
                f"{redacted(url)}: {host!r} resolves to {text}, which cannot be a repository's host",
                "address",
            )
    return [f"[{text}]" if ":" in text else text for text in found]


def _is_inner(text: str) -> bool:
    """Return whether an address is this machine, link-local, multicast, or a cloud's metadata service."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        # Forms of IPv6 that lead to an IPv4 host: mapped, 6to4 and NAT64 (RFC 4291, 3056, 6052).
        hidden = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            hidden = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if hidden:
            return _is_inner(str(hidden))
    return (
        address.is_loopback
        or address.is_link_local
        or address.is_unspecified
        or address.is_multicast
        or str(address) in _METADATA
        or _is_own(str(address))
    )


def _is_own(address: str) -> bool:
    """Return whether an address belongs to an interface of this machine; nothing is sent.

    The system reaches its own address from that very address, and any other one from another.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))
            return str(probe.getsockname()[0]) == address
    except OSError:  # no route leads there
        return False
