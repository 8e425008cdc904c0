"""The files, reports and totals of one revision, updated to another revision from the changed files."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from scanner.engine.analyzer import EMPTY, FileReport, make_rules
from scanner.engine.codec import decode_suppression, encode_suppression
from scanner.engine.fact_index import Fact, RevisionFacts
from scanner.engine.judge import Judge
from scanner.engine.report_map import ReportMap
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
        self,
        plan: Plan,
        blobs: Mapping[RepoPath, str],
        results: Callable[[], Mapping[RepoPath, FileResult]],
        result_of: Callable[[RepoPath], FileResult | None],
    ) -> None:
        self._plan = plan
        self._blobs = blobs
        self._results = results
        self._result_of = result_of

    @property
    def notable(self) -> Mapping[RepoPath, FileResult]:
        """Return the results of files that have findings or sites, or that could not be read."""
        return self._results()

    def __getitem__(self, path: RepoPath) -> FileResult:
        return self._result_of(path) or FileResult(path, self._blobs[path], self._plan.category_of(path))

    def __iter__(self) -> Iterator[RepoPath]:
        return iter(self._blobs)

    def __len__(self) -> int:
        return len(self._blobs)


class RevisionState:
    """The state of one revision, independent of the revisions visited before it.

    A state that was loaded has no results: each is judged when it is needed, before the facts change.
    """

    def __init__(self, plan: Plan, read: Read) -> None:
        self._plan = plan
        rules = make_rules(plan)
        self._judge = Judge(plan, rules)
        self._blobs: dict[RepoPath, str] = {}
        self._reports = ReportMap()
        self._results: dict[RepoPath, FileResult] = {}
        self._unjudged: set[RepoPath] = set()
        self._dated: dict[RepoPath, tuple[Suppression, ...]] = {}
        self._day = date.min
        self._facts = RevisionFacts(plan, self._blobs)
        self._supplements = Supplements(rules, self._facts, read)
        self._tally = RunningTally(plan)
        self.files = Files(plan, self._blobs, self._all_results, self._result_of)

    def read_with(self, read: Read) -> None:
        """Read supplements with another function from now on."""
        self._supplements.read_with(read)

    def saved(self) -> tuple[dict[str, Any], list[bytes]]:
        """Return everything except results as a JSON value and the packed reports."""
        reports = self._reports.packed()
        places = {path: number for number, path in enumerate(self._blobs)}
        value = {
            "paths": list(self._blobs),
            "blobs": list(self._blobs.values()),
            "reports": [[places[path], late] for path, _, late in reports],
            "dated": {path: [encode_suppression(s) for s in dated] for path, dated in self._dated.items()},
            "day": self._day.isoformat(),
            "facts": self._facts.saved(places),
            "supplements": self._supplements.saved(),
            "tally": self._tally.saved(),
        }
        return value, [raw for _, raw, _ in reports]

    def load(self, value: Mapping[str, Any], reports: Iterable[bytes]) -> None:
        """Set a new state to what `saved` returned."""
        paths = [RepoPath(path) for path in value["paths"]]
        self._blobs.update(zip(paths, value["blobs"], strict=True))
        self._reports.load(
            (paths[place], raw, late) for (place, late), raw in zip(value["reports"], reports, strict=True)
        )
        self._unjudged = self._reports.paths()
        self._dated = {
            RepoPath(path): tuple(decode_suppression(*fields) for fields in dated)
            for path, dated in value["dated"].items()
        }
        self._day = date.fromisoformat(value["day"])
        self._facts.load(value["facts"], paths)
        self._supplements.load(value["supplements"])
        self._tally.load(value["tally"])

    def blob_of(self, path: RepoPath) -> str | None:
        """Return the blob at a path, or None if there is no such file in scope."""
        return self._blobs.get(path)

    def _all_results(self) -> Mapping[RepoPath, FileResult]:
        for path in tuple(self._unjudged):
            self._result_of(path)
        return self._results

    def _result_of(self, path: RepoPath) -> FileResult | None:
        """Return the result of a file that has something to report, else None."""
        if path in self._unjudged:
            self._unjudged.discard(path)
            self._judge_one(path)
        return self._results.get(path)

    def _judge_one(self, path: RepoPath) -> None:
        report = self._reports[path]
        result = self._judge.judge(path, self._blobs[path], report, self._facts, self._day)
        if result.findings or not report.is_late:
            self._results[path] = result

    def _settle(self, reports: Mapping[RepoPath, FileReport], gone_or_new: Iterable[RepoPath]) -> None:
        """Judge, while the facts are still those of this revision, what new reports may affect."""
        keys = {(None, self._plan.module_name(path)) for path in gone_or_new}
        differing: set[Fact] = set(keys)
        for path, report in reports.items():
            differing |= self._facts.differing(self._reports.report_on(path), report)
        for path in (*reports, *self._facts.dependents(differing)):
            self._result_of(path)

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
        found = self._with_supplements(changes, reports)
        if self._unjudged:
            self._settle(found, (path for path, old, new in changes if (old is None) != (new is None)))
        for path in self._out_of_date(day):
            self._result_of(path)
        for path, old_blob, blob in changes:
            report = found[path]
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

    def _with_supplements(
        self, changes: Iterable[FileChange], reports: Mapping[tuple[RepoPath, str], FileReport]
    ) -> dict[RepoPath, FileReport]:
        """Return the report on each changed path, including what is read for words of other files."""
        extra = self._supplements.of([(path, blob) for path, _, blob in changes if blob is not None])
        found = {}
        for path, _, blob in changes:
            found[path] = reports[path, blob] if blob is not None else EMPTY
            if blob is not None and (path, blob) in extra:
                found[path] = self._supplements.merge(found[path], extra[path, blob])
        return found

    def _supplemented(self, changed: Changed) -> Changed:
        """Add what the reports lack until nothing more is known to be lacking."""
        while more := [
            (key, extra) for key, extra in self._supplements.more(self._blobs) if extra is not EMPTY
        ]:
            before: dict[RepoPath, FileResult | None] = {}
            changed_keys: set[Fact] = set()
            merged: dict[tuple[RepoPath, str], FileReport] = {}
            for key, extra in more:
                merged[key] = self._supplements.merge(
                    merged.get(key) or self._reports.report_on(key[0]), extra
                )
            self._settle({path: report for (path, _), report in merged.items()}, ())
            for (path, blob), report in merged.items():
                before[path] = self.files[path]
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
        changed = self._facts.publish(path, self._reports.report_on(path), report)
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
            self._reports.remove(path)
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
                self._judge_one(path)
            new = self.files[path] if path in self._blobs else None
            if new is not None:
                self._tally.count(new, 1)
            if old != new:
                changed[path] = (old, new)
        return changed
