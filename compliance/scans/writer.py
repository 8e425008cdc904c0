"""Writes records: gathers the rows for several commits, then writes them together.

Until then, new rows are changed in memory. Changes to existing rows are written in batches.
"""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from compliance.lib.batches import BATCH, batches, index_plans, unindexed
from compliance.lib.field_types import one_line
from compliance.models import Change, Commit, File, FileState, Rename, Snapshot, Violation
from compliance.scans import row_updates, rows
from compliance.scans.commit_dates import storable_date
from compliance.scans.file_steps import removed_files
from compliance.scans.intervals import Delta, Found
from compliance.scans.paths import rows_at
from compliance.scans.rows import State
from compliance.scans.scan import Scan
from scanner import Finding, Revision, Tally

SUBJECT, AUTHOR, EMAIL = 500, 200, 320
"""Maximum number of characters stored of each text in a commit. Longer texts are marked as truncated."""

MOST_LOOKED_UP = 20_000
"""Number of files above which all open rows are read, rather than those of each file."""

_Row = TypeVar("_Row", FileState, Violation)


class RecordWriter:
    """Writes the records of one scan."""

    def __init__(self, scan: Scan) -> None:
        self.repository, self.version, self._dates = scan.repository, scan.version, scan.dates
        self.counted = frozenset(scan.plan.compliance_counts)
        self.files: dict[str, File] = {}
        self._forget()

    def load_all(self) -> None:
        """Read the rows of all files. Otherwise, `load` must be called for each path that is written."""
        self.files = {file.path: file for file in File.objects.filter(repository=self.repository).iterator()}

    def load(self, paths: Iterable[str]) -> None:
        """Read the rows of the files at these paths, which replace those read before."""
        self.files = rows_at(self.repository, paths)

    def _forget(self) -> None:
        self.commits: list[Commit] = []
        self._snapshots: list[Snapshot] = []
        self._changes: list[Change] = []
        self._new_files: list[File] = []
        self._new_states: list[FileState] = []
        self._new_violations: list[Violation] = []
        self._states: dict[int, FileState] = {}
        self._violations: dict[int, Violation] = {}
        self._renames: list[Rename] = []

    @property
    def size(self) -> int:
        """Return the approximate number of rows that are waiting to be written."""
        return len(self.commits) + len(self._changes) + len(self._new_states) + len(self._states)

    def states(self, **end: bool) -> dict[str, FileState]:
        """Return the file states of the loaded files that are open at one end of the history, by path."""
        paths = {file.pk: path for path, file in self.files.items()}
        return {paths[row.file_id]: row for row in self._open(FileState, **end)}

    def violations(self, **end: bool) -> list[Violation]:
        """Return the violations in the loaded files that are open at one end of the history."""
        files = {file.pk: file for file in self.files.values()}
        found = list(self._open(Violation, **end))
        for row in found:
            row.file = files[row.file_id]
        return found

    def _open(self, table: type[_Row], **end: bool) -> Iterator[_Row]:
        if len(self.files) > MOST_LOOKED_UP:
            yield from table.objects.filter(plan=self.version, **end).iterator()
            return
        rows = table.objects.alias(of=unindexed("plan_id")).filter(of=self.version.pk, **end)
        for batch in batches(file.pk for file in self.files.values()):
            with index_plans():
                yield from list(rows.filter(file__in=batch))

    def file(self, path: str) -> File:
        """Return the row for a path, creating it if there is none.

        Until its status is derived, a new file counts as gone: while history is read, it is one of the past.
        """
        if path not in self.files:
            self.files[path] = File(repository=self.repository, path=path, status=File.Status.GONE)
            self._new_files.append(self.files[path])
        return self.files[path]

    def rename(self, old: str, new: str, position: int) -> None:
        """Add a row for the rename of a file by the commit at a position."""
        row = Rename(plan=self.version, old=self.file(old), new=self.file(new), position=position)
        self._renames.append(row)

    def add_state(self, path: str, state: State, first: int | None, last: int | None) -> FileState:
        """Add a row for a file's state from one position to another."""
        file = self.file(path)
        file.category = file.category or state.category  # that of a removed file is the last one it had
        row = FileState(plan=self.version, file=file, first=first, last=last, **state.columns())
        self._new_states.append(row)
        return row

    def add_violation(self, finding: Finding) -> Violation:
        """Add a row for a finding, with neither a first nor a last position yet."""
        row = rows.violation(self.version, self.file(finding.path), finding, self.counted)
        self._new_violations.append(row)
        return row

    def move(self, row: Violation, finding: Finding) -> None:
        """Update a row from its finding in the newest commit, if it differs."""
        columns = {"file": self.file(finding.path), **rows.columns(finding, self.counted)}
        differing = {name: value for name, value in columns.items() if getattr(row, name) != value}
        for name, value in differing.items():
            setattr(row, name, value)
        if differing:
            self.mark(row)

    def link(self, found: Found, delta: Delta) -> None:
        """Link the rows before and after a suppression."""
        for row in found.link(delta):
            self.mark(row)

    def mark(self, row: FileState | Violation) -> None:
        """Mark a written row as changed. A new row doesn't need this, because it is written with its later
        changes.
        """
        if row.pk is None:
            return
        if isinstance(row, FileState):
            self._states[row.pk] = row
        else:
            self._violations[row.pk] = row

    def add_commit(self, revision: Revision, position: int, tally: Tally, delta: Delta) -> Commit:
        """Add the rows for the commit itself."""
        placed = self._dates.of(revision)
        commit = Commit(
            repository=self.repository,
            sha=revision.sha,
            parents=list(revision.parents),
            position=position,
            author_name=one_line(revision.author, AUTHOR),
            author_email=one_line(revision.email, EMAIL),
            authored_at=storable_date(revision.authored_at),
            committed_at=storable_date(revision.committed_at),
            placed_at=placed if placed != revision.committed_at else None,
            subject=one_line(revision.subject, SUBJECT),
        )
        self.commits.append(commit)
        sides = delta.comparison, delta.difference
        self._snapshots.append(rows.snapshot(commit, self.version, tally, *sides, self.counted))
        return commit

    def add_changes(self, commit: Commit, delta: Delta, found: Found) -> None:
        """Add the rows for the commit's effects on violations."""
        comparison = delta.comparison
        kind = Change.Kind
        gone = removed_files(delta.difference)
        alone = ((kind.NEW, comparison.new, found.after), (kind.FIXED, comparison.fixed, found.before))
        for of, findings, known in alone:
            for f in findings:
                row = rows.change(commit, self.version, of, f, known[rows.key_of(f)], self.counted)
                row.file_gone = of == kind.FIXED and f.path in gone
                self._changes.append(row)
        was, now = found.before, found.after
        pairs = (
            *((kind.MOVED, move, now[rows.key_of(move.after)]) for move in comparison.moved),
            *((kind.SUPPRESSED, move, was[rows.key_of(move.before)]) for move in comparison.suppressed),
            *((kind.RESTORED, move, now[rows.key_of(move.after)]) for move in comparison.restored),
        )
        for of, move, violation in pairs:
            row = rows.change(commit, self.version, of, move.after, violation, self.counted, move)
            row.ran_out = of == kind.RESTORED and move in delta.expired
            self._changes.append(row)

    def write(self) -> None:
        """Write everything that has been gathered, in the caller's transaction."""
        with index_plans():
            self._write_commits()
            File.objects.bulk_create(self._new_files, batch_size=BATCH)
            Rename.objects.bulk_create(self._renames, batch_size=BATCH, ignore_conflicts=True)
            # Rows are ended and moved before new ones are added, so that two open rows never share a key.
            row_updates.update_states(self._states.values())
            row_updates.update_violations(self._violations.values())
            FileState.objects.bulk_create(self._new_states, batch_size=BATCH)
            Violation.objects.bulk_create(self._new_violations, batch_size=BATCH)
            Change.objects.bulk_create(self._changes, batch_size=BATCH)
        self._forget()

    def _write_commits(self) -> None:
        # The commit may already be known under another plan or from before a force push; its figures are then
        # replaced.
        Commit.objects.bulk_create(
            self.commits,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=("repository", "sha"),
            update_fields=("position",),
        )
        for commits in batches(self.commits):
            for table in (Snapshot, Change):
                table.objects.filter(plan=self.version, commit__in=commits).delete()
        Snapshot.objects.bulk_create(self._snapshots, batch_size=BATCH)
