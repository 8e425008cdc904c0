"""Verbs of the record tests: run what is due, say what the rows say, hold it against cold scans."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import QuerySet

from compliance import tasks
from compliance.jobs.queue import claim
from compliance.jobs.runner import take
from compliance.lib.figures import percent
from compliance.models import (
    Change,
    Commit,
    File,
    FileState,
    Job,
    PlanVersion,
    Repository,
    Snapshot,
    Violation,
)
from compliance.progress.effects import Effect
from compliance.scans.mirror import folder
from scanner import FileResult, Move, ReportStore, Visit, Walker, compare, open_repository, ran_out, read_plan

FIGURES = (
    "files",
    "clean",
    "violations",
    "files_with_violations",
    "old_sites",
    "new_sites",
    "suppressed",
    "unparsed",
    "skipped",
)


STATE = (
    "category",
    "violations",
    "suppressed",
    "old_sites",
    "new_sites",
    "tainted",
    "unparsed",
    "unparsed_line",
    "skipped",
)


def run_jobs() -> None:
    """Do everything that is due, in this process; a job that fails fails the test."""
    while job := claim("test"):
        take(job, tasks.KINDS)
        job.refresh_from_db()
        assert job.state != Job.State.BURIED, job.error
        assert not job.error, job.error


def rows(repository: Repository) -> dict[str, Counter[Any]]:
    """Every row of a repository's line under the plan in force, without ids and times of writing."""
    repository.refresh_from_db()
    plan = repository.plan
    line = {"commit__repository": repository, "commit__position__isnull": False, "plan": plan}
    commits = Commit.objects.filter(repository=repository, position__isnull=False)
    files = File.objects.filter(repository=repository, states__plan=plan).distinct()
    return {
        "commits": _rows(commits, {"id", "repository_id", "recorded_at"}),
        "snapshots": _rows(Snapshot.objects.filter(**line), {"id", "plan_id", "recorded_at"}),
        "changes": _rows(Change.objects.filter(**line), {"id", "plan_id", "violation_id"}),
        "states": _rows(FileState.objects.filter(plan=plan), {"id", "plan_id"}),
        "violations": _rows(Violation.objects.filter(plan=plan), {"id", "plan_id", "thread"}),
        "files": _rows(files, {"id", "repository_id"}),
    }


def _rows(found: Iterable[Any], without: set[str]) -> Counter[Any]:
    names: dict[str, Callable[[Any], Any]] = {
        "commit_id": lambda row: row.commit.sha,
        "introduced_id": lambda row: row.introduced and row.introduced.sha,
        "resolved_id": lambda row: row.resolved and row.resolved.sha,
        "file_id": lambda row: row.file.path,
        "renamed_to_id": lambda row: row.renamed_to and row.renamed_to.path,
        # The index on it has open violations only, so a closed one keeps what it had, or has nothing.
        "path_key": lambda row: row.path_key if row.last is None else None,
    }
    out: Counter[Any] = Counter()
    for row in found:
        fields = [field.attname for field in row._meta.concrete_fields if field.attname not in without]
        values = ((name, names[name](row) if name in names else getattr(row, name)) for name in fields)
        out[tuple((name, repr(value)) for name, value in values)] += 1
    return out


def check_against_cold_scans(repository: Repository, positions: Iterable[int] | None = None) -> int:
    """For each commit of the line (or those at `positions`) rows and cold scan agree; their number."""
    repository.refresh_from_db()
    version = repository.plan
    assert version is not None
    plan = read_plan(version.text, version.source)
    line = Commit.objects.filter(repository=repository, position__isnull=False).order_by("position")
    chosen = line if positions is None else line.filter(position__in=list(positions))
    check_steps(version)
    # Reports are kept from one cold scan to the next; how they are put together is done anew each time.
    store = ReportStore(":memory:")
    with open_repository(str(folder(repository))) as git:
        for commit in chosen:
            with Walker(git, plan, store) as walker:
                _check_commit(commit, version, next(walker.walk([commit.sha])))
            if commit.position and commit.position > 1:
                with Walker(git, plan, store) as walker:
                    visits = walker.walk([commit.parents[0], commit.sha])
                    before = _open(next(visits))
                    visit = next(visits)
                    _check_balance(commit, version, before, _open(visit))
                    _check_changes(commit, version, visit)
    return len(chosen)


def _check_commit(commit: Commit, version: PlanVersion, visit: Visit) -> None:
    figures, tally, position = Snapshot.objects.get(commit=commit, plan=version), visit.tally, commit.position
    assert position is not None
    for name in FIGURES:
        assert getattr(figures, name) == getattr(tally, name), (commit, name)
    assert figures.category_files == dict(tally.category_files)
    assert figures.by == {
        dimension: {key: [part.violations, part.files_with_violations] for key, part in keys.items()}
        for dimension, keys in tally.by.items()
    }
    files = dict(visit.files.items())
    assert _alive(commit, version) == _found(files.values()), commit
    states = {
        state.file.path: tuple(getattr(state, name) for name in STATE)
        for state in FileState.objects.filter(plan=version).select_related("file")
        if (state.first is None or state.first <= position) and (state.last is None or state.last >= position)
    }
    assert states == {path: _state(result) for path, result in files.items()}, commit


def _state(result: FileResult) -> tuple[Any, ...]:
    """What a file's row must say, in the order of STATE."""
    suppressed = sum(finding.suppressed for finding in result.findings)
    return (
        result.category,
        len(result.findings) - suppressed,
        suppressed,
        result.old_sites,
        result.new_sites,
        result.tainted,
        result.unparsed.reason.replace("\0", "\ufffd") if result.unparsed else "",
        result.unparsed.line if result.unparsed else 0,
        result.skipped.reason.replace("\0", "\ufffd") if result.skipped else "",
    )


