"""Subtracts waived violations from the figures for the newest commit and for past ones.

When history is re-evaluated, a waiver's violations are excluded from the commit that was newest when the
waiver began through the one that was newest when it ended.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from compliance.lib.batches import batches, index_plans, unindexed
from compliance.lib.globs import matches
from compliance.models import Commit, File, FileState, PlanVersion, Repository, Snapshot, Violation, Waiver

DIMENSIONS = {"rule": "rule", "risk": "risk", "category": "category", "phase": "phases", "issue": "issues"}
"""Maps a dimension of a snapshot to the violation's value in that dimension."""

COUNTED_ALONE = ("rule", "risk")
"""Dimensions that cover only the counted categories, as the totals do."""

COLUMNS = ("counted", *DIMENSIONS.values())
"""The columns that are read from each violation."""

FIGURES = ("violations", "files_with_violations", "clean", "by", "waived")
"""The columns of a snapshot that a waiver changes."""

_PLACES = ("violations", "files")
Row = Mapping[str, Any]


def taken_off(rows: Iterable[tuple[Row, bool]], doubtful: Collection[int]) -> Counter[str]:
    """Return the amounts to subtract: `violations`, `phase:1:files`, and so on.

    The amount for `clean` is negative, because a waiver makes more files clean. `rows` are all violations in
    the files concerned, each with a flag that says if it is waived. A `doubtful` file could not be read
    completely and never counts as clean.
    """
    files: dict[int, list[tuple[Row, bool]]] = {}
    for row, waived in rows:
        files.setdefault(row["file_id"], []).append((row, waived))
    off: Counter[str] = Counter()
    for file, found in files.items():
        everywhere = Counter(place for row, _ in found for place in _places(row))
        waived_here = Counter(place for row, waived in found if waived for place in _places(row))
        for place, number in waived_here.items():
            off[f"{place}:violations" if place else "violations"] += number
            if number == everywhere[place]:
                off[f"{place}:files" if place else "files_with_violations"] += 1
        if waived_here[""] and waived_here[""] == everywhere[""] and file not in doubtful:
            off["clean"] -= 1
    return off


def _places(row: Row) -> Iterator[str]:
    """Return the slices in which a violation counts. The slice "" stands for the totals, which cover only the
    counted categories.
    """
    if row["counted"]:
        yield ""
    for dimension, column in DIMENSIONS.items():
        if row["counted"] or dimension not in COUNTED_ALONE:
            values = row[column] if isinstance(row[column], list) else [row[column]]
            yield from (f"{dimension}:{value}" for value in values)


def take_off(snapshot: Snapshot, off: Counter[str]) -> bool:
    """Undo earlier subtractions from a snapshot and apply these instead. Return true if the snapshot
    changed.
    """
    if off == Counter(snapshot.waived):
        return False
    difference = Counter(off)
    difference.subtract(snapshot.waived)
    for name, number in difference.items():
        total, _, place = name.partition(":")
        if not place:
            setattr(snapshot, total, getattr(snapshot, total) - number)
            continue
        key, _, column = place.rpartition(":")
        snapshot.by[total].setdefault(key, [0, 0])[_PLACES.index(column)] -= number
    snapshot.waived = {name: number for name, number in off.items() if number}
    return True


def found_by_phase(left: Mapping[str, list[int]], waived: Mapping[str, int]) -> dict[str, list[int]]:
    """Return violations and files by phase as the scan found them, with what waivers took off added back.

    `left` is a snapshot's `by["phase"]`, `waived` its `waived`. Phases with nothing to fix are left out.
    """
    found = {
        key: [
            count + waived.get(f"phase:{key}:{place}", 0)
            for place, count in zip(_PLACES, counts, strict=True)
        ]
        for key, counts in left.items()
    }
    return {key: counts for key, counts in found.items() if any(counts)}


def lifetimes(plan: int, files: list[int], **where: bool) -> tuple[list[Row], list[Row]]:
    """Return the lifetimes of the violations in at most `BATCH` files, and of the states in which these files
    could not be read completely. `where` selects among both.
    """
    rows = Violation.objects.alias(of=unindexed("plan_id")).filter(of=plan, file__in=files, **where)
    states = FileState.objects.alias(of=unindexed("plan_id")).filter(of=plan, file__in=files, **where)
    places = ("file_id", "first", "last")
    with index_plans():
        found = rows.filter(suppressed=False).values(*places, "fingerprint", "waiver_id", *COLUMNS)
        return list(found), list(states.exclude(tainted=False, skipped="").values(*places))


@dataclass(frozen=True, slots=True)
class _Window:
    """A waiver and the positions for which it applied: from `first` up to, but not including, `end`."""

    waiver: Waiver
    first: int
    end: int

    def takes(self, row: Row, position: int) -> bool:
        """Return true if the waiver covered this violation at a position. The violation must be in one of the
        waiver's files.
        """
        return (
            self.first <= position < self.end
            and self.waiver.rule in {"", row["rule"]}
            and self.waiver.fingerprint in {"", row["fingerprint"]}
        )


