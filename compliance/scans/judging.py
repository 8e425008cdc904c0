"""Judges what a change adds and removes: a head is compared with its base, as `python -m scanner check` does.

The cost follows the files that differ between the revisions that are visited one after another. A walker
that knows the tip of the tracked branch reads only what differs between the tip, the base and the head.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from compliance.lib.field_types import one_line, storable
from compliance.lib.wording import count_of
from compliance.models import PlanVersion
from compliance.scans.departures import departures
from compliance.scans.report_store import walking
from compliance.scans.walker_state import borrowed
from scanner import (
    FILTERED,
    BlobChange,
    Difference,
    Fault,
    FileResult,
    Finding,
    Plan,
    RepoPath,
    Tally,
    Visit,
    Walker,
    compare,
    decode_path,
    doubts_of,
    ran_out,
    read_plan,
)
from scanner import Repository as GitRepository

_SHOWN = 255
"""Maximum number of characters of a branch's name in a sentence."""


class JudgingError(Exception):
    """Raised if a head can't be judged. The message is a sentence that people read."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding of a judgement, or a file that is in doubt, for the reason in `message`.

    `former_path` and `former_line` are where it was at the base. `is_locked` is true if its file was clean at
    the base, and `ran_out` if the date alone ended the suppression of a restored finding. `reason` is that of
    the suppression. Every text can be stored in any column.
    """

    path: str
    line: int = 0
    column: int = 0
    rule: str = ""
    role: str = ""
    symbol: str = ""
    scope: str = ""
    snippet: str = ""
    message: str = ""
    risk: str = ""
    category: str = ""
    phases: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    fingerprint: str = ""
    reason: str = ""
    former_path: str = ""
    former_line: int = 0
    is_locked: bool = False
    ran_out: bool = False


@dataclass(frozen=True, slots=True)
class Figures:
    """How many of the files that count towards compliance are clean."""

    clean: int
    files: int

    @classmethod
    def of(cls, tally: Tally) -> "Figures":
        """Return the figures of a revision."""
        return cls(tally.clean, tally.files)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a head changes compared with its base. `paths` are all files that differ, also outside the plan.

    `suppressed` findings counted before or are new; a comment in the head suppresses them. `restored` ones
    count again. Neither are in `new` or `fixed`. `moved_out` are those of the fixed and moved ones that the
    head takes to where the plan doesn't count or see them, and `departed` the files that it took there and
    that nobody can judge.
    """

    base: str
    head: str
    new: tuple[Found, ...]
    fixed: tuple[Found, ...]
    moved: tuple[Found, ...]
    suppressed: tuple[Found, ...]
    restored: tuple[Found, ...]
    doubts: tuple[Found, ...]
    before: Figures
    after: Figures
    paths: tuple[str, ...] = ()
    moved_out: tuple[Found, ...] = ()
    departed: tuple[Found, ...] = ()

    @property
    def brought(self) -> tuple[Found, ...]:
        """Return the findings that the head adds: new ones, and those whose suppression it removed."""
        return (*self.new, *(found for found in self.restored if not found.ran_out))

    @property
    def phases(self) -> dict[str, tuple[int, int]]:
        """Return the numbers of fixed and new violations of each phase that has any."""
        numbers: dict[str, tuple[int, int]] = {}
        gone = set(self.moved_out)
        fixed_here = [found for found in self.fixed if found not in gone]
        for side, found in ((0, fixed_here), (1, self.new)):
            for phase in (phase for finding in found for phase in finding.phases):
                fixed, new = numbers.get(phase, (0, 0))
                numbers[phase] = (fixed + (side == 0), new + (side == 1))
        return numbers


@dataclass(frozen=True, slots=True)
class Base:
    """The commit with which a head is compared, and why it is that one."""

    sha: str
    reason: str


def base_of(git: GitRepository, branch: str, tip: str, head: str) -> Base:
    """Return the base of a head whose target is a branch. Raises `JudgingError` if there is none."""
    name = one_line(branch, _SHOWN)
    base = git.merge_base(tip, head)
    if base is None:
        raise JudgingError(
            f"The head {head[:10]} and {name} have no common ancestor, so what is new cannot be determined. "
            f"Rebase the pull request on {name}."
        )
    if base == tip:
        return Base(base, f"The newest commit of {name}, which the head contains.")
    if base == head:
        return Base(base, f"The head itself, which {name} already contains.")
    reason = f"The merge base of the head and {name}. Later commits of {name} are not part of this change."
    return Base(base, reason)


@contextmanager
def judging(version: PlanVersion, git: GitRepository) -> Iterator["Judge"]:
    """Yield a judge for heads under a plan version, which knows the newest recorded commit if possible."""
    plan = read_plan(version.text, version.source)
    with walking(git, plan) as walker, borrowed(version, git, walker):
        yield Judge(git, plan, walker)


class Judge:
    """Judges heads of one repository under one plan, each at the cost of the files that differ from the
    revision that was visited before.
    """

    def __init__(self, git: GitRepository, plan: Plan, walker: Walker) -> None:
        self._git, self.plan, self.walker = git, plan, walker

    def judge(self, base: str, head: str) -> Judgement:
        """Compare a head with a base. Raises `JudgingError` if the plan includes no file at the head or
        contents are missing, and `GitError` if a revision can't be read.
        """
        visits = self.walker.walk([base, head])
        before = Figures.of(next(visits).tally)
        after = next(visits)
        if not after.files:
            number = count_of(len(self._git.files(head)), "file")
            raise JudgingError(f"The plan includes none of the {number} at the head {head[:10]}.")
        self._require_contents(after)
        judgement = _judgement(base, before, after, self.plan)
        changes = self._git.changes(base, head)
        paths = tuple(storable(decode_path(change.path)) for change in changes)
        return self._with_departures(replace(judgement, paths=paths), changes)

    def _with_departures(self, judgement: Judgement, changes: Sequence[BlobChange]) -> Judgement:
        """Add what the head takes out of the plan's sight."""
        found = departures(self._git, self.plan, judgement.base, judgement.head, changes)
        if not found:
            return judgement
        paths = {storable(one.path) for one in found}
        gone = tuple(finding for finding in judgement.fixed if finding.path in paths)
        doubts = (Fault(RepoPath(one.path), one.doubt) for one in found if one.doubt)
        return replace(
            judgement, moved_out=(*judgement.moved_out, *gone), departed=tuple(map(_doubt, doubts))
        )

    def _require_contents(self, after: Visit) -> None:
        if self._git.complete:
            return
        older = (before for before, _ in after.difference.changed.values() if before)
        results: Iterable[FileResult] = (*after.files.notable.values(), *older)
        lost = [result.skipped.reason for result in results if result.skipped]
        if lost := [reason for reason in lost if FILTERED in reason]:
            raise JudgingError(
                f"{count_of(len(lost), 'file')} cannot be read, because the repository is a partial clone "
                "without their contents."
            )


