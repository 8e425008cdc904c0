"""Visits revisions one after another, each at the cost of the files that changed since the previous one."""

import struct
import zlib
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date
from functools import partial
from types import TracebackType
from typing import Self

from scanner.engine.analyzer import MAX_BYTES, FileReport, defined_scopes
from scanner.engine.cache import Store
from scanner.engine.renames import Renames
from scanner.engine.report_loader import Key, Order, Reports
from scanner.engine.revision_state import Changed, FileChange, Files, RevisionState
from scanner.engine.saved_walk import WalkMemory, load_into, save, save_step
from scanner.git.batch import BlobChange, Missing
from scanner.git.command import GitError
from scanner.git.edits import edits_between
from scanner.git.repository import Repository
from scanner.model import Difference, RepoPath, Revision, Tally, decode_path
from scanner.plan import Plan

# How many revisions are prepared together, and how many such groups are prepared ahead.
_WINDOW = 50
_WINDOW_CHANGES = 4000
_WINDOWS_AHEAD = 3
_LISTED_CHANGES = 100_000
"""Number of changed files up to which lists of changes are kept until the visits that need them."""


@dataclass(frozen=True, slots=True)
class _Transition:
    """The changes from one revision of the walk to the next."""

    before: str | None
    revision: Revision
    changes: list[FileChange]


@dataclass(frozen=True, slots=True)
class _Window:
    """Steps whose reports were ordered together, and the error, if any, that ended the walk after them."""

    steps: list[_Transition]
    order: Order
    error: GitError | None


@dataclass(frozen=True, slots=True)
class Visit:
    """One visited revision.

    `difference` is the change from the previously visited revision, or from an empty tree for the first one.
    `files` is a live view: read what you need before requesting the next visit.
    """

    revision: Revision
    tally: Tally
    files: Files
    difference: Difference
    _day: date
    _changes: list[FileChange]
    _reports: Mapping[Key, FileReport]

    def saved_step(self) -> bytes:
        """Return the step from the previously visited revision as bytes, for `Walker.load`."""
        return save_step(self.revision.sha, self._day, self._changes, self._reports)


