"""Records how much of each commit's figures waivers cover. The figures themselves include waived violations.

When history is re-evaluated, a waiver covers the commits from the one that was newest when it was approved
through the one that was newest when it ended.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from compliance.lib.batches import batches, index_plans, unindexed
from compliance.lib.dates import today
from compliance.lib.globs import matches
from compliance.models import Commit, File, FileState, PlanVersion, Repository, Snapshot, Violation, Waiver

DIMENSIONS = {"rule": "rule", "risk": "risk", "category": "category", "phase": "phases", "issue": "issues"}
"""Maps a dimension of a snapshot to the violation's value in that dimension."""

COUNTED_ALONE = ("rule", "risk")
"""Dimensions that cover only the counted categories, as the totals do."""

COLUMNS = ("counted", *DIMENSIONS.values())
"""The columns that are read from each violation."""

Row = Mapping[str, Any]


def lasting(repository: Repository) -> QuerySet[Waiver]:
    """Return the approved waivers whose last day isn't over, in the order in which they were approved."""
    rows = Waiver.objects.filter(Q(until=None) | Q(until__gte=today()), repository=repository)
    return rows.filter(state=Waiver.State.APPROVED).order_by("decided_at", "pk")


def approved(repository: Repository) -> QuerySet[Waiver]:
    """Return the waivers that were ever approved, also those that are over."""
    rows = Waiver.objects.filter(repository=repository, decided_at__isnull=False)
    return rows.exclude(state=Waiver.State.REJECTED)


def places_of(waiver: Waiver) -> dict[str, set[str]]:
    """Return the fingerprints by path under which the violation of a waiver is known: those of the request,
    and those to which commits have moved it under any plan version.
    """
    places: dict[str, set[str]] = defaultdict(set)
    places[waiver.glob].add(waiver.fingerprint)
    for path, fingerprint in waiver.violations.values_list("file__path", "fingerprint"):
        places[path].add(fingerprint)
    return places


def covered_amounts(rows: Iterable[tuple[Row, bool]], doubtful: Collection[int]) -> Counter[str]:
    """Return by how much each figure would be lower without the waived violations: `violations`,
    `phase:1:files`, and so on.

    The amount for `clean` is negative, because more files would be clean. `rows` are all violations in the
    files concerned, each with a flag that says if it is waived. A `doubtful` file could not be read
    completely and never counts as clean.
    """
    files: dict[int, list[tuple[Row, bool]]] = {}
    for row, waived in rows:
        files.setdefault(row["file_id"], []).append((row, waived))
    covered: Counter[str] = Counter()
    for file, found in files.items():
        everywhere = Counter(place for row, _ in found for place in _places(row))
        waived_here = Counter(place for row, waived in found if waived for place in _places(row))
        for place, number in waived_here.items():
            covered[f"{place}:violations" if place else "violations"] += number
            if number == everywhere[place]:
                covered[f"{place}:files" if place else "files_with_violations"] += 1
        if waived_here[""] and waived_here[""] == everywhere[""] and file not in doubtful:
            covered["clean"] -= 1
    return covered


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


def annotate(snapshot: Snapshot, covered: Counter[str]) -> bool:
    """Record in a snapshot what waivers cover. Return true if that differs from what was recorded."""
    waived = {name: number for name, number in covered.items() if number}
    if waived == snapshot.waived:
        return False
    snapshot.waived = waived
    return True


def waived_by_phase(waived: Mapping[str, int]) -> dict[str, int]:
    """Return the number of waived violations of each phase. `waived` is that of a snapshot."""
    return {
        name.removeprefix("phase:").removesuffix(":violations"): number
        for name, number in waived.items()
        if name.startswith("phase:") and name.endswith(":violations")
    }


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
class Window:
    """A waiver and the positions for which it applied: from `first` up to, but not including, `end`. These
    are those of the commits that were the newest ones when it was approved and when it ended.
    """

    waiver: Waiver
    first: int
    end: int

    def takes(self, row: Row, position: int) -> bool:
        """Return true if the waiver covered this violation at a position. The violation must be in one of the
        waiver's files.
        """
        return self.first <= position < self.end and self.names(row)

    def names(self, row: Row) -> bool:
        """Return true if the waiver is for this violation, which must be in one of the waiver's files."""
        return self.waiver.rule in {"", row["rule"]} and (
            self.waiver.fingerprint in {"", row["fingerprint"]} or row["waiver_id"] == self.waiver.pk
        )

    def files(self, version: PlanVersion, paths: Mapping[int, str]) -> set[int]:
        """Return the files that the waiver covers. One for a single violation follows it to other files."""
        if not self.waiver.fingerprint:
            return {pk for pk, path in paths.items() if matches(self.waiver.glob, path)}
        followed = Violation.objects.filter(plan=version, waiver=self.waiver).values_list("file", flat=True)
        return {pk for pk, path in paths.items() if path == self.waiver.glob}.union(followed)


