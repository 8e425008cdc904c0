"""Records history towards the root, or as far as it is to be read. The first position of a row is known only
once the walk has passed the commit that introduced it.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from compliance.events import history_evaluated
from compliance.models import Commit, Violation
from compliance.progress import baseline
from compliance.progress.file_status import refresh
from compliance.scans import announcements, history, rows, shared_reading
from compliance.scans.intervals import Delta, Found
from compliance.scans.recording import recording
from compliance.scans.rows import State, ViolationKey
from compliance.scans.scan import Scan
from compliance.scans.walker_state import WalkerState, continue_history, keep_history
from compliance.scans.writer import RecordWriter
from scanner import Difference, FileResult, RepoPath, Revision, Tally, Visit

_WRITE_AT = 2000
"""Number of history rows that are collected before they are written."""

_EVALUATE_AFTER = 30.0
"""Seconds of recording after which everything is evaluated although history is incomplete. This costs as much
as the repository is large, so a run that soon yields to another repository leaves it out.
"""

_WRITE_EVERY = 1.0
"""Seconds after which the collected rows are written, however few there are, so that pages show progress."""


def record_tip(scan: Scan) -> None:
    """Record the tip and as many of the commits after the newest charted one as time permits.

    Older commits are recorded by `backfill`.
    """
    shown = scan.repository.head
    known = shown.height if shown else scan.length
    commits = list(scan.git.line(scan.tip, limit=max(2, scan.length - known + 1)))
    scan.run.tell("evaluating the latest commit")
    shared_reading.read_tree(scan, scan.tip)
    visits = scan.walker.walk(commits)
    visit = next(visits)
    files = dict(visit.files.items())
    saved = scan.walker.save()
    backward = Backward(scan)
    backward.begin(files)
    for position in range(scan.length, min(known, scan.length - 1), -1):
        pending = PendingCommit(visit.revision, position, visit.tally)
        parent = next(visits, None)
        backward.record(pending, _step_to(files, parent))
        if parent is None or scan.run.should_yield():
            break
        visit = parent
    with recording(scan, done=len(backward.writer.commits)):
        backward.writer.write()
        WalkerState(scan).write_full(scan.tip, saved)


def record_history(scan: Scan) -> None:
    """Record commits from the oldest recorded one down to the floor, until a more urgent job is waiting."""
    began = time.monotonic()
    bottom = history.recorded(scan.version).order_by("position").first()
    if bottom is not None and bottom.height > scan.repository.history_floor:
        continue_history(scan)
        _record_below(scan, bottom, scan.repository.history_floor)
        if not history.is_complete(scan.repository, scan.version):
            keep_history(scan)
    if history.is_complete(scan.repository, scan.version) or time.monotonic() - began > _EVALUATE_AFTER:
        _evaluate(scan)


def _evaluate(scan: Scan) -> None:
    """Recompute everything that depends on the whole history."""
    with recording(scan):
        if history.is_complete(scan.repository, scan.version):
            baseline.choose(scan.repository, scan.version)
        refresh(scan.repository, scan.version)
        history_evaluated.send(scan.repository)


def _record_below(scan: Scan, bottom: Commit, floor: int) -> None:
    deep = history.depth_to_reach(scan.repository, scan.version)
    backward = Backward(scan)
    # The parent of the oldest commit is visited, too: a commit's record is its difference from its parent.
    line = list(scan.git.line(bottom.sha, limit=bottom.height - floor + 2))
    visits = shared_reading.visits(scan, bottom, line[1:])
    visit = next(visits)
    due = time.monotonic() + _WRITE_EVERY
    written = lowest = bottom.height
    for position in range(bottom.height - 1, floor - 1, -1):
        if position < bottom.height - 1 and scan.run.should_yield():  # each run records at least one
            break
        pending = PendingCommit(visit.revision, position, visit.tally)
        root = dict(visit.files.items()) if position == 1 else {}
        parent = next(visits, None)
        backward.record(pending, _step_to(root, parent))
        visit, lowest = parent or visit, position
        if backward.writer.size > _WRITE_AT or position in {floor, deep} or time.monotonic() > due:
            written = _write(scan, backward.writer, position, written)
            due = time.monotonic() + _WRITE_EVERY
        if position == deep:
            _evaluate(scan)
            history.show_trend(scan.repository, scan.version)
    if backward.writer.commits:
        _write(scan, backward.writer, lowest, written)


def _write(scan: Scan, writer: RecordWriter, lowest: int, written: int) -> int:
    """Save the collected history down to a position, and return that position.

    History above `written` has already been saved. A signal is sent for commits that no other version has
    recorded before.
    """
    known = announcements.known_before(scan.repository, scan.version, writer.commits)
    late = [] if known is None else [c for c in writer.commits if known < c.height < written]
    told = announcements.prepare(scan, sorted(late, key=lambda commit: commit.height))
    with recording(scan, done=scan.length - lowest + 1):
        writer.write()
        if told:
            refresh(scan.repository, scan.version)
            announcements.announce(scan, told)
    return lowest


def _step_to(files: Mapping[RepoPath, FileResult], parent: Visit | None) -> Difference:
    """Return the step from a revision's parent, which is visited next, to the revision. For a root commit,
    `files` is given instead of a parent.
    """
    if parent is not None:
        return parent.difference.reversed()
    return Difference({path: (None, result) for path, result in files.items()}, {})


@dataclass(frozen=True, slots=True)
class PendingCommit:
    """A commit whose parent has not been read yet. It can't be recorded until then, because only its
    differences from the parent are recorded.
    """

    revision: Revision
    position: int
    tally: Tally


class Backward:
    """Records commits from newest to oldest, keeping the rows that are open at the oldest one in memory."""

    def __init__(self, scan: Scan) -> None:
        self.writer = writer = RecordWriter(scan)
        writer.load_all()
        self.states = writer.states(first__isnull=True)
        self.violations: dict[ViolationKey, Violation] = {
            (row.origin_path, row.origin_fingerprint): row for row in writer.violations(first__isnull=True)
        }

    def begin(self, files: Mapping[RepoPath, FileResult]) -> None:
        """Collect the rows that are open at the tip."""
        for path, result in files.items():
            self.states[path] = self.writer.add_state(path, State.of(result), None, None)
            for finding in result.findings:
                self.violations[rows.key_of(finding)] = self.writer.add_violation(finding)

    def record(self, pending: PendingCommit, step: Difference) -> Commit:
        """Collect the rows for one commit, given the step from its first parent."""
        delta = Delta.of(step)
        commit = self.writer.add_commit(pending.revision, pending.position, pending.tally, delta)
        self._record_states(delta, pending.position)
        found = self._record_violations(delta, commit, pending.position)
        self.writer.add_changes(commit, delta, found)
        return commit

    def _record_states(self, delta: Delta, position: int) -> None:
        for new_path, old_path in delta.difference.renames.items():
            self.writer.rename(old_path, new_path, position)
        for path, old, new in delta.states:
            if new is not None:
                row = self.states.pop(path)
                row.first = position
                self.writer.mark(row)
            if old is not None:
                self.states[path] = self.writer.add_state(path, old, None, position - 1)

    def _record_violations(self, delta: Delta, commit: Commit, position: int) -> Found:
        """Open, move and close violations, and return the affected rows."""
        found = Found()
        for key in map(rows.key_of, delta.begun):
            row = found.after[key] = self.violations.pop(key)
            row.first, row.introduced = position, commit
            self.writer.mark(row)
        moved = [(move, self.violations.pop(rows.key_of(move.after))) for move in delta.comparison.moved]
        for move, row in moved:
            row.origin_path, row.origin_fingerprint = rows.key_of(move.before)
            self.violations[rows.key_of(move.before)] = row
            found.after[rows.key_of(move.after)] = row
            self.writer.mark(row)
        for finding in delta.ended:
            row = self.writer.add_violation(finding)
            row.last, row.resolved = position - 1, commit
            self.violations[rows.key_of(finding)] = found.before[rows.key_of(finding)] = row
        self.writer.link(found, delta)
        return found
