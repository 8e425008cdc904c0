"""Describes one edit of a plan's document."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from scanner.planfile.editing.document import Path


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a document.

    `set` gives the node at `path` another value, and adds a missing key after those that precede it in
    `order`. `insert` adds `value` to the list at `path` before the item `index`. `remove` takes out the entry
    at `path`. `move` brings the entry at `path` to the position `index` of its list or mapping. `rename`
    replaces the last key of `path` by `value`. Values are texts, numbers, dates, true, false, null, and lists
    and dictionaries of them.
    """

    action: Literal["set", "insert", "remove", "move", "rename"]
    path: Path
    value: Any = None
    index: int = 0
    order: Sequence[str] = ()
