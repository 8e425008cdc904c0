"""The charts, discovered automatically. Each is a module with NAME, TITLE, ORDER and a function `draw`."""

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


def _charts() -> list[ModuleType]:
    modules = (import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__))
    return sorted((module for module in modules if hasattr(module, "draw")), key=lambda chart: chart.ORDER)


CHARTS: dict[str, ModuleType] = {chart.NAME: chart for chart in _charts()}
"""Maps names to charts, in the order in which the page shows them."""
