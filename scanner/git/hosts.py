"""Resolves host names, and tells addresses that belong to this machine or to its surroundings."""

import ipaddress
import socket
from collections.abc import Iterable

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Cloud metadata services outside the link-local networks.
_METADATA = {"fd00:ec2::254", "100.100.100.200"}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_permitted: tuple[Network, ...] = ()


def permit_networks(networks: Iterable[Network]) -> None:
    """Permit repositories in these networks, even if they belong to this machine. This replaces the networks
    that were permitted in this process before.
    """
    global _permitted  # noqa: PLW0603  (a setting of the process, which every function that opens a remote needs)
    _permitted = tuple(networks)


def is_permitted(address: str) -> bool:
    """Return true if a repository may be at an IP address."""
    parsed = ipaddress.ip_address(address)
    return any(parsed in network for network in _permitted) or not is_inner(address)


def resolve_host(host: str) -> list[str]:
    """Return a host's IP addresses, the ones that are most likely to be reachable first (RFC 6724).

    Raises OSError if the name is unknown, and UnicodeError if it is not a valid one.
    """
    every = (str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(host, None))
    return list(dict.fromkeys(every))


def embedded_address(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address leads to: mapped, 6to4 or NAT64 (RFC 4291, 3056, 6052)."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


def is_inner(text: str) -> bool:
    """Return true if an address is this machine, link-local, multicast, or a cloud metadata service."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address) and (hidden := embedded_address(address)):
        return is_inner(str(hidden))
    return (
        address.is_loopback
        or address.is_link_local
        or address.is_unspecified
        or address.is_multicast
        or str(address) in _METADATA
        or is_own(str(address))
    )


def is_own(address: str) -> bool:
    """Return true if an address belongs to a network interface of this machine. No packets are sent.

    The system uses an address of its own as the source only to reach that same address.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))
            return str(probe.getsockname()[0]) == address
    except OSError:  # there is no route to the address
        return False
