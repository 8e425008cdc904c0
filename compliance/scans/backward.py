"""Recording towards the root: a life's beginning is found when the walk passes the commit that began it."""

from collections.abc import Mapping
from dataclasses import dataclass

from compliance.models import Commit, Violation
from compliance.scans import rows
from compliance.scans.intervals import Ends, Found
from compliance.scans.rows import State, ViolationKey
from compliance.scans.writer import RecordWriter
from scanner import Comparison, Difference, FileResult, RepoPath, Revision, Tally, compare


@dataclass(frozen=True, slots=True)
class PendingCommit:
    """A commit that waits for its parent to be read: a commit is recorded with what it changed."""

    revision: Revision
    position: int
    tally: Tally


class Backward:
    """Records commits newest first. What is open at the oldest end is kept in memory."""

    def __init__(self, writer: RecordWriter) -> None:
        self.writer = writer
        self.states = writer.states(first__isnull=True)
        self.violations: dict[ViolationKey, Violation] = {
            (row.origin_path, row.origin_fingerprint): row for row in writer.violations(first__isnull=True)
        }

    def begin(self, files: Mapping[RepoPath, FileResult]) -> None:
        """Gather what the newest commit says."""
        for path, result in files.items():
            self.writer.rename(path, None)
            self.states[path] = self.writer.add_state(path, State.of(result), None, None)
            for finding in result.findings:
                row = self.writer.add_violation(finding)
                self.violations[rows.key_of(finding)] = row

    def record(self, pending: PendingCommit, step: Difference) -> Commit:
        """Gather the rows of one commit, with the step that led to it from its first parent."""
        comparison = compare(step)
        commit = self.writer.add_commit(pending.revision, pending.position, pending.tally, step, comparison)
        self._record_states(step, pending.position)
        found = self._record_lives(step, comparison, commit, pending.position)
        self.writer.add_changes(commit, comparison, found)
        return commit

    def _record_states(self, step: Difference, position: int) -> None:
        for new_path, old_path in step.renames.items():
            if old_path not in self.writer.files:
                self.writer.rename(old_path, new_path)
        for path, (before, after) in step.changed.items():
            old = State.of(before) if before else None
            new = State.of(after) if after else None
            if old == new:
                continue
            if new is not None:
                row = self.states.pop(path)
                row.first = position
                self.writer.mark(row)
            if old is not None:
                self.states[path] = self.writer.add_state(path, old, None, position - 1)

    def _record_lives(self, step: Difference, comparison: Comparison, commit: Commit, position: int) -> Found:
        """Violations begun, moved and ended by the commit."""
        ends, found = Ends.of(step, comparison), Found()
        for key in map(rows.key_of, ends.begun):
            row = found.after[key] = self.violations.pop(key)
            row.first, row.introduced = position, commit
            self.writer.mark(row)
        moved = [(move, self.violations.pop(rows.key_of(move.after))) for move in comparison.moved]
        for move, row in moved:
            row.origin_path, row.origin_fingerprint = rows.key_of(move.before)
            self.violations[rows.key_of(move.before)] = row
            found.after[rows.key_of(move.after)] = row
            self.writer.mark(row)
        for finding in ends.ended:
            row = self.writer.add_violation(finding)
            row.last, row.resolved = position - 1, commit
            self.violations[rows.key_of(finding)] = found.before[rows.key_of(finding)] = row
        for row in found.tie(comparison):
            self.writer.mark(row)
        self.writer.count_repairs(found)
        return found
