"""Determines the address of a client behind trusted proxies. Failed sign-ins are counted by this address."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")


class ClientAddressMiddleware:
    """Replaces the address of a trusted proxy with the client address that the proxy forwards.

    If TRUSTED_PROXIES is set, forwarding headers from any other sender are removed.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Store the rest of the middleware chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle a request after setting its REMOTE_ADDR to the client's address."""
        if settings.TRUSTED_PROXIES:
            proxy = _parse(request.META.get("REMOTE_ADDR", ""))
            if proxy is not None and _is_trusted(proxy):
                forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
                request.META["REMOTE_ADDR"] = str(_find_client(forwarded, proxy))
            else:
                for name in _FORWARDED:
                    request.META.pop(name, None)
        return self.get_response(request)


def address_of(request: HttpRequest) -> str | None:
    """Return the client's address as determined by `ClientAddressMiddleware`."""
    return request.META.get("REMOTE_ADDR") or None


def _find_client(forwarded: str, proxy: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the last forwarded address that does not belong to a trusted proxy. Each proxy appends the
    address of its peer.

    Anything before that address was sent by the client, and can't be trusted.
    """
    found = proxy
    for text in reversed(forwarded.split(",")):
        address = _parse(text)
        if address is None:
            break
        found = address
        if not _is_trusted(address):
            break
    return found


def _is_trusted(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    """Parse an address as proxies write it, with or without a port. Return None if it is not an address."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
