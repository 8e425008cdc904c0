"""The files, reports and totals of one revision, updated to another revision from the changed files."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from scanner.engine.analyzer import EMPTY, FileReport, make_rules
from scanner.engine.fact_index import Fact, RevisionFacts
from scanner.engine.judge import Judge
from scanner.engine.supplements import Read, Supplements
from scanner.engine.tally import RunningTally
from scanner.model import FileResult, RepoPath, Suppression, Tally
from scanner.plan import Plan

# Path, blob before and blob after; a blob is None if the file does not exist on that side.
FileChange = tuple[RepoPath, str | None, str | None]
Changed = dict[RepoPath, tuple[FileResult | None, FileResult | None]]


class Files(Mapping[RepoPath, FileResult]):
    """All files in scope in the current revision, in no particular order."""

    def __init__(
        self, plan: Plan, blobs: Mapping[RepoPath, str], results: Mapping[RepoPath, FileResult]
    ) -> None:
        self._plan = plan
        self._blobs = blobs
        self._results = results

    @property
    def notable(self) -> Mapping[RepoPath, FileResult]:
        """Return the results of files that have findings or sites, or that could not be read."""
        return self._results

    def __getitem__(self, path: RepoPath) -> FileResult:
        return self._results.get(path) or FileResult(path, self._blobs[path], self._plan.category_of(path))

    def __iter__(self) -> Iterator[RepoPath]:
        return iter(self._blobs)

    def __len__(self) -> int:
        return len(self._blobs)


class RevisionState:
    """The state of one revision, independent of the revisions visited before it."""

    def __init__(self, plan: Plan, read: Read) -> None:
        self._plan = plan
        rules = make_rules(plan)
        self._judge = Judge(plan, rules)
        self._blobs: dict[RepoPath, str] = {}
        self._reports: dict[RepoPath, FileReport] = {}
        self._results: dict[RepoPath, FileResult] = {}
        self._dated: dict[RepoPath, tuple[Suppression, ...]] = {}
        self._day = date.min
        self._facts = RevisionFacts(plan, self._blobs)
        self._supplements = Supplements(rules, self._facts, read)
        self._tally = RunningTally(plan)
        self.files = Files(plan, self._blobs, self._results)

    def tally(self) -> Tally:
        """Return the current totals."""
        return self._tally.tally()

    def apply(
        self, changes: Iterable[FileChange], reports: Mapping[tuple[RepoPath, str], FileReport], day: date
    ) -> Changed:
        """Move to another revision and return the results, before and after, of every file that changed.

        `reports` contains the report on every path with its newer blob; suppressions are judged as of `day`.
        A file also counts as changed if only its result differs.
        """
        changed: Changed = {}
        before: dict[RepoPath, FileResult | None] = {}
        changed_keys: set[Fact] = set()
        changes = list(changes)
        extra = self._supplements.of([(path, blob) for path, _, blob in changes if blob is not None])
        for path, old_blob, blob in changes:
            report = reports[path, blob] if blob is not None else EMPTY
            if blob is not None and (path, blob) in extra:
                report = self._supplements.merge(report, extra[path, blob])
            if report is EMPTY and path not in self._reports:
                changed[path] = self._change_plain(path, old_blob, blob)
            else:
                before[path] = self.files[path] if path in self._blobs else None
                changed_keys |= self._publish(path, blob, report)
            if (old_blob is None) != (blob is None):
                changed_keys |= self._facts.set_presence(path, present=blob is not None)
        affected = self._facts.dependents(changed_keys) | self._out_of_date(day)
        self._day = day
        changed |= self._rejudge(self._with(before, affected))
        return self._supplemented(changed)

    def _supplemented(self, changed: Changed) -> Changed:
        """Add what the reports lack until nothing more is known to be lacking."""
        while more := [
            (key, extra) for key, extra in self._supplements.more(self._blobs) if extra is not EMPTY
        ]:
            before: dict[RepoPath, FileResult | None] = {}
            changed_keys: set[Fact] = set()
            for (path, blob), extra in more:
                before[path] = self.files[path]
                report = self._supplements.merge(self._reports.get(path, EMPTY), extra)
                changed_keys |= self._publish(path, blob, report)
            later = self._rejudge(self._with(before, self._facts.dependents(changed_keys)))
            for path, (old, new) in later.items():
                first = changed[path][0] if path in changed else old
                changed[path] = first, new
                if first == new:
                    del changed[path]
        return changed

    def _with(
        self, before: dict[RepoPath, FileResult | None], affected: Iterable[RepoPath]
    ) -> dict[RepoPath, FileResult | None]:
        """Return results to judge again, and those of affected files that have reports."""
        more = {path: self.files[path] for path in affected if path in self._reports and path not in before}
        return before | more

    def _publish(self, path: RepoPath, blob: str | None, report: FileReport) -> set[Fact]:
        """Replace a file's report, and return the facts that changed."""
        changed = self._facts.publish(path, self._reports.get(path, EMPTY), report)
        self._put(path, blob, report)
        self._supplements.note(report)
        return changed

    def _change_plain(
        self, path: RepoPath, old_blob: str | None, blob: str | None
    ) -> tuple[FileResult | None, FileResult | None]:
        """Record and return the change to a file that has nothing to report on either side."""
        category = self._plan.category_of(path)
        if blob is None:
            del self._blobs[path]
            self._tally.count_plain(category, -1)
        else:
            self._blobs[path] = blob
            if old_blob is None:
                self._tally.count_plain(category, 1)
        return (
            FileResult(path, old_blob, category) if old_blob is not None else None,
            FileResult(path, blob, category) if blob is not None else None,
        )

    def _put(self, path: RepoPath, blob: str | None, report: FileReport) -> None:
        if blob is None:
            self._blobs.pop(path, None)
        else:
            self._blobs[path] = blob
        if report is EMPTY:
            self._reports.pop(path, None)
            self._facts.forget(path)
        else:
            self._reports[path] = report
        self._dated.pop(path, None)
        if dated := tuple(s for s in report.suppressions if s.until):
            self._dated[path] = dated

    def _out_of_date(self, day: date) -> set[RepoPath]:
        """Return the files with a suppression that is active on only one of the two dates."""
        return {
            path
            for path, dated in self._dated.items()
            if any(s.holds(day) != s.holds(self._day) for s in dated)
        }

    def _rejudge(self, before: Mapping[RepoPath, FileResult | None]) -> Changed:
        """Judge files again with the new revision's facts, and return those whose result changed."""
        changed: Changed = {}
        for path, old in before.items():
            if old is not None:
                self._tally.count(old, -1)
            self._results.pop(path, None)
            if path in self._reports:
                report, blob = self._reports[path], self._blobs[path]
                result = self._judge.judge(path, blob, report, self._facts, self._day)
                if result.findings or not report.is_late:
                    self._results[path] = result
            new = self.files[path] if path in self._blobs else None
            if new is not None:
                self._tally.count(new, 1)
            if old != new:
                changed[path] = (old, new)
        return changed
