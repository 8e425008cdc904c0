"""A line of revisions -> what each of them looks like, at the cost of what changed."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scanner.board import RevisionBoard
from scanner.judge import Judge
from scanner.objects import Change
from scanner.plan import Plan
from scanner.reading import Key, Order, Reports
from scanner.report import EMPTY, FileReport, make_rules
from scanner.repository import Repository
from scanner.store import ReportStore
from scanner.tally import RunningTally
from scanner.values import Difference, FileResult, Path, Revision, Tally, decode_path

# How many revisions are prepared together, and how many such groups ahead of the one that is visited.
_WINDOW = 50
_WINDOW_CHANGES = 4000
_WINDOWS_AHEAD = 2

_Change = tuple[Path, str | None, str | None]
_Step = tuple[Revision, list[_Change]]


@dataclass(frozen=True, slots=True)
class _Window:
    """Steps whose reports were ordered together."""

    steps: list[_Step]
    order: Order


@dataclass(frozen=True, slots=True)
class Visit:
    """One revision as the walk saw it.

    `difference` leads from the revision visited before (from nothing, at the first) to this one. `files` is
    a live view: read what you need of it before asking for the next visit.
    """

    revision: Revision
    tally: Tally
    files: "Files"
    difference: Difference


class Files(Mapping[Path, FileResult]):
    """Every file in scope of the revision at hand, in no particular order."""

    def __init__(self, plan: Plan, blobs: Mapping[Path, str], results: Mapping[Path, FileResult]) -> None:
        self._plan = plan
        self._blobs = blobs
        self._results = results

    @property
    def notable(self) -> Mapping[Path, FileResult]:
        """The files that say something: findings, sites, or that they could not be read."""
        return self._results

    def __getitem__(self, path: Path) -> FileResult:
        return self._results.get(path) or FileResult(path, self._blobs[path], self._plan.category_of(path))

    def __iter__(self) -> Iterator[Path]:
        return iter(self._blobs)

    def __len__(self) -> int:
        return len(self._blobs)


class Walker:
    """Visits revisions of one repository under one plan; any revision may follow any other."""

    def __init__(
        self,
        repository: Repository,
        plan: Plan,
        store: ReportStore | None = None,
        processes: int = 1,
    ) -> None:
        self._repository = repository
        self._plan = plan
        self._reports = Reports(repository, plan, store, processes)
        self._judge = Judge(plan, make_rules(plan))
        self._sha: str | None = None
        self._blobs: dict[Path, str] = {}
        self._said: dict[Path, FileReport] = {}
        self._results: dict[Path, FileResult] = {}
        self._board = RevisionBoard(plan, self._blobs)
        self._tally = RunningTally(plan)

    def walk(self, revisions: Iterable[str | Revision]) -> Iterator[Visit]:
        """Visit revisions in the order given; the first costs a whole tree, each other one its difference.

        Names are resolved. What a few revisions further needs is read meanwhile. Raises `GitError` where the
        repository cannot answer.
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
            for revision, changes in window.steps:
                yield self._visit(revision, changes, found)

    @property
    def progress(self) -> tuple[int, int]:
        """How many files were read so far, and how many there are to read as far as is known."""
        return self._reports.progress

    def _windows(self, revisions: Iterable[str | Revision]) -> Iterator[_Window]:
        """Revisions with their changes, a few at a time; the first stands alone, so that it comes soon."""
        steps: list[_Step] = []
        for asked in revisions:
            revision = asked if isinstance(asked, Revision) else self._repository.revision(asked)
            first = self._sha is None
            steps.append((revision, self._changes_to(revision.sha)))
            self._sha = revision.sha
            if first or len(steps) >= _WINDOW or sum(len(changes) for _, changes in steps) > _WINDOW_CHANGES:
                yield self._ordered(steps)
                steps = []
        if steps:
            yield self._ordered(steps)

    def _ordered(self, steps: list[_Step]) -> _Window:
        wanted = ((path, after) for _, changes in steps for path, _, after in changes if after is not None)
        return _Window(steps, self._reports.order(wanted))

    def _visit(self, revision: Revision, changes: list[_Change], found: Mapping[Key, FileReport]) -> Visit:
        changed = self._apply(changes, found)
        return Visit(
            revision,
            self._tally.tally(),
            Files(self._plan, self._blobs, self._results),
            Difference(changed, self._renames(changes)),
        )

    def _changes_to(self, sha: str) -> list[_Change]:
        if self._sha is None:
            raw = [Change(path, None, blob) for path, blob in self._repository.files(sha)]
        else:
            raw = self._repository.changes(self._sha, sha)
        decoded = ((decode_path(change.path), change.before, change.after) for change in raw)
        return [change for change in decoded if self._plan.in_scope(change[0])]

    def _apply(
        self,
        changes: list[_Change],
        found: Mapping[Key, FileReport],
    ) -> dict[Path, tuple[FileResult | None, FileResult | None]]:
        files = Files(self._plan, self._blobs, self._results)
        before = {path: files[path] if path in self._blobs else None for path, _, _ in changes}
        touched = set()
        for path, _, after in changes:
            report = found[path, after] if after is not None else EMPTY
            touched |= self._replace(path, after, report)
        again = {path for path, _, after in changes if after is not None and (path in self._said)}
        again |= {path for path in self._board.dependents(touched) if path in self._said}
        for path in again:
            if path not in before:
                before[path] = files[path]
        for path, old in before.items():
            self._rejudge(path, old)
        after_all = {path: files[path] if path in self._blobs else None for path in before}
        asked = {path for path, _, _ in changes}
        return {
            path: (old, after_all[path])
            for path, old in before.items()
            if path in asked or old != after_all[path]
        }

    def _replace(self, path: Path, blob: str | None, report: FileReport) -> set[tuple[str | None, str]]:
        """Put one file's new state in the place of its old one; the board's keys that change by it."""
        touched = self._board.publish(path, self._said.get(path, EMPTY), report)
        if (blob is None) != (path not in self._blobs):
            touched |= self._board.come_or_go(path, present=blob is not None)
        if blob is None:
            self._blobs.pop(path, None)
        else:
            self._blobs[path] = blob
        if report is EMPTY:
            self._said.pop(path, None)
            self._board.forget(path)
        else:
            self._said[path] = report
        return touched

    def _rejudge(self, path: Path, before: FileResult | None) -> None:
        if before is not None:
            self._tally.count(before, -1)
        self._results.pop(path, None)
        blob = self._blobs.get(path)
        if blob is None:
            return
        report = self._said.get(path)
        if report is None:
            self._tally.count_plain(self._plan.category_of(path), 1)
            return
        result = self._judge.judge(path, blob, report, self._board)
        self._results[path] = result
        self._tally.count(result, 1)

    def _renames(self, changes: list[_Change]) -> dict[Path, Path]:
        """Renames that git needs no similarity for: the same content under another path."""
        gone = {before: path for path, before, after in changes if after is None and before is not None}
        return {path: gone[after] for path, before, after in changes if before is None and after in gone}

    def close(self) -> None:
        """End what the walk started."""
        self._reports.close()
