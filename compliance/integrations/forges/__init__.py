"""The webhook providers, discovered in this package. A module's name is the provider's name in its URL."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from compliance.integrations.provider import Provider

PROVIDERS: Mapping[str, Provider] = {
    module.name: cast("Provider", import_module(f"{__name__}.{module.name}"))
    for module in iter_modules(__path__)
}
