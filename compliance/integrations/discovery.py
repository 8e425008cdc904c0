"""Finds the providers in a package, so that a new one is a new file and nothing else."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import cast

from compliance.integrations.provider import Provider


def discover(package: ModuleType) -> Mapping[str, Provider]:
    """Return the modules of a package by the names of their providers, as webhooks' addresses have them:
    `bitbucket-dc` for `bitbucket_dc.py`.
    """
    return {
        module.name.replace("_", "-"): cast("Provider", import_module(f"{package.__name__}.{module.name}"))
        for module in iter_modules(package.__path__)
    }