class Walker:
    """Visits revisions of one repository under one plan, in any order.

    `processes` is the number of child processes that read files. With `as_of`, dated suppressions are judged
    as of that day instead of each commit's date. A walker that knows a revision, from another walker's
    `memory` or because it was loaded, doesn't read a whole tree for its first visit.
    """

    def __init__(
        self,
        repository: Repository,
        plan: Plan,
        store: Store | None = None,
        processes: int = 1,
        as_of: date | None = None,
    ) -> None:
        self._as_of = as_of
        self._repository = repository
        self._plan = plan
        self._reports = Reports(repository, plan, store, processes)
        self._state = RevisionState(plan, self._reports.supplement)
        self._sha: str | None = None
        self._listed: OrderedDict[tuple[str, str], list[FileChange]] = OrderedDict()
        self._listed_changes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def memory(self) -> WalkMemory | None:
        """Return what is known about the revision visited last, for another walker of the same repository and
        plan, or None. This walker must not be used afterwards.
        """
        return WalkMemory(self._sha, self._state) if self._sha is not None else None

    def continue_from(self, memory: WalkMemory) -> None:
        """Start at a revision that another walker has visited, which the repository must have."""
        self._sha, self._state = memory.sha, memory.state
        self._state.read_with(self._reports.supplement)

    def load(self, saved: bytes, steps: Iterable[bytes]) -> bool:
        """Start at a revision that was saved with `save` and the steps after it. Return False if the bytes
        can't be used, in which case the walker still knows nothing.
        """
        try:
            memory = load_into(RevisionState(self._plan, self._reports.supplement), saved, steps)
        except (ValueError, TypeError, KeyError, struct.error, zlib.error):
            return False
        self._sha, self._state = memory.sha, memory.state
        return True

    def save(self) -> bytes:
        """Return what is known about the revision visited last as bytes."""
        if self._sha is None:
            raise ValueError("No revision has been visited yet, so there is nothing to save.")
        return save(WalkMemory(self._sha, self._state))

    def walk(self, revisions: Iterable[str | Revision]) -> Iterator[Visit]:
        """Visit revisions in the given order.

        The first visit reads a whole tree, each later one only the differences. Revisions may be given by
        name. Reports for the next hundred or so revisions are read in the background, so `revisions` is
        consumed ahead of the visits. An unfinished walk can be continued from its last visit. Raises
        `GitError` if the repository cannot be read, after all earlier revisions have been visited.
        """
        ahead: deque[_Window] = deque()
        windows = self._windows(revisions)
        while True:
            while len(ahead) < _WINDOWS_AHEAD and (window := next(windows, None)):
                ahead.append(window)
            if not ahead:
                return
            window = ahead.popleft()
            found = self._reports.deliver(window.order)
            for (path, blob), report in found.items() if self._repository.complete else ():
                if report.skipped:
                    self._repository.require(report.skipped, f"{path} (blob {blob[:12]})")
            for step in window.steps:
                yield self._visit(step, found)
            if window.error:
                raise window.error

    def wanted(self, before: str | None, after: str) -> list[Key]:
        """Return the files whose reports a visit of a revision needs after a visit of another one, or as the
        first one, in an order that depends only on the two revisions and the plan.
        """
        changes = self._changes(before, after)
        if before is not None:
            self._remember(before, after, changes)
        return [(path, blob) for path, _, blob in changes if blob is not None]

    def _remember(self, before: str, after: str, changes: list[FileChange]) -> None:
        """Keep a list of changes for the visit that needs it, unless too many are kept already."""
        if (before, after) in self._listed:
            return
        self._listed[before, after] = changes
        self._listed_changes += len(changes)
        while self._listed_changes > _LISTED_CHANGES and self._listed:
            _, forgotten = self._listed.popitem(last=False)
            self._listed_changes -= len(forgotten)

    def read(self, wanted: Iterable[Key]) -> dict[Key, bytes]:
        """Read files before they are visited, and store the reports. Return the reports, packed, except for
        those of which a later attempt may differ. No walk may be unfinished.
        """
        return self._reports.read(wanted)

    @property
    def progress(self) -> tuple[int, int]:
        """Return how many files have been read so far, and how many are known to need reading."""
        return self._reports.progress

    def _windows(self, revisions: Iterable[str | Revision]) -> Iterator[_Window]:
        """Yield revisions with their changes, in groups.

        The first group is a single revision, so that its result arrives quickly.
        """
        steps: list[_Transition] = []
        previous = self._sha
        error = None
        for requested in revisions:
            try:
                revision = (
                    requested if isinstance(requested, Revision) else self._repository.revision(requested)
                )
                steps.append(_Transition(previous, revision, self._changes(previous, revision.sha)))
            except GitError as caught:
                error = caught
                break
            size = sum(len(step.changes) for step in steps)
            if previous is None or len(steps) >= _WINDOW or size > _WINDOW_CHANGES:
                yield self._ordered(steps, None)
                steps = []
            previous = revision.sha
        if steps or error:
            yield self._ordered(steps, error)

    def _ordered(self, steps: list[_Transition], error: GitError | None) -> _Window:
        changes = (change for step in steps for change in step.changes)
        wanted = ((path, after) for path, _, after in changes if after is not None)
        return _Window(steps, self._reports.order(wanted), error)

    def _changes(self, before: str | None, after: str) -> list[FileChange]:
        if before == after:
            return []
        if before is not None and (listed := self._listed.get((before, after))) is not None:
            return listed
        if before is None:
            raw = [BlobChange(path, None, blob) for path, blob in self._repository.files(after)]
        else:
            raw = self._repository.changes(before, after)
        decoded = ((decode_path(change.path), change.before, change.after) for change in raw)
        return [change for change in decoded if self._plan.in_scope(change[0])]

    def _visit(self, step: _Transition, reports: Mapping[Key, FileReport]) -> Visit:
        day = self._as_of or step.revision.committed_at.astimezone(UTC).date()
        changed = self._state.apply(step.changes, reports, day)
        self._sha = step.revision.sha
        if step.before and (listed := self._listed.pop((step.before, step.revision.sha), None)) is not None:
            self._listed_changes -= len(listed)
        renames = Renames(self._repository, step.before, step.revision.sha, changed)
        return Visit(
            step.revision,
            self._state.tally(),
            self._state.files,
            Difference(
                self._with_scopes(changed) if step.before else changed,
                renames,
                partial(edits_between, self._repository.git_dir),
            ),
            day,
            step.changes,
            reports,
        )

    def _with_scopes(self, changed: Changed) -> Changed:
        """Look up the scopes in files that have violations on the other side but no findings on this one."""
        without_scopes: dict[str, list[tuple[RepoPath, int]]] = {}
        for path, sides in changed.items():
            for side, other in ((0, 1), (1, 0)):
                here, there = sides[side], sides[other]
                if here and here.defined is None and not here.skipped and there and there.violations:
                    without_scopes.setdefault(here.blob, []).append((path, side))
        for blob, content in self._repository.blobs(without_scopes, MAX_BYTES) if without_scopes else ():
            scopes = None if isinstance(content, Missing) else frozenset(defined_scopes(content))
            for path, side in without_scopes[blob]:
                before, after = changed[path]
                if side == 0 and before:
                    changed[path] = replace(before, defined=scopes), after
                elif after:
                    changed[path] = before, replace(after, defined=scopes)
        return changed

    def close(self) -> None:
        """Stop the walk's child processes."""
        self._reports.close()