def check_steps(version: PlanVersion) -> int:
    """The causes of each commit's step add up to it, in each figure; the number of commits."""
    line = Snapshot.objects.filter(plan=version, commit__position__isnull=False)
    known = {row.commit.position: row for row in line.select_related("commit")}
    for position, row in known.items():
        earlier, effect = known.get((position or 0) - 1), Effect(row)
        if earlier is None:
            assert position == 1, "each commit's parent is recorded"
            assert (effect.violations, effect.files, effect.clean) == (row.violations, row.files, row.clean)
            continue
        for name in ("violations", "files", "clean"):
            assert getattr(row, name) - getattr(earlier, name) == getattr(effect, name), (row.commit, name)
        before, after = percent(earlier.clean, earlier.files), percent(row.clean, row.files)
        if before is None or after is None:
            assert effect.points is None
            continue
        parts = effect.points
        assert parts is not None
        assert parts.total == round(after - before, 1)
        assert parts.total == round(parts.scope + parts.became_clean + parts.became_unclean, 1)
    return len(known)


def _found(results: Iterable[FileResult]) -> Counter[Any]:
    return Counter(
        (f.path, f.fingerprint, f.rule, f.suppressed, 0 if f.suppressed else f.line)
        for result in results
        for f in result.findings
    )


def _alive(commit: Commit, version: PlanVersion) -> Counter[Any]:
    """The violations alive at a commit, each where it stood then: later moves are taken back."""
    position = commit.position
    assert position is not None
    places = {
        row.pk: (row.file.path, row.fingerprint, row.line, row)
        for row in Violation.objects.filter(plan=version).select_related("file")
        if (row.first is None or row.first <= position) and (row.last is None or row.last >= position)
    }
    moves = Change.objects.filter(plan=version, kind="moved", commit__position__gt=position)
    for move in moves.order_by("-commit__position"):
        if move.violation_id in places:
            path, fingerprint, line, row = places[move.violation_id]
            assert (move.path, move.fingerprint, move.line) == (path, fingerprint, line), (commit, move)
            places[row.pk] = (move.old_path, move.old_fingerprint, move.old_line or 0, row)
    return Counter(
        (path, fingerprint, row.rule, row.suppressed, 0 if row.suppressed else line)
        for path, fingerprint, line, row in places.values()
    )


def _open(visit: Visit) -> Counter[Any]:
    """The findings of a revision that no comment suppresses."""
    return Counter(
        (finding.path, finding.rule, finding.fingerprint)
        for result in visit.files.values()
        for finding in result.findings
        if not finding.suppressed
    )


def _check_balance(commit: Commit, version: PlanVersion, before: Counter[Any], after: Counter[Any]) -> None:
    """What stood before, less what the rows say is gone, plus what they say has come, stands now.

    This knows nothing of how findings are matched, unlike `_check_changes`.
    """
    came: Counter[Any] = Counter()
    went: Counter[Any] = Counter()
    for row in Change.objects.filter(plan=version, commit=commit):
        here, there = (row.path, row.rule, row.fingerprint), (row.old_path, row.rule, row.old_fingerprint)
        if row.kind in ("new", "moved", "restored"):
            came[here] += 1
        if row.kind in ("moved", "suppressed"):
            went[there] += 1
        if row.kind == "fixed":
            went[here] += 1
    assert not went - before, (commit, went - before)
    assert before - went + came == after, commit


def _check_changes(commit: Commit, version: PlanVersion, visit: Visit) -> None:
    comparison = compare(visit.difference)
    told = Counter(
        (row.kind, row.path, row.line, row.fingerprint)
        for row in Change.objects.filter(plan=version, commit=commit)
    )
    wanted = Counter(("new", f.path, f.line, f.fingerprint) for f in comparison.new)
    wanted += Counter(("fixed", f.path, f.line, f.fingerprint) for f in comparison.fixed)
    for kind in ("moved", "suppressed", "restored"):
        moves: tuple[Move, ...] = getattr(comparison, kind)
        wanted += Counter((kind, m.after.path, m.after.line, m.after.fingerprint) for m in moves)
    assert told == wanted, commit
    begun = Violation.objects.filter(plan=version, introduced=commit, suppressed=False)
    ended = Violation.objects.filter(plan=version, resolved=commit, suppressed=False)
    assert _numbers(begun, "restored") == (len(comparison.new), len(comparison.restored)), commit
    expired = ran_out(visit.difference, comparison)
    assert _numbers(begun, "ran_out")[1] == len(expired), commit
    known = Change.objects.filter(plan=version, commit=commit)
    assert _numbers(known, "ran_out")[1] == len(expired), commit
    assert _numbers(ended, "silenced") == (len(comparison.fixed), len(comparison.suppressed)), commit
    figures = Snapshot.objects.get(commit=commit, plan=version)
    assert (figures.newly_suppressed, figures.restored) == tuple(
        sum(m.before.category in version.counted for m in found)
        for found in (comparison.suppressed, comparison.restored)
    )
    for row in (*begun.filter(restored=True), *ended.filter(silenced=True)):
        twins = Violation.objects.filter(plan=version, thread=row.thread).exclude(pk=row.pk)
        assert twins.filter(suppressed=True).exists(), (commit, row)


def _numbers(found: QuerySet[Any], mark: str) -> tuple[int, int]:
    """How many rows lack a mark, and how many have it."""
    return found.filter(**{mark: False}).count(), found.filter(**{mark: True}).count()
