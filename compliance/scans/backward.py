"""Recording towards the root: a life's beginning is found when the walk passes the commit that began it."""

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.models import Commit, Violation
from compliance.scans import rows
from compliance.scans.intervals import Ends, Found
from compliance.scans.rows import Place, State
from compliance.scans.writer import Book
from scanner import Comparison, Difference, FileResult, RepoPath, Revision, Tally, compare


@dataclass(frozen=True, slots=True)
class Stop:
    """A commit that waits for its parent to be read: a commit is recorded with what it changed."""

    revision: Revision
    position: int
    tally: Tally


class Backward:
    """Records commits newest first. What is open at the oldest end is kept in memory."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.states = book.states(first__isnull=True)
        self.violations: dict[Place, Violation] = {
            (row.origin_path, row.origin_fingerprint): row for row in book.violations(first__isnull=True)
        }

    def begin(self, files: Mapping[RepoPath, FileResult]) -> None:
        """Gather what the newest commit says."""
        for path, result in files.items():
            self.book.rename(path, None)
            self.states[path] = self.book.add_state(path, State.of(result), None, None)
            for finding in result.findings:
                row = rows.violation(self.book.version, self.book.file(path), finding, self.book.counted)
                self.book.add_violation(row)
                self.violations[rows.place(finding)] = row

    def record(self, stop: Stop, step: Difference) -> Commit:
        """Gather the rows of one commit, with the step that led to it from its first parent."""
        comparison = compare(step)
        commit = self.book.add_commit(stop.revision, stop.position, stop.tally, step, comparison)
        self._record_states(step, stop.position)
        found = self._record_lives(step, comparison, commit, stop.position)
        self.book.add_changes(commit, comparison, found)
        return commit

    def _record_states(self, step: Difference, position: int) -> None:
        for new_path, old_path in step.renames.items():
            if old_path not in self.book.files:
                self.book.rename(old_path, new_path)
        for path, (before, after) in step.changed.items():
            old = State.of(before) if before else None
            new = State.of(after) if after else None
            if old == new:
                continue
            if new is not None:
                row = self.states.pop(path)
                row.first = position
                self.book.mark(row)
            if old is not None:
                self.states[path] = self.book.add_state(path, old, None, position - 1)

    def _record_lives(self, step: Difference, comparison: Comparison, commit: Commit, position: int) -> Found:
        """Violations begun, moved and ended by the commit."""
        ends, found = Ends.of(step, comparison), Found()
        for place in map(rows.place, ends.begun):
            row = found.after[place] = self.violations.pop(place)
            row.first, row.introduced = position, commit
            self.book.mark(row)
        moved = [(move, self.violations.pop(rows.place(move.after))) for move in comparison.moved]
        for move, row in moved:
            row.origin_path, row.origin_fingerprint = rows.place(move.before)
            self.violations[rows.place(move.before)] = row
            found.after[rows.place(move.after)] = row
            self.book.mark(row)
        for finding in ends.ended:
            row = rows.violation(self.book.version, self.book.file(finding.path), finding, self.book.counted)
            row.last, row.resolved = position - 1, commit
            self.book.add_violation(row)
            self.violations[rows.place(finding)] = found.before[rows.place(finding)] = row
        for row in found.tie(comparison):
            self.book.mark(row)
        self.book.count_repairs(found)
        return found