def settle_line(sender: Repository, **_: object) -> None:
    """Subtract waivers from re-evaluated history according to their dates. Receives `history_evaluated`.

    Figures from which they have already been subtracted are left unchanged. `waivers.settle` updates the
    newest commit.
    """
    head = Commit.objects.filter(pk=sender.head_id or 0).first()
    version = PlanVersion.objects.filter(pk=sender.plan_id or 0).first()
    if head is None or head.position is None or version is None:
        return
    windows = [_window(sender, waiver, head.position) for waiver in Waiver.objects.filter(repository=sender)]
    asked = {position for window in windows for position in range(window.first, window.end)}
    gross = dict(_gross(sender, version, asked)) if asked else {}
    if not gross:
        return
    taken = _TakenOff(sender, version, windows)
    for batch in batches(sorted(gross)):
        with index_plans():
            shown = Snapshot.objects.in_bulk([gross[position] for position in batch])
        changed = [shown[gross[p]] for p in batch if take_off(shown[gross[p]], taken.at(p))]
        Snapshot.objects.bulk_update(changed, FIGURES, batch_size=500)


def _gross(repository: Repository, version: PlanVersion, asked: set[int]) -> Iterator[tuple[int, int]]:
    """Yield the positions from whose figures nothing has been subtracted yet, with the ids of the figures."""
    line = Commit.objects.filter(repository=repository, position__range=(min(asked), max(asked)))
    with index_plans():
        positions = {pk: at for pk, at in line.values_list("pk", "position") if at in asked}
    for batch in batches(sorted(positions)):
        figures = Snapshot.objects.alias(of=unindexed("plan_id")).filter(of=version.pk, commit__in=batch)
        with index_plans():
            found = list(figures.filter(waived={}).values_list("pk", "commit_id"))
        yield from ((positions[commit] or 0, pk) for pk, commit in found)


class _TakenOff:
    """The amounts to subtract at increasing positions. At each, only the files that differ are counted
    again.
    """

    def __init__(self, repository: Repository, version: PlanVersion, windows: list[_Window]) -> None:
        paths = list(File.objects.filter(repository=repository).values_list("pk", "path"))
        covered = {
            window: {pk for pk, path in paths if matches(window.waiver.glob, path)} for window in windows
        }
        self._windows: dict[int, list[_Window]] = {}
        for window, files in covered.items():
            for file in files:
                self._windows.setdefault(file, []).append(window)
        self._rows: dict[int, list[Row]] = {}
        self._unread: dict[int, list[Row]] = {}
        for batch in batches(sorted(self._windows)):
            for kept, rows in zip((self._rows, self._unread), lifetimes(version.pk, batch), strict=True):
                for row in rows:
                    kept.setdefault(row["file_id"], []).append(row)
        self._changes = sorted(self._edges())
        self._next = 0
        self._by_file: dict[int, Counter[str]] = {}
        self._total: Counter[str] = Counter()

    def _edges(self) -> set[tuple[int, int]]:
        """Return the positions at which the amounts for a file may change, each with the file."""
        edges = {
            (edge, file) for file, own in self._windows.items() for w in own for edge in (w.first, w.end)
        }
        for lives in (self._rows, self._unread):
            for file, rows in lives.items():
                edges |= {(row["first"] or 0, file) for row in rows}
                edges |= {(row["last"] + 1, file) for row in rows if row["last"] is not None}
        return edges

    def at(self, position: int) -> Counter[str]:
        """Return the amounts at a position, which must not be below that of an earlier call."""
        differ = set()
        while self._next < len(self._changes) and self._changes[self._next][0] <= position:
            differ.add(self._changes[self._next][1])
            self._next += 1
        for file in differ:
            self._total.subtract(self._by_file.pop(file, {}))
            off = self._by_file[file] = self._count(file, position)
            self._total.update(off)
        return Counter({name: number for name, number in self._total.items() if number})

    def _count(self, file: int, position: int) -> Counter[str]:
        windows = self._windows[file]
        alive = (row for row in self._rows.get(file, ()) if _lives(row, position))
        judged = ((row, any(window.takes(row, position) for window in windows)) for row in alive)
        unread = any(_lives(row, position) for row in self._unread.get(file, ()))
        return taken_off(judged, {file} if unread else ())


def _lives(row: Row, position: int) -> bool:
    """Match rows whose lifetime overlaps with these positions. A lifetime without an end extends
    indefinitely.
    """
    return (row["first"] or 0) <= position and (row["last"] is None or position <= row["last"])


def _window(repository: Repository, waiver: Waiver, head: int) -> _Window:
    line = Commit.objects.filter(repository=repository, position__isnull=False).order_by("-position")
    first = line.filter(recorded_at__lte=waiver.created_at).values_list("position", flat=True).first()
    end = head
    if waiver.ended_at is not None:
        last = line.filter(recorded_at__lte=waiver.ended_at).values_list("position", flat=True).first()
        end = min(head, last or 1)
    return _Window(waiver, first or 1, end)
