"""The APIs of forges and trackers, discovered in this package by the names of their providers."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from compliance.integrations.api import Api

APIS: Mapping[str, Api] = {
    module.name.replace("_", "-"): cast("Api", import_module(f"{__name__}.{module.name}"))
    for module in iter_modules(__path__)
}
