"""What waivers take off the figures of a commit, the newest one or one of the past.

A line that is judged again is net of a waiver where the line before was: from the commit that was the newest
when the waiver began, by when it was recorded, to the one that was when it ended.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from compliance.lib.globs import matches
from compliance.models import Commit, File, FileState, PlanVersion, Repository, Snapshot, Violation, Waiver

DIMENSIONS = {"rule": "rule", "risk": "risk", "category": "category", "phase": "phases", "issue": "issues"}
"""Dimension of a snapshot -> what a violation says of it."""

COUNTED_ALONE = ("rule", "risk")
"""Dimensions whose counts, like the totals, cover the counted categories alone."""

COLUMNS = ("counted", *DIMENSIONS.values())
"""What is asked of a violation."""

FIGURES = ("violations", "files_with_violations", "clean", "by", "waived")
"""What a waiver changes in a snapshot."""

_PLACES = ("violations", "files")
Row = Mapping[str, Any]


def taken_off(rows: Iterable[tuple[Row, bool]], doubtful: Collection[int]) -> Counter[str]:
    """What is to be subtracted: `violations`, `phase:1:files`, …; `clean` is negative, as files are won.

    `rows` are all violations of the files in question, each with whether it is waived; a file that is
    `doubtful` could not be read whole and is never clean.
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
    """Where a violation is counted; "" stands for the totals, which have the counted categories alone."""
    if row["counted"]:
        yield ""
    for dimension, column in DIMENSIONS.items():
        if row["counted"] or dimension not in COUNTED_ALONE:
            values = row[column] if isinstance(row[column], list) else [row[column]]
            yield from (f"{dimension}:{value}" for value in values)


def take_off(snapshot: Snapshot, off: Counter[str]) -> bool:
    """Let a snapshot be net of this, what was taken off before coming back first; whether it changed."""
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


def doubts(plan: int | None) -> QuerySet[FileState]:
    """What files said that could not be read whole."""
    return FileState.objects.filter(plan=plan).exclude(tainted=False, skipped="")


@dataclass(frozen=True, slots=True)
class _Window:
    """A waiver, and the positions at which it lasted: from `first` to before `end`."""

    waiver: Waiver
    first: int
    end: int

    def takes(self, row: Row, position: int) -> bool:
        """Whether the waiver took a violation at a position; the row's file is one of its files."""
        return (
            self.first <= position < self.end
            and self.waiver.rule in {"", row["rule"]}
            and self.waiver.fingerprint in {"", row["fingerprint"]}
        )


def settle_line(sender: Repository, **_: object) -> None:
    """Let the past of a line that was judged again be net of the waivers of its time; on `history_evaluated`.

    What is net already stays so, and the newest commit is left to `waivers.settle`.
    """
    head = Commit.objects.filter(pk=sender.head_id or 0).first()
    version = PlanVersion.objects.filter(pk=sender.plan_id or 0).first()
    if head is None or head.position is None or version is None:
        return
    windows = [_window(sender, waiver, head.position) for waiver in Waiver.objects.filter(repository=sender)]
    asked = [position for window in windows for position in range(window.first, window.end)]
    if not asked:
        return
    gross = Snapshot.objects.filter(plan=version, commit__repository=sender, waived={})
    shown = gross.filter(commit__position__in=set(asked)).select_related("commit")
    _settle(sender, version, windows, {row.commit.position: row for row in shown if row.commit.position})


def _settle(
    repository: Repository, version: PlanVersion, windows: list[_Window], shown: Mapping[int, Snapshot]
) -> None:
    """Judge the snapshots of these positions; what lives and how well files were read is asked once."""
    paths = list(File.objects.filter(repository=repository).values_list("pk", "path"))
    files = {window: {pk for pk, path in paths if matches(window.waiver.glob, path)} for window in windows}
    every = {file for own in files.values() for file in own}
    lives = Violation.objects.filter(plan=version, suppressed=False, file__in=every)
    rows = list(lives.values("file_id", "first", "last", "fingerprint", *COLUMNS))
    unread = list(doubts(version.pk).filter(file__in=every).values("file_id", "first", "last"))
    changed = []
    for position, snapshot in shown.items():
        alive = (row for row in rows if _lives(row, position))
        judged = (
            (row, any(row["file_id"] in own and w.takes(row, position) for w, own in files.items()))
            for row in alive
        )
        if take_off(snapshot, taken_off(judged, {u["file_id"] for u in unread if _lives(u, position)})):
            changed.append(snapshot)
    Snapshot.objects.bulk_update(changed, FIGURES, batch_size=500)


def _lives(row: Row, position: int) -> bool:
    """Whether something that was recorded from one position to another was there; an open end is no bound."""
    return (row["first"] or 0) <= position and (row["last"] is None or position <= row["last"])


def _window(repository: Repository, waiver: Waiver, head: int) -> _Window:
    line = Commit.objects.filter(repository=repository, position__isnull=False).order_by("-position")
    first = line.filter(recorded_at__lte=waiver.created_at).values_list("position", flat=True).first()
    end = head
    if waiver.ended_at is not None:
        last = line.filter(recorded_at__lte=waiver.ended_at).values_list("position", flat=True).first()
        end = min(head, last or 1)
    return _Window(waiver, first or 1, end)
