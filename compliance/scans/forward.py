"""Records history towards the tip. For each commit, closes, moves and opens the rows affected by its
changes.
"""

from collections.abc import Iterator, Mapping

from compliance.events import commit_recorded
from compliance.models import Commit, FileState, Violation
from compliance.progress.file_status import refresh
from compliance.scans import rows
from compliance.scans.intervals import Delta, Found
from compliance.scans.recording import recording
from compliance.scans.rows import ViolationKey
from compliance.scans.scan import Scan
from compliance.scans.walker_state import WalkerState
from compliance.scans.writer import RecordWriter
from scanner import Difference, FileResult, Finding, RepoPath, Visit


def record_new(scan: Scan, newest: Commit) -> bool:
    """Record the commits after the newest recorded one, oldest first. Return False if a more urgent job is
    waiting.

    If the plan version isn't active yet, the figures shown on pages don't change.
    """
    commits = list(scan.git.line(scan.tip, limit=scan.length - newest.height + 1))[::-1]
    if len(commits) < 2:
        return True
    state = WalkerState(scan)
    state.restore()
    visits = scan.walker.walk(commits)
    start = next(visits)
    state.note(start)
    if not state.rows_agree:
        _correct(scan, start.files.notable)
    done = _record_visits(scan, state, visits, newest.height + 1)
    state.finish()
    return done


def _record_visits(scan: Scan, state: WalkerState, visits: Iterator[Visit], first: int) -> bool:
    """Record a commit for each visit. Return False if a more urgent job is waiting.

    The walker's last visit is always recorded, because what it knows then is kept.
    """
    forward = Forward(scan)
    for position in range(first, scan.length + 1):
        if scan.run.should_yield():
            return False
        visit = next(visits)
        commit = forward.record(visit, position)
        email = scan.git.mailmapped(visit.revision, scan.tip)
        state.note(visit)
        with recording(scan, done=position - scan.repository.unread_commits) as pending:
            forward.writer.write()
            state.write()
            if scan.is_active:
                pending.change(head=commit)
                files = [file.pk for file in forward.writer.files.values()]
                refresh(scan.repository, scan.version, files)
                commit_recorded.send(scan.repository, commit=commit, files=files, email=email)
    return True


def _correct(scan: Scan, files: Mapping[RepoPath, FileResult]) -> None:
    """Correct the rows of the open violations, given the files at the newest recorded commit.

    After a force push, only a row's path and fingerprint are certain.
    """
    writer = RecordWriter(scan)
    writer.load_all()
    findings = {rows.key_of(f): f for result in files.values() for f in result.findings}
    for row in writer.violations(last__isnull=True):
        writer.move(row, findings[row.file.path, row.fingerprint])
    with recording(scan):
        writer.write()


class Forward:
    """Records commits from oldest to newest. Of each, only the rows of the files that it changes are read."""

    def __init__(self, scan: Scan) -> None:
        self.writer = RecordWriter(scan)
        self.states: dict[str, FileState] = {}
        self.violations: dict[ViolationKey, Violation] = {}

    def _load(self, step: Difference) -> None:
        self.writer.load({*step.changed, *step.renames, *step.renames.values()})
        self.states = self.writer.states(last__isnull=True)
        found = self.writer.violations(last__isnull=True)
        self.violations = {(row.file.path, row.fingerprint): row for row in found}

    def record(self, visit: Visit, position: int) -> Commit:
        """Collect the rows for one commit, whose first parent has already been recorded."""
        self._load(visit.difference)
        delta = Delta.of(visit.difference)
        commit = self.writer.add_commit(visit.revision, position, visit.tally, delta)
        self._record_states(delta, position)
        found = self._record_violations(delta, commit, position)
        self.writer.add_changes(commit, delta, found)
        return commit

    def _record_states(self, delta: Delta, position: int) -> None:
        for path, old, new in delta.states:
            if old is not None:
                row = self.states.pop(path)
                row.last = position - 1
                self.writer.mark(row)
            if new is not None:
                self.states[path] = self.writer.add_state(path, new, position, None)
        for new_path, old_path in delta.difference.renames.items():
            self.writer.rename(old_path, new_path, position)

    def _record_violations(self, delta: Delta, commit: Commit, position: int) -> Found:
        """Close, move and open violations, and return the affected rows."""
        found = Found()
        for key in map(rows.key_of, delta.ended):
            row = found.before[key] = self.violations.pop(key)
            row.last, row.resolved = position - 1, commit
            self.writer.mark(row)
        for row, before, after in self._continuing(delta):
            self.violations[rows.key_of(after)] = found.after[rows.key_of(after)] = row
            if before != after:
                self.writer.move(row, after)
        for finding in delta.begun:
            row = self.writer.add_violation(finding)
            row.first, row.introduced = position, commit
            self.violations[rows.key_of(finding)] = found.after[rows.key_of(finding)] = row
        self.writer.link(found, delta)
        return found

    def _continuing(self, delta: Delta) -> list[tuple[Violation, Finding, Finding]]:
        """Return the rows of findings that exist both before and after the commit, each with its old and new
        finding.
        """
        matched = (*delta.comparison.moved, *delta.comparison.kept)
        pairs = [*((move.before, move.after) for move in matched), *delta.hidden]
        return [(self.violations.pop(rows.key_of(before)), before, after) for before, after in pairs]