def _judgement(base: str, before: Figures, after: Visit, plan: Plan) -> Judgement:
    difference = after.difference
    comparison = compare(difference)
    files = FindingFiles(difference, plan)
    expired = {id(move) for move in ran_out(difference, comparison)}
    hidden = [(move.after, move.before) for move in comparison.suppressed]
    return Judgement(
        base=base,
        head=after.revision.sha,
        new=tuple(files.found(finding) for finding in comparison.new),
        fixed=tuple(files.found(finding) for finding in comparison.fixed),
        moved=tuple(files.found(move.after, move.before) for move in comparison.moved),
        suppressed=(
            *(files.found(finding, former) for finding, former in hidden),
            *(files.found(finding) for finding in comparison.silent),
        ),
        restored=tuple(
            files.found(move.after, move.before, ran_out=id(move) in expired) for move in comparison.restored
        ),
        doubts=tuple(map(_doubt, doubts_of(difference))),
        before=before,
        after=Figures.of(after.tally),
        moved_out=tuple(
            files.found(move.after, move.before)
            for move in comparison.moved
            if move.before.category in plan.compliance_counts
            and move.after.category not in plan.compliance_counts
        ),
    )


class FindingFiles:
    """Looks up what a difference says about the files of findings."""

    def __init__(self, difference: Difference, plan: Plan) -> None:
        self._counted = frozenset(plan.compliance_counts)
        self._changed: Mapping[RepoPath, tuple[FileResult | None, FileResult | None]] = difference.changed
        self._renames = difference.renames

    def _is_locked(self, path: RepoPath) -> bool:
        """Return true if a file counted and was clean at the base, where it may have had another path."""
        sides = self._changed.get(path, (None, None))
        before = sides[0]
        if before is None and path in self._renames:
            before = self._changed.get(self._renames[path], (None, None))[0]
        if before is None or before.category not in self._counted:
            return False
        return before.skipped is None and before.clean and not before.findings

    def found(self, finding: Finding, former: Finding | None = None, *, ran_out: bool = False) -> Found:
        """Return a finding with plain values."""
        return Found(
            path=storable(finding.path),
            line=finding.line,
            column=finding.column,
            rule=finding.rule,
            role=finding.role,
            symbol=storable(finding.symbol),
            scope=storable(finding.scope),
            snippet=storable(finding.snippet),
            message=storable(finding.message),
            risk=finding.risk,
            category=finding.category,
            phases=finding.phases,
            issues=finding.issues,
            fingerprint=finding.fingerprint,
            reason=storable(finding.reason),
            former_path=storable(former.path) if former else "",
            former_line=former.line if former else 0,
            is_locked=self._is_locked(finding.path),
            ran_out=ran_out,
        )


def _doubt(fault: Fault) -> Found:
    return Found(path=storable(fault.path), line=fault.line, message=storable(fault.reason))