def settle_line(sender: Repository, **_: object) -> None:
    """Record what waivers covered in re-evaluated history, by their dates. Receives `history_evaluated`.

    Commits for which this is already recorded are left unchanged. `waiver_matching.settle` updates the newest
    commit.
    """
    head = Commit.objects.filter(pk=sender.head_id or 0).first()
    version = PlanVersion.objects.filter(pk=sender.plan_id or 0).first()
    if head is None or head.position is None or version is None:
        return
    windows = [window_of(sender, waiver, head.position) for waiver in approved(sender)]
    asked = {position for window in windows for position in range(window.first, window.end)}
    plain = dict(_plain(sender, version, asked)) if asked else {}
    if not plain:
        return
    covered = _Covered(sender, version, windows)
    for batch in batches(sorted(plain)):
        with index_plans():
            shown = Snapshot.objects.in_bulk([plain[position] for position in batch])
        changed = [shown[plain[p]] for p in batch if annotate(shown[plain[p]], covered.at(p))]
        Snapshot.objects.bulk_update(changed, ["waived"], batch_size=500)


def _plain(repository: Repository, version: PlanVersion, asked: set[int]) -> Iterator[tuple[int, int]]:
    """Yield the positions for which nothing is recorded as waived yet, with the ids of the figures."""
    line = Commit.objects.filter(repository=repository, position__range=(min(asked), max(asked)))
    with index_plans():
        positions = {pk: at for pk, at in line.values_list("pk", "position") if at in asked}
    for batch in batches(sorted(positions)):
        figures = Snapshot.objects.alias(of=unindexed("plan_id")).filter(of=version.pk, commit__in=batch)
        with index_plans():
            found = list(figures.filter(waived={}).values_list("pk", "commit_id"))
        yield from ((positions[commit] or 0, pk) for pk, commit in found)


class WaivedFiles:
    """The files that waivers cover in a plan version, and the lifetimes of what is in them.

    Each mapping is from the id of a file: `windows` to the waivers that cover it, `rows` to the lifetimes of
    its violations, and `unread` to those of states in which it could not be read completely.
    """

    def __init__(self, version: PlanVersion, files: Iterable[tuple[Window, Collection[int]]]) -> None:
        """Read the lifetimes. `files` are those that each waiver covers."""
        self.windows: dict[int, list[Window]] = {}
        for window, covered in files:
            for file in covered:
                self.windows.setdefault(file, []).append(window)
        self.rows: dict[int, list[Row]] = {}
        self.unread: dict[int, list[Row]] = {}
        for batch in batches(sorted(self.windows)):
            for kept, rows in zip((self.rows, self.unread), lifetimes(version.pk, batch), strict=True):
                for row in rows:
                    kept.setdefault(row["file_id"], []).append(row)


class _Covered:
    """The covered amounts at increasing positions. At each, only the files that differ are counted again."""

    def __init__(self, repository: Repository, version: PlanVersion, windows: list[Window]) -> None:
        paths = dict(File.objects.filter(repository=repository).values_list("pk", "path"))
        self._files = WaivedFiles(version, ((window, window.files(version, paths)) for window in windows))
        self._changes = sorted(self._edges())
        self._next = 0
        self._by_file: dict[int, Counter[str]] = {}
        self._total: Counter[str] = Counter()

    def _edges(self) -> set[tuple[int, int]]:
        """Return the positions at which the amounts for a file may change, each with the file."""
        edges = {
            (edge, file)
            for file, windows in self._files.windows.items()
            for window in windows
            for edge in (window.first, window.end)
        }
        for lives in (self._files.rows, self._files.unread):
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
            self._by_file[file] = self._count(file, position)
            self._total.update(self._by_file[file])
        return Counter({name: number for name, number in self._total.items() if number})

    def _count(self, file: int, position: int) -> Counter[str]:
        windows = self._files.windows[file]
        alive = (row for row in self._files.rows.get(file, ()) if is_alive(row, position))
        judged = ((row, any(window.takes(row, position) for window in windows)) for row in alive)
        unread = any(is_alive(row, position) for row in self._files.unread.get(file, ()))
        return covered_amounts(judged, {file} if unread else ())


def is_alive(row: Row, position: int) -> bool:
    """Match rows whose lifetime overlaps with these positions. A lifetime without an end extends
    indefinitely.
    """
    return (row["first"] or 0) <= position and (row["last"] is None or position <= row["last"])


def window_of(repository: Repository, waiver: Waiver, head: int) -> Window:
    """Return the positions for which a waiver applied. `head` is that of the newest commit."""
    line = Commit.objects.filter(repository=repository, position__isnull=False).order_by("-position")
    first = line.filter(recorded_at__lte=waiver.decided_at).values_list("position", flat=True).first()
    end = head
    if waiver.ended_at is not None:
        last = line.filter(recorded_at__lte=waiver.ended_at).values_list("position", flat=True).first()
        end = min(head, last or 1)
    return Window(waiver, first or 1, end)
