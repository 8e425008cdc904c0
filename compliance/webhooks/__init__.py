"""Webhooks: one file a provider, each one line here; one view for all."""

from collections.abc import Mapping

from compliance.webhooks import github
from compliance.webhooks.shape import Provider

PROVIDERS: Mapping[str, Provider] = {
    "github": github,
}
