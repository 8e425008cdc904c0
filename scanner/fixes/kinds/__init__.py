"""The fixes for each rule kind: one module per kind, named after it, and discovered automatically.

Each module has `rewrite(context, spec, findings)`, which yields a ProposedEdit, a Refusal or a Guide for each
finding of one rule in one file. It reads the workspace but does not change it.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from scanner.fixes.context import FixFunction


@cache
def kinds() -> dict[str, FixFunction]:
    """Return the fix function for each rule kind."""
    found = (module.name for module in iter_modules(__path__))
    return {name.replace("_", "-"): import_module(f"{__name__}.{name}").rewrite for name in found}
