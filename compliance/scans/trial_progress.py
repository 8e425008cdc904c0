"""Reads the files of a trial in slices, so that it can show what it has found so far, and be cancelled."""

import time
from bisect import insort
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

from scanner import CertainPlace, Plan, ReportKey, Walker, certain_places

SLICE = 100
"""Number of files that are read between two looks at what has been found."""

EXAMPLES, FILES = 12, 6
"""Maximum number of example places, and of the files that they are in."""

SHOW_EVERY = 1.0
"""Seconds between two reports of what has been found."""


@dataclass
class SoFar:
    """What a trial has found in the files that it has read: lower bounds, without suppressed places.

    `files` have places; `counted` are the places in the counted categories. `roles` counts places. `first`
    has the first places of the first files that have any, which is enough to show examples. What has been
    found is shown every second and may be hundreds of thousands of places, so nothing may go through all of
    them again.
    """

    read: int
    total: int
    counted: int = 0
    files: set[str] = field(default_factory=set)
    roles: Counter[str] = field(default_factory=Counter)
    first: dict[str, list[CertainPlace]] = field(default_factory=dict)

    @property
    def places(self) -> int:
        """The number of places."""
        return self.roles.total()

    def add(self, places: Iterable[CertainPlace], plan: Plan) -> None:
        """Count places of files that have not been read before."""
        category = lru_cache(maxsize=SLICE)(plan.category_of)
        for place in places:
            self.files.add(place.path)
            self.roles[place.role] += 1
            self.counted += category(place.path) in plan.compliance_counts
            kept = self.first.setdefault(place.path, [])
            insort(kept, place, key=_position)
            del kept[EXAMPLES // FILES :]
        for path in sorted(self.first)[FILES:]:
            del self.first[path]


def read_in_slices(walker: Walker, plan: Plan, sha: str, rule: str, show: Callable[[SoFar], None]) -> None:
    """Read the files of a revision in an order that mixes all folders, and store the reports.

    What has been found is shown after the first slice, then about once a second. An exception of `show` ends
    the reading.
    """
    keys = _mixed(walker.wanted(None, sha))
    found = SoFar(0, len(keys))
    shown = 0.0
    for start in range(0, len(keys), SLICE):
        part = keys[start : start + SLICE]
        found.add(certain_places(walker.read(part), rule), plan)
        found.read += len(part)
        if time.monotonic() - shown >= SHOW_EVERY:
            shown = time.monotonic()
            show(found)


def _position(place: CertainPlace) -> tuple[int, int]:
    return place.line, place.column


def _mixed(keys: Sequence[ReportKey]) -> list[ReportKey]:
    """Return files in an order that is always the same and doesn't depend on their folders."""
    return sorted(keys, key=lambda key: blake2b(key[0].encode("utf-8", "surrogateescape")).digest())
