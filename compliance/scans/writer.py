"""Writes records: gathers the rows for several commits, then writes them together.

Until then, new rows are changed in memory. Changes to existing rows are written in batches.
"""

from collections import Counter

from compliance.lib.batches import BATCH, batches, index_plans
from compliance.lib.field_types import one_line
from compliance.models import Change, Commit, File, FileState, Rename, Snapshot, Violation
from compliance.scans import row_updates, rows
from compliance.scans.commit_dates import storable_date
from compliance.scans.intervals import Delta, Found
from compliance.scans.rows import State
from compliance.scans.scan import Scan
from scanner import Finding, Revision, Tally

SUBJECT, AUTHOR, EMAIL = 500, 200, 320
"""Maximum number of characters stored of each text in a commit. Longer texts are marked as truncated."""


class RecordWriter:
    """Writes the records of one scan."""

    def __init__(self, scan: Scan) -> None:
        self.repository, self.version, self._dates = scan.repository, scan.version, scan.dates
        self.counted = frozenset(scan.plan.compliance_counts)
        self.files = {file.path: file for file in File.objects.filter(repository=self.repository).iterator()}
        self._forget()

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
        self._repairs: Counter[tuple[str, str]] = Counter()

    @property
    def size(self) -> int:
        """Return the approximate number of rows that are waiting to be written."""
        return len(self.commits) + len(self._changes) + len(self._new_states) + len(self._states)

    def states(self, **end: bool) -> dict[str, FileState]:
        """Return the file states that are open at one end of the history, by path."""
        found = FileState.objects.filter(plan=self.version, **end)
        paths = {file.pk: path for path, file in self.files.items()}
        return {paths[row.file_id]: row for row in found.iterator()}

    def violations(self, **end: bool) -> list[Violation]:
        """Return the violations that are open at one end of the history."""
        files = {file.pk: file for file in self.files.values()}
        found = list(Violation.objects.filter(plan=self.version, **end))
        for row in found:
            row.file = files[row.file_id]
        return found

    def file(self, path: str) -> File:
        """Return the row for a path, creating it if there is none."""
        if path not in self.files:
            self.files[path] = File(repository=self.repository, path=path)
            self._new_files.append(self.files[path])
        return self.files[path]

    def rename(self, old: str, new: str, position: int) -> None:
        """Add a row for the rename of a file by the commit at a position."""
        row = Rename(plan=self.version, old=self.file(old), new=self.file(new), position=position)
        self._renames.append(row)

    def add_state(self, path: str, state: State, first: int | None, last: int | None) -> FileState:
        """Add a row for a file's state from one position to another."""
        row = FileState(plan=self.version, file=self.file(path), first=first, last=last, **state.columns())
        self._new_states.append(row)
        return row

    def add_violation(self, finding: Finding) -> Violation:
        """Add a row for a finding, with neither a first nor a last position yet."""
        row = rows.violation(self.version, self.file(finding.path), finding, self.counted)
        self._new_violations.append(row)
        return row

    def move(self, row: Violation, finding: Finding) -> None:
        """Update a row from its finding in the newest commit."""
        row.file = self.file(finding.path)
        self.mark(row)
        for name, value in rows.columns(finding, self.counted).items():
            setattr(row, name, value)

    def link(self, found: Found, delta: Delta) -> None:
        """Link the rows before and after a suppression, and count the violations that the commit fixed.

        A violation isn't fixed if a comment suppresses it.
        """
        for row in found.link(delta):
            self.mark(row)
        for row in found.before.values():
            if not row.suppressed and not row.silenced:
                self._repairs.update(("phase", key) for key in row.phases)
                self._repairs.update(("issue", key) for key in row.issues)

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
        alone = ((kind.NEW, comparison.new, found.after), (kind.FIXED, comparison.fixed, found.before))
        for of, findings, known in alone:
            for f in findings:
                row = rows.change(commit, self.version, of, f, known[rows.key_of(f)], self.counted)
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
            row_updates.add_repairs(self.version, self._repairs)
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
