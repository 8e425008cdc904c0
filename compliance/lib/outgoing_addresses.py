"""Decides to which addresses the product connects on behalf of a user who has entered a URL.

Otherwise, whoever may enter a URL could reach servers that only this machine or its network can reach.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

from django.conf import settings
from django.core import checks
from urllib3.exceptions import LocationParseError
from urllib3.util import Url, parse_url

from scanner import embedded_address, is_inner, permit_networks, resolve_host

Network = IPv4Network | IPv6Network

_PORTS = {"http": 80, "https": 443}
_LONGEST_URL = 4000


class OutgoingError(OSError):
    """Raised if a request has no usable answer. The text contains no part of the URL but its host, because
    paths may contain secrets.

    `may_have_arrived` is false if the server can't have received the request.
    """

    may_have_arrived = False


class RefusedAddressError(OutgoingError):
    """Raised if a URL is invalid or leads to an address that is not permitted. Nothing was sent."""


class UnreachableError(OutgoingError):
    """Raised if no connection could be established. Nothing was sent."""


@dataclass(frozen=True, slots=True)
class Target:
    """A permitted URL, and the IP addresses of its host that were checked and must be connected to."""

    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]

    @property
    def origin(self) -> str:
        """Return the scheme, the host and, unless it is the usual one, the port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"


def find_target(url: str, allowed: Iterable[Network]) -> Target:
    """Resolve a URL's host and return its addresses, all of which are permitted.

    Raises:
        RefusedAddressError: if the URL is invalid, or if one of the addresses is not permitted.
        UnreachableError: if the host's name is unknown.
    """
    parts = _parse(url)
    scheme, host = str(parts.scheme), str(parts.host).strip("[]")
    try:
        found = resolve_host(host)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or "it is not a valid host name"
        raise UnreachableError(f"The host {host!r} cannot be found: {why}.") from None
    networks = tuple(allowed)
    for address in found:
        if not _is_permitted(address, networks):
            raise RefusedAddressError(
                f"The host {host!r} has the address {address}, which is private or belongs to this machine. "
                "An administrator can permit it with the setting OUTGOING_ALLOW."
            )
    return Target(scheme, host, parts.port or _PORTS[scheme], parts.request_uri, tuple(found))


def _parse(url: str) -> Url:
    """Return the parts of a URL. Raises `RefusedAddressError` unless every reader would split it equally."""
    if len(url) > _LONGEST_URL:
        raise RefusedAddressError(f"The URL is longer than {_LONGEST_URL} characters.")
    if not url.isprintable() or any(character in url for character in " \\"):
        raise RefusedAddressError("The URL contains spaces, backslashes or control characters.")
    try:
        parts = parse_url(url)
    except LocationParseError:
        raise RefusedAddressError("The URL is invalid. Write it as https://host/path.") from None
    if parts.scheme not in _PORTS or not parts.host:
        raise RefusedAddressError("The URL must begin with https:// or http:// and name a host.")
    if parts.auth is not None:
        raise RefusedAddressError(
            "The URL contains a user name. Remove everything up to “@”; credentials have fields of their own."
        )
    if parts.port == 0:
        raise RefusedAddressError("The URL's port is not a number between 1 and 65535.")
    return parts


def _is_permitted(text: str, allowed: tuple[Network, ...]) -> bool:
    address: IPv4Address | IPv6Address = ip_address(text)
    if isinstance(address, IPv6Address):
        address = embedded_address(address) or address
    if any(form in network for form in (ip_address(text), address) for network in allowed):
        return True
    is_local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_reserved or is_local or is_inner(text))


def permit_repositories() -> None:
    """Permit repositories at the addresses in OUTGOING_ALLOW, even if they are this machine's."""
    permit_networks(settings.OUTGOING_ALLOW)


def warn_about_allowed(**_: Any) -> list[checks.CheckMessage]:
    """Return a warning for `manage.py check --deploy` if addresses are permitted that are refused by
    default.
    """
    if not settings.OUTGOING_ALLOW:
        return []
    named = ", ".join(str(network) for network in settings.OUTGOING_ALLOW)
    return [
        checks.Warning(
            f"OUTGOING_ALLOW permits connections to {named}: whoever can enter the URL of a connection or a "
            "webhook can have requests sent to every server there.",
            hint="Permit only the addresses that are needed, such as 10.1.2.3/32.",
            id="compliance.W001",
        )
    ]
