"""The reading of a recording job, shared with other machines.

The job plans ranges ahead of where it is and asks the other machines to read them, beginning with those it
needs first. It deletes each range that it reaches. If nobody has begun a range, or whoever did has not been
heard of for a while, it reads the files itself. Therefore it never depends on another machine, and records
the same with any of them or none.
"""

import time
from collections.abc import Callable, Iterator, Sequence

from compliance.lib.batches import batches
from compliance.models import Commit, ReadingRange
from compliance.scans import reading_ranges
from compliance.scans.scan import Scan
from scanner import Revision, Visit, engine_version

MOST_AHEAD = 64
"""Number of ranges that are planned ahead."""

_LOOKED_AT_FIRST, _LOOKED_AT = 200, 20
"""Number of commits that are looked at, at most, when a run begins and for each one that is visited, so that
planning a long history never takes long at once.
"""

_LOOK_EVERY = 0.1
"""Seconds between two looks at a range that another machine is reading."""


def read_tree(scan: Scan, sha: str) -> None:
    """Read the files of a commit that will be visited first, together with other machines if they are
    many.
    """
    machines = reading_ranges.other_machines(scan.repository)
    keys = scan.walker.wanted(None, sha) if machines else []
    missing = scan.reports.missing(keys)
    if len(missing) < reading_ranges.LEAST or not machines:
        return
    numbers = {key: number for number, key in enumerate(keys)}
    shares = {numbers[share[0]]: share for share in batches(missing, reading_ranges.REPORTS)}
    ends = [*list(shares)[1:], len(keys)]
    parts = [_range(scan, sha, end - start, first=start) for start, end in zip(shares, ends, strict=True)]
    reading_ranges.ranges_of(scan.version).filter(is_tree=True).delete()
    ReadingRange.objects.bulk_create(parts)
    reading_ranges.ask(scan.version, machines)
    scan.reports.asks = True
    held = []
    for part in parts:
        if reading_ranges.take(part.pk):
            scan.walker.read(shares[part.first])
        else:
            held.append(part)
    for part in held:
        _wait_for(scan, part.pk)
        scan.walker.read(shares[part.first])


def visits(scan: Scan, above: Commit, revisions: Sequence[Revision]) -> Iterator[Visit]:
    """Visit the commits below a recorded one, newest first, like a walk."""
    shared = _SharedHistory(scan, [above.sha, *(revision.sha for revision in revisions)])
    if not shared.is_shared:
        return scan.walker.walk(revisions)
    scan.reports.asks = True
    if scan.walker.memory is None:
        read_tree(scan, revisions[0].sha)
    return shared.visits(revisions)


class _SharedHistory:
    """The ranges of a history. Step number n leads from the commit before to number n of the line, which
    begins with a commit that is recorded already.
    """

    def __init__(self, scan: Scan, line: Sequence[str]) -> None:
        self._scan, self._line = scan, line
        self._machines = reading_ranges.other_machines(scan.repository)
        self._starts: dict[int, int] = {}  # the ids of ranges by their first step
        self._next = self._unplanned = 1
        self._planned: dict[int, ReadingRange] = {}  # ranges that are not rows yet, by their first step
        self._begin = self._reports = self._all_reports = 0
        self._resume()

    @property
    def is_shared(self) -> bool:
        """Return true if another machine reads, or has read, some of the history."""
        return bool(self._machines or self._starts)

    def _resume(self) -> None:
        """Find the ranges that an earlier run of the job has planned, and delete those of another line."""
        numbers = {sha: number for number, sha in enumerate(self._line)}
        rows = reading_ranges.ranges_of(self._scan.version).filter(is_tree=False)
        for pk, sha, count in list(rows.values_list("pk", "sha", "count")):
            if sha not in numbers:
                rows.filter(pk=pk).delete()
                continue
            first = numbers[sha] + 1
            self._starts[first] = pk
            self._unplanned = max(self._unplanned, first + count)
        if self._starts:
            self._all_reports = reading_ranges.LEAST

    def visits(self, revisions: Sequence[Revision]) -> Iterator[Visit]:
        """Visit the whole line. A walk ends before a range that another machine is reading."""
        self._plan(_LOOKED_AT_FIRST)
        self._ask()
        while self._next < len(self._line):
            yield from self._scan.walker.walk(self._until_held(revisions))
            if self._next < len(self._line):
                _wait_for(self._scan, self._starts.pop(self._next), self._read_ahead)

    def _read_ahead(self) -> bool:
        """Read the last range that nobody has begun, so that this machine doesn't idle while it waits for
        another one. Return False if there is none.
        """
        part = reading_ranges.take_last(self._scan.version)
        first = next((first for first, pk in self._starts.items() if part and pk == part.pk), None)
        if part is None or first is None:
            return False
        del self._starts[first]
        walker, line = self._scan.walker, self._line
        steps = range(first, first + part.count)
        keys = [key for step in steps for key in walker.wanted(line[step - 1], line[step])]
        walker.read(self._scan.reports.missing(keys))
        self._plan(_LOOKED_AT)
        return True

    def _until_held(self, revisions: Sequence[Revision]) -> Iterator[Revision]:
        while self._next < len(self._line):
            self._plan(_LOOKED_AT)
            pk = self._starts.get(self._next)
            if pk is not None:
                if not reading_ranges.take(pk):
                    return
                del self._starts[self._next]
                self._ask()
            self._next += 1
            yield revisions[self._next - 2]

    def _ask(self) -> None:
        if self._starts and self._machines:
            reading_ranges.ask(self._scan.version, self._machines)

    def _plan(self, most: int) -> None:
        """Plan ranges for the next steps that are in none, unless enough are planned."""
        if not self._machines:
            return
        for _ in range(most):
            if self._unplanned >= len(self._line) or len(self._starts) >= MOST_AHEAD:
                break
            self._plan_step(self._unplanned)
            self._unplanned += 1
        if self._planned and self._all_reports >= reading_ranges.LEAST:
            self._write_planned()

    def _plan_step(self, step: int) -> None:
        scan, line = self._scan, self._line
        missing = len(scan.reports.missing(scan.walker.wanted(line[step - 1], line[step])))
        if not self._reports:
            self._begin = step
        self._reports += missing
        if self._reports >= reading_ranges.REPORTS or (self._reports and step == len(line) - 1):
            first = max(self._begin, self._next)  # what comes before has been reached in the meantime
            self._planned[first] = _range(scan, line[first - 1], step - first + 1)
            self._all_reports += self._reports
            self._reports = 0

    def _write_planned(self) -> None:
        parts = {first: part for first, part in self._planned.items() if first >= self._next}
        ReadingRange.objects.bulk_create(parts.values())
        self._starts |= {first: part.pk for first, part in parts.items()}
        self._planned = {}
        self._ask()


def _wait_for(scan: Scan, pk: int, work: Callable[[], bool] = lambda: False) -> None:
    """Wait until another machine has read a range, or has not been heard of for a while, and take the range.
    Take it at once if something more urgent is waiting. Meanwhile, call `work` as long as it returns True.
    """
    while not reading_ranges.take(pk, at_once=scan.run.should_yield()):
        if not work():
            time.sleep(_LOOK_EVERY)


def _range(scan: Scan, sha: str, count: int, *, first: int | None = None) -> ReadingRange:
    """Return a range of commits or, if the first file is given, of files."""
    is_tree = first is not None
    return ReadingRange(
        plan=scan.version, engine=engine_version(), sha=sha, first=first or 0, count=count, is_tree=is_tree
    )
