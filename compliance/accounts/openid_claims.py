"""The verified e-mail addresses in what an OpenID provider says of a person.

Providers differ in where and how they say it: some send `email_verified` as the string "true" (AWS Cognito),
some say everything in the ID token and nothing at the userinfo endpoint (ADFS).
"""

from collections.abc import Mapping
from typing import Any

_SOURCES = ("userinfo", "id_token")


def is_openid(data: Mapping[str, Any]) -> bool:
    """Return true if the data of a sign-in come from an OpenID provider."""
    return any(isinstance(data.get(source), dict) for source in _SOURCES)


def verified_addresses(data: Mapping[str, Any]) -> list[str]:
    """Return the addresses that at least one source calls verified, and none calls unverified.

    A source that gives no address speaks of the other one's. Sources about different persons prove nothing.
    """
    sources = [found for source in _SOURCES if isinstance(found := data.get(source), dict)]
    if len({str(source["sub"]) for source in sources if source.get("sub")}) > 1:
        return []
    addresses = list(dict.fromkeys(filter(None, map(_address, sources))))
    return [address for address in addresses if _is_verified(address, sources)]


def _is_verified(address: str, sources: list[dict[str, Any]]) -> bool:
    said = [
        _as_bool(source["email_verified"])
        for source in sources
        if source.get("email_verified") is not None and _address(source) in {"", address}
    ]
    return bool(said) and all(said)


def _address(source: dict[str, Any]) -> str:
    email = source.get("email")
    return email.strip().lower() if isinstance(email, str) else ""


def _as_bool(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")
