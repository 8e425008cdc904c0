"""The forges, discovered in this package."""

import sys
from collections.abc import Mapping

from compliance.integrations.discovery import discover
from compliance.integrations.provider import Provider

PROVIDERS: Mapping[str, Provider] = discover(sys.modules[__name__])

_IMITATED = "github"
_IMITATORS = {"X-Forgejo-Event": "gitea", "X-Gitea-Event": "gitea"}
"""Headers of the forges that send GitHub's headers besides, so that their webhooks may have its address."""


def sender_of(address: str, headers: Mapping[str, str]) -> str:
    """Return the name of the provider that sent a delivery to an address with this provider's name."""
    own = (name for header, name in _IMITATORS.items() if header in headers)
    return next(own, address) if address == _IMITATED else address
