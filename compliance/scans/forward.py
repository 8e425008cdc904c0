"""Recording towards the tip: what a commit ends is ended, what it moves is moved, what it begins begins."""

from collections.abc import Mapping

from compliance.models import Commit, Violation
from compliance.scans import rows
from compliance.scans.intervals import Ends, Found
from compliance.scans.rows import State, ViolationKey
from compliance.scans.writer import RecordWriter
from scanner import Comparison, Difference, FileResult, Finding, RepoPath, Visit, compare


class Forward:
    """Records commits oldest first. What is open at the newest end is kept in memory."""

    def __init__(self, writer: RecordWriter) -> None:
        self.writer = writer
        self.states = writer.states(last__isnull=True)
        self.violations: dict[ViolationKey, Violation] = {
            (row.file.path, row.fingerprint): row for row in writer.violations(last__isnull=True)
        }

    def record(self, visit: Visit, position: int) -> Commit:
        """Gather the rows of one commit whose first parent was recorded before."""
        step = visit.difference
        comparison = compare(step)
        commit = self.writer.add_commit(visit.revision, position, visit.tally, step, comparison)
        self._record_states(step, position)
        found = self._record_lives(step, comparison, commit, position)
        self.writer.add_changes(commit, comparison, found)
        return commit

    def _record_states(self, step: Difference, position: int) -> None:
        for path, (before, after) in step.changed.items():
            old = State.of(before) if before else None
            new = State.of(after) if after else None
            if old == new:
                continue
            if old is not None:
                row = self.states.pop(path)
                row.last = position - 1
                self.writer.mark(row)
            if new is not None:
                self.writer.rename(path, None)
                self.states[path] = self.writer.add_state(path, new, position, None)
        for new_path, old_path in step.renames.items():
            if old_path not in self.states:
                self.writer.rename(old_path, new_path)

    def _record_lives(self, step: Difference, comparison: Comparison, commit: Commit, position: int) -> Found:
        """Violations ended, moved and begun by the commit."""
        ends, found = Ends.of(step, comparison), Found()
        for key in map(rows.key_of, ends.ended):
            row = found.before[key] = self.violations.pop(key)
            row.last, row.resolved = position - 1, commit
            self.writer.mark(row)
        pairs = [*((m.before, m.after) for m in (*comparison.moved, *comparison.kept)), *ends.hidden]
        taken = [(self.violations.pop(rows.key_of(before)), before, after) for before, after in pairs]
        for row, before, after in taken:
            self.violations[rows.key_of(after)] = found.after[rows.key_of(after)] = row
            if before != after:
                self._put(row, after)
        for finding in ends.begun:
            row = self.writer.add_violation(finding)
            row.first, row.introduced = position, commit
            self.violations[rows.key_of(finding)] = found.after[rows.key_of(finding)] = row
        for row in found.tie(comparison):
            self.writer.mark(row)
        self.writer.count_repairs(found)
        return found

    def _put(self, row: Violation, finding: Finding) -> None:
        """Let a row say where its violation stands now."""
        row.file = self.writer.file(finding.path)
        for name, value in rows.columns(finding, self.writer.counted).items():
            setattr(row, name, value)
        self.writer.mark(row)

    def is_true(self, files: Mapping[RepoPath, FileResult]) -> bool:
        """Whether `files`, the newest recorded commit as it is judged now, say what the rows say."""
        findings = {rows.key_of(f): (f.role, f.risk) for result in files.values() for f in result.findings}
        known = {key: (row.role, row.risk) for key, row in self.violations.items()}
        states = {path: State.of(result) for path, result in files.items()}
        return findings == known and states == {path: State.of_row(row) for path, row in self.states.items()}

    def reconcile(self, files: Mapping[RepoPath, FileResult]) -> None:
        """Put every row that is alive where its finding stands at the commit that `files` shows.

        After a roll-back the rows are known by path and fingerprint alone.
        """
        findings = {rows.key_of(f): f for result in files.values() for f in result.findings}
        for key, row in self.violations.items():
            self._put(row, findings[key])
