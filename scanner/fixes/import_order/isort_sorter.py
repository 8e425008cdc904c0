"""Sorts imports with isort, given its settings as text."""

import warnings
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

import isort
from isort.exceptions import ISortError
from isort.profiles import profiles

from scanner.fixes.import_order.block import UnsortedBlock, compare_blocks
from scanner.fixes.import_order.isort_settings import IsortSettings
from scanner.fixes.import_order.tree_files import TreeFiles

_SORT_ORDERS = {"natural", "native"}


class _Constant(frozenset[str]):
    """A set that a deep copy shares: isort copies its configuration for each block that is indented."""

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self


def find_unsorted(
    data: bytes, path: str, files: TreeFiles, settings: IsortSettings
) -> list[UnsortedBlock] | None:
    """Return the unsorted import blocks of a text according to isort; None if isort cannot judge it."""
    # Other profiles and orders are plugins.
    if settings.values.get("profile", "black") not in profiles:
        return None
    if settings.values.get("sort_order", "natural") not in _SORT_ORDERS:
        return None
    text = data.decode()
    config = _config(settings.configuration(files, text))
    if config is None:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            after = isort.code(text, extension="pyi" if path.endswith(".pyi") else "py", config=config)
    except (ISortError, ValueError, LookupError, AttributeError, TypeError):
        return None
    return compare_blocks(text, after, path)


@lru_cache(maxsize=16)
def _config(text: str) -> isort.Config | None:
    """Return isort's configuration; None if isort rejects a value."""
    with TemporaryDirectory(prefix="ssot-isort-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = Path(folder, ".isort.cfg")
        file.write_text(text, "utf-8")
        try:
            config = isort.Config(settings_file=str(file))
        except (ISortError, ValueError, LookupError, AttributeError, TypeError):
            return None
    for field in fields(config):
        value = getattr(config, field.name)
        if isinstance(value, frozenset):
            object.__setattr__(config, field.name, _Constant(value))
    return config
