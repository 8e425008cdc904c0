"""Reconstructs what changed at a commit when waivers were approved or ended while it was the newest one.

A snapshot has what waivers covered when the next commit was recorded. A waiver that was approved and had
ended by then has left no trace in it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from compliance.models import File, PlanVersion, Repository
from compliance.progress.waiver_figures import (
    Row,
    WaivedFiles,
    Window,
    approved,
    covered_amounts,
    is_alive,
    window_of,
)


@dataclass(frozen=True, slots=True)
class WaiverChange:
    """A waiver that was approved or ended at a time, by which the `amounts` that waivers cover changed."""

    at: datetime
    amounts: Counter[str]


def waiver_changes(repository: Repository, version: PlanVersion) -> dict[int, list[WaiverChange]]:
    """Return what changed at which positions, at each in order of time."""
    head = repository.head.position if repository.head else None
    if head is None:
        return {}
    windows = [window_of(repository, waiver, head) for waiver in approved(repository)]
    return _Changes(repository, version, windows).all() if windows else {}


class _Changes:
    """Counts what waivers covered before and after each of their starts and ends. Only the files of the
    waiver that changed are counted.
    """

    def __init__(self, repository: Repository, version: PlanVersion, windows: list[Window]) -> None:
        paths = dict(File.objects.filter(repository=repository).values_list("pk", "path"))
        self._events = sorted(_events(windows), key=lambda event: event[:2])
        self._covers = {window.waiver.pk: window.files(version, paths) for window in windows}
        covered = ((window, self._covers[window.waiver.pk]) for window in windows)
        self._files = WaivedFiles(version, covered)
        self._active: set[int] = set()

    def all(self) -> dict[int, list[WaiverChange]]:
        """Return the changes by position."""
        found: dict[int, list[WaiverChange]] = {}
        for position, at, window, is_start in self._events:
            files = self._covers[window.waiver.pk]
            amounts = Counter[str]()
            amounts.subtract(self._covered(files, position))
            (self._active.add if is_start else self._active.discard)(window.waiver.pk)
            amounts.update(self._covered(files, position))
            found.setdefault(position, []).append(WaiverChange(at, amounts))
        return found

    def _covered(self, files: Iterable[int], position: int) -> Counter[str]:
        """Return what the active waivers cover in some files at a position."""
        rows: list[tuple[Row, bool]] = []
        doubtful = set()
        for file in files:
            active = [one for one in self._files.windows[file] if one.waiver.pk in self._active]
            alive = (row for row in self._files.rows.get(file, ()) if is_alive(row, position))
            rows += ((row, any(one.names(row) for one in active)) for row in alive)
            if any(is_alive(row, position) for row in self._files.unread.get(file, ())):
                doubtful.add(file)
        return covered_amounts(rows, doubtful)


def _events(windows: Iterable[Window]) -> Iterator[tuple[int, datetime, Window, bool]]:
    """Yield the position and time of each start and end of a waiver, and true for starts."""
    for window in windows:
        waiver = window.waiver
        if waiver.decided_at:
            yield window.first, waiver.decided_at, window, True
        if waiver.ended_at:
            yield window.end, waiver.ended_at, window, False
