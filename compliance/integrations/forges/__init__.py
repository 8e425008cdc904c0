"""Webhooks: one file a provider, each one line here; one view for all."""

from collections.abc import Mapping

from compliance.integrations.forges import github
from compliance.integrations.provider import Provider

PROVIDERS: Mapping[str, Provider] = {
    "github": github,
}
