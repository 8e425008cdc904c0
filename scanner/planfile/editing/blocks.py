"""Writes values as lines of YAML in block style."""

from collections.abc import Mapping, Sequence
from typing import Any

from scanner.planfile.editing.scalars import write_flow, write_scalar

WIDTH = 100
"""Number of columns above which a collection is written on several lines."""

_STEP = 2


def entry_lines(key: str, value: Any, column: int, offset: int) -> list[str]:
    """Return the lines of one entry of a block mapping at this column.

    `offset` is by how many columns lists are indented within their mappings.
    """
    name = " " * column + write_scalar(key) + ":"
    if is_short(value, len(name)):
        return [f"{name} {write_flow(value)}"]
    return [name, *value_lines(value, column + (offset if not isinstance(value, Mapping) else _STEP), offset)]


def value_lines(value: Any, column: int, offset: int) -> list[str]:
    """Return the lines of a mapping or a list at this column."""
    if isinstance(value, Mapping):
        return [line for key, part in value.items() for line in entry_lines(key, part, column, offset)]
    return [line for item in value for line in item_lines(item, column, offset, flow=False)]


def item_lines(item: Any, column: int, offset: int, *, flow: bool) -> list[str]:
    """Return the lines of one item of a block list at this column. A mapping is written in flow style if this
    is asked for and it is short enough.
    """
    indent = " " * column
    is_mapping = isinstance(item, Mapping) and bool(item)
    if not is_mapping or (flow and column + len(write_flow(item)) <= WIDTH):
        return [f"{indent}- {write_flow(item)}"]
    first, *rest = value_lines(item, column + _STEP, offset)
    return [f"{indent}- {first.lstrip()}", *rest]


def is_short(value: Any, column: int) -> bool:
    """Return whether a value is written on the line of its key."""
    if isinstance(value, str) or not isinstance(value, (Mapping, Sequence)) or not value:
        return True
    nested = isinstance(value, Mapping) or any(isinstance(part, Mapping) for part in value)
    return not nested and column + len(write_flow(value)) <= WIDTH
