"""Checks repository addresses, which must not refer to this machine, and separates their credentials."""

import base64
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from scanner.git.command import RemoteError
from scanner.git.failures import advice
from scanner.git.hosts import is_permitted, resolve_host
from scanner.git.local import explain_missing
from scanner.git.ssh import SshAccess, SshHost, ask_host_keys

_SCP_LIKE = re.compile(r"(?:[\w.+-]+@)?[\w.-]+:(?!//)[^\s]+")


@dataclass(frozen=True, slots=True)
class Remote:
    """A permitted address without its credentials, which are never passed as a command-line argument.

    `hosts` are the checked IP addresses of an https server in curl's notation. `ssh_access` is the key with
    which ssh signs in; without one, ssh's own configuration applies.
    """

    address: str
    transport: str
    config: tuple[str, ...] = ()
    secrets: tuple[tuple[str, str], ...] = ()
    ssh_options: tuple[str, ...] = ()
    ssh_access: SshAccess | None = None
    hosts: tuple[str, ...] = ()


def split_access(url: str) -> tuple[str, str]:
    """Split an https address into the address without credentials, and the credentials as `user:password`."""
    parts = urlsplit(url)
    if parts.scheme != "https" or "@" not in parts.netloc:
        return url, ""
    access, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=host)), access


def redacted(url: str) -> str:
    """Return a URL without its user name and password, for use in messages."""
    parts = urlsplit(url)
    if not parts.scheme or "@" not in parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def permit(url: str, access: str) -> Remote:
    """Return the permitted way to access an address: by https, by ssh, or as a local folder.

    Raises `RemoteError` for every other scheme, and for hosts that resolve to this machine.
    """
    if url.startswith("/"):
        if problem := explain_missing(url):
            raise RemoteError(f"{url}: {problem[0]}", problem[1])
        return Remote(url, "file")
    parts = urlsplit(url)
    if parts.scheme in ("https", "ssh") and parts.hostname and not parts.hostname.startswith("-"):
        found = _outer_addresses(parts.hostname, url)
        return _by_https(url, access, found) if parts.scheme == "https" else _by_ssh(url, access, found)
    if "://" not in url and "::" not in url and not url.startswith("-") and _SCP_LIKE.fullmatch(url):
        found = _outer_addresses(url.rpartition("@")[2].partition(":")[0], url)
        return _by_ssh(url, access, found)
    words = f"{redacted(url)}: give an https:// or ssh:// address, or the full path of a folder"
    raise RemoteError(words, "address")


def _by_https(url: str, access: str, found: list[str]) -> Remote:
    """Pin the checked IP addresses for git, because the name may resolve to others a moment later."""
    address, own = split_access(url)
    parts = urlsplit(address)
    host, port = str(parts.hostname), _port(parts, url)
    pinned: tuple[str, ...] = ()
    if not _is_address(host):  # an address resolves to itself, and curl does not accept a pin for IPv6
        pinned = (f"http.curloptResolve={host.encode('idna').decode()}:{port}:{','.join(found)}",)
    secrets: tuple[tuple[str, str], ...] = ()
    if word := own or access:
        user, _, password = word.partition(":")
        token = base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()
        root = urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
        secrets = ((f"http.{root}.extraHeader", f"Authorization: Basic {token}"),)
    return Remote(address, "https", pinned, secrets, hosts=tuple(found))


def is_ssh(url: str) -> bool:
    """Return true if an address is one of ssh, in either notation."""
    if "://" in url:
        return urlsplit(url).scheme == "ssh"
    return not url.startswith(("/", "-")) and "::" not in url and bool(_SCP_LIKE.fullmatch(url))


def host_keys(url: str) -> str:
    """Return the keys that the host of an ssh address shows, as lines of a `known_hosts` file.

    Raises `RemoteError` if the address is not permitted or no ssh server answers.
    """
    permit(url, "")
    return ask_host_keys(_ssh_host(url), redacted(url))


def _by_ssh(url: str, access: str, found: list[str]) -> Remote:
    """Pin a checked IP address for ssh. The host key is still looked up under the host's name.

    ssh would otherwise resolve the name again, and connect to whatever it then resolves to before it verifies
    the host key.
    """
    host = _ssh_host(url, found)
    options = (f"HostName={host.address.strip('[]')}", f"HostKeyAlias={host.alias}")
    named = _host_and_port(url)[0]
    return Remote(
        url, "ssh", ssh_options=() if _is_address(named) else options, ssh_access=SshAccess.parse(access)
    )


def _ssh_host(url: str, found: list[str] | None = None) -> SshHost:
    host, port = _host_and_port(url)
    alias = host if port == 22 else f"[{host}]:{port}"  # as ssh writes it in known_hosts
    return SshHost((found or _outer_addresses(host, url))[0], port, alias.casefold())


def _host_and_port(url: str) -> tuple[str, int]:
    if "://" in url:
        parts = urlsplit(url)
        return str(parts.hostname), _port(parts, url, default=22)
    return url.rpartition("@")[2].partition(":")[0], 22


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _port(parts: SplitResult, url: str, default: int = 443) -> int:
    try:
        return parts.port or default
    except ValueError:
        message = f"{redacted(url)}: the port is not a number between 1 and 65535"
        raise RemoteError(message, "address") from None


def _outer_addresses(host: str, url: str) -> list[str]:
    """Return a host's IP addresses in curl's notation, the ones that are most likely to be reachable first.

    Raises `RemoteError` for this machine and for cloud metadata services.
    """
    try:
        found = resolve_host(host)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is not a valid host name"
        words = f"{redacted(url)}: the host {host!r} cannot be found: {why}; {advice('unreachable')}"
        raise RemoteError(words) from error
    for text in found:
        if not is_permitted(text):
            raise RemoteError(
                f"{redacted(url)}: {host!r} resolves to {text}, which cannot be a repository's host. Give "
                "the server's address in your network; OUTGOING_ALLOW permits an address of this machine",
                "address",
            )
    return [f"[{text}]" if ":" in text else text for text in found]
