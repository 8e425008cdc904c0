"""Recording towards the tip: what a commit ends is ended, what it moves is moved, what it begins begins."""

from collections.abc import Mapping

from compliance.models import Commit, Violation
from compliance.scans import rows
from compliance.scans.intervals import Ends, Found
from compliance.scans.rows import Place, State
from compliance.scans.writer import Book
from scanner import Comparison, Difference, FileResult, Finding, RepoPath, Visit, compare


class Forward:
    """Records commits oldest first. What is open at the newest end is kept in memory."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.states = book.states(last__isnull=True)
        self.violations: dict[Place, Violation] = {
            (row.file.path, row.fingerprint): row for row in book.violations(last__isnull=True)
        }

    def record(self, visit: Visit, position: int) -> Commit:
        """Gather the rows of one commit whose first parent was recorded before."""
        step = visit.difference
        comparison = compare(step)
        commit = self.book.add_commit(visit.revision, position, visit.tally, step, comparison)
        self._record_states(step, position)
        found = self._record_lives(step, comparison, commit, position)
        self.book.add_changes(commit, comparison, found)
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
                self.book.mark(row)
            if new is not None:
                self.book.rename(path, None)
                self.states[path] = self.book.add_state(path, new, position, None)
        for new_path, old_path in step.renames.items():
            if old_path not in self.states:
                self.book.rename(old_path, new_path)

    def _record_lives(self, step: Difference, comparison: Comparison, commit: Commit, position: int) -> Found:
        """Violations ended, moved and begun by the commit."""
        ends, found = Ends.of(step, comparison), Found()
        for place in map(rows.place, ends.ended):
            row = found.before[place] = self.violations.pop(place)
            row.last, row.resolved = position - 1, commit
            self.book.mark(row)
        pairs = [*((m.before, m.after) for m in (*comparison.moved, *comparison.kept)), *ends.hidden]
        taken = [(self.violations.pop(rows.place(before)), before, after) for before, after in pairs]
        for row, before, after in taken:
            self.violations[rows.place(after)] = found.after[rows.place(after)] = row
            if before != after:
                self._put(row, after)
        for finding in ends.begun:
            row = rows.violation(self.book.version, self.book.file(finding.path), finding, self.book.counted)
            row.first, row.introduced = position, commit
            self.book.add_violation(row)
            self.violations[rows.place(finding)] = found.after[rows.place(finding)] = row
        for row in found.tie(comparison):
            self.book.mark(row)
        self.book.count_repairs(found)
        return found

    def _put(self, row: Violation, finding: Finding) -> None:
        """Let a row say where its violation stands now."""
        row.file = self.book.file(finding.path)
        for name, value in rows.columns(finding, self.book.counted).items():
            setattr(row, name, value)
        self.book.mark(row)

    def is_true(self, files: Mapping[RepoPath, FileResult]) -> bool:
        """Whether `files`, the newest recorded commit as it is judged now, say what the rows say."""
        findings = {rows.place(f): (f.role, f.risk) for result in files.values() for f in result.findings}
        known = {key: (row.role, row.risk) for key, row in self.violations.items()}
        states = {path: State.of(result) for path, result in files.items()}
        return findings == known and states == {path: State.of_row(row) for path, row in self.states.items()}

    def reconcile(self, files: Mapping[RepoPath, FileResult]) -> None:
        """Put every row that is alive where its finding stands at the commit that `files` shows.

        After a roll-back the rows are known by path and fingerprint alone.
        """
        findings = {rows.place(f): f for result in files.values() for f in result.findings}
        for key, row in self.violations.items():
            self._put(row, findings[key])
