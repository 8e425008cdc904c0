"""Reads the files of a trial in slices, so that it can show what it has found so far, and be cancelled."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

from scanner import CertainPlace, ReportKey, Walker, certain_places

SLICE = 100
"""Number of files that are read between two looks at what has been found."""

SHOW_EVERY = 1.0
"""Seconds between two reports of what has been found."""


@dataclass
class SoFar:
    """What a trial has found in the files that it has read: lower bounds, without suppressed places."""

    read: int
    total: int
    places: list[CertainPlace] = field(default_factory=list)


def read_in_slices(walker: Walker, sha: str, rule: str, show: Callable[[SoFar], None]) -> None:
    """Read the files of a revision in an order that mixes all folders, and store the reports.

    What has been found is shown after the first slice, then about once a second. An exception of `show` ends
    the reading.
    """
    keys = _mixed(walker.wanted(None, sha))
    found = SoFar(0, len(keys))
    shown = 0.0
    for start in range(0, len(keys), SLICE):
        part = keys[start : start + SLICE]
        found.places += certain_places(walker.read(part), rule)
        found.read += len(part)
        if time.monotonic() - shown >= SHOW_EVERY:
            shown = time.monotonic()
            show(found)


def _mixed(keys: Sequence[ReportKey]) -> list[ReportKey]:
    """Return files in an order that is always the same and doesn't depend on their folders."""
    return sorted(keys, key=lambda key: blake2b(key[0].encode("utf-8", "surrogateescape")).digest())
