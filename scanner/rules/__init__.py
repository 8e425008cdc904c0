"""The rule kinds, one module each (or a package with a `rule` module), discovered automatically."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from scanner.rules.base import Rule


def kinds() -> Iterator[type[Rule]]:
    """Yield every rule kind in this folder, ordered by module name."""
    for module in iter_modules(__path__):
        name = f"{__name__}.{module.name}" + (".rule" if module.ispkg else "")
        if module.ispkg and find_spec(name) is None:
            continue
        for value in vars(import_module(name)).values():
            if (
                isinstance(value, type)
                and issubclass(value, Rule)
                and value.__module__ == name
                and value is not Rule
            ):
                yield value
