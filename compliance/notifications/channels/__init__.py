"""Kinds of channels, one module each, which are discovered in this package."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from compliance.notifications.channel import ChannelKind


def _channels() -> Mapping[str, ChannelKind]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    return {kind.NAME: kind for kind in (cast("ChannelKind", module) for module in modules)}


CHANNELS = _channels()
"""Maps the name stored with each channel to its kind."""
