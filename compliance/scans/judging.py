"""Judges what a change adds and removes: a head is compared with its base, as `python -m scanner check` does.

The cost follows the files that differ between the revisions that are visited one after another. A walker
that knows the tip of the tracked branch reads only what differs between the tip, the base and the head.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain

from compliance.lib.field_types import one_line, storable
from compliance.lib.wording import count_of, join_names, noun_for
from compliance.models import PlanVersion
from compliance.scans.departures import departed_from_all
from compliance.scans.judgements import Figures, FindingFiles, Judgement, doubt_of
from compliance.scans.report_store import walking
from compliance.scans.walker_state import borrowed
from scanner import (
    FILTERED,
    BlobChange,
    Difference,
    Fault,
    FileResult,
    Plan,
    RepoPath,
    Visit,
    Walker,
    compare,
    compare_with_all,
    decode_path,
    doubts_with_all,
    of_head_alone,
    read_plan,
)
from scanner import Repository as GitRepository

_SHOWN = 255
"""Maximum number of characters of a branch's name in a sentence."""

_ONE_OF = "One of the "


class JudgingError(Exception):
    """Raised if a head can't be judged. The message is a sentence that people read."""


@dataclass(frozen=True, slots=True)
class Base:
    """The commit with which a head is compared, and why it is that one. `others` are further ones, if the
    head and its target have merged each other, and `target` is that target's commit.
    """

    sha: str
    reason: str
    others: tuple[str, ...] = ()
    target: str = ""

    @property
    def shas(self) -> tuple[str, ...]:
        """Return all commits with which the head is compared."""
        return (self.sha, *self.others)

    def agrees(self, sha: str, reason: str) -> bool:
        """Return true if a former base, of which these are known, stands for the same commits."""
        is_several = bool(self.others) or reason.startswith(_ONE_OF)
        return sha == self.sha and (not is_several or reason == self.reason)


def base_of(git: GitRepository, branch: str, tip: str, head: str) -> Base:
    """Return the base of a head whose target is a branch. Raises `JudgingError` if there is none."""
    name = one_line(branch, _SHOWN)
    bases = git.merge_bases(tip, head)
    if not bases:
        raise JudgingError(
            f"The head {head[:10]} and {name} have no common ancestor, so what is new cannot be determined. "
            f"Rebase the pull request on {name}."
        )
    base, *others = bases
    if others:
        shown = join_names([other[:10] for other in others])
        reason = (
            f"{_ONE_OF}{len(bases)} merge bases of the head and {name}, which have merged each other. "
            f"{noun_for(len(others), 'The other one is', 'The others are')} {shown}. Only what none of them "
            "has is new."
        )
        return Base(base, reason, tuple(others), tip)
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

    def judge(self, base: Base, head: str) -> Judgement:
        """Compare a head with its base, or with all of its bases. Raises `JudgingError` if the plan includes
        no file at the head or contents are missing, and `GitError` if a revision can't be read.
        """
        compared = (*base.shas, base.target) if base.others else base.shas
        visits = list(self.walker.walk(chain.from_iterable((one, head) for one in compared)))
        heads = visits[1 : 2 * len(base.shas) : 2]
        if not heads[-1].files:
            number = count_of(len(self._git.files(head)), "file")
            raise JudgingError(f"The plan includes none of the {number} at the head {head[:10]}.")
        self._require_contents(heads)
        before = Figures.of(visits[0].tally)
        judgement = _judgement(base.sha, before, heads, visits[-1].difference, self.plan)
        changes = {one: self._git.changes(one, head) for one in base.shas}
        differing = [dict.fromkeys(change.path for change in some) for some in changes.values()]
        paths = [path for path in differing[0] if all(path in some for some in differing)]
        changes = {one: _of_all(some, set(paths)) for one, some in changes.items()}
        judgement = replace(judgement, paths=tuple(storable(decode_path(path)) for path in paths))
        differences = of_head_alone([visit.difference for visit in heads])
        return self._with_departures(judgement, base, changes, differences)

    def _with_departures(
        self,
        judgement: Judgement,
        base: Base,
        changes: Mapping[str, Sequence[BlobChange]],
        differences: Sequence[Difference],
    ) -> Judgement:
        """Add what the head takes out of the plan's sight."""
        found = departed_from_all(self._git, self.plan, judgement.head, changes, base.target)
        if not found:
            return judgement
        paths = {one.path for one in found}
        files = FindingFiles(differences, self.plan)
        gone = dict.fromkeys(
            files.found(finding)
            for difference in differences
            for finding in compare(difference).fixed
            if finding.path in paths
        )
        doubts = (Fault(RepoPath(one.path), one.doubt) for one in found if one.doubt)
        shown = set(map(storable, paths))
        return replace(
            judgement,
            fixed=tuple(one for one in judgement.fixed if one in gone or one.path not in shown),
            moved_out=(*judgement.moved_out, *gone),
            departed=tuple(map(doubt_of, doubts)),
        )

    def _require_contents(self, heads: Sequence[Visit]) -> None:
        if self._git.complete:
            return
        changed = chain.from_iterable(visit.difference.changed.values() for visit in heads)
        older = (before for before, _ in changed if before)
        results: Iterable[FileResult] = (*heads[-1].files.notable.values(), *older)
        lost = [result.skipped.reason for result in results if result.skipped]
        if lost := [reason for reason in lost if FILTERED in reason]:
            raise JudgingError(
                f"{count_of(len(lost), 'file')} cannot be read, because the repository is a partial clone "
                "without their contents."
            )


def _of_all(changes: Iterable[BlobChange], paths: Collection[bytes]) -> list[BlobChange]:
    """Return the changes since one base, without files of the head that don't differ from another one."""
    return [change for change in changes if change.after is None or change.path in paths]


def _judgement(
    base: str, before: Figures, heads: Sequence[Visit], target: Difference, plan: Plan
) -> Judgement:
    differences = [visit.difference for visit in heads]
    comparison, ended = compare_with_all(differences, target)
    files = FindingFiles(differences, plan)
    expired = {id(move) for move in ended}
    hidden = [(move.after, move.before) for move in comparison.suppressed]
    return Judgement(
        base=base,
        head=heads[-1].revision.sha,
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
        doubts=tuple(map(doubt_of, doubts_with_all(differences))),
        before=before,
        after=Figures.of(heads[-1].tally),
        moved_out=tuple(
            files.found(move.after, move.before)
            for move in comparison.moved
            if move.before.category in plan.compliance_counts
            and move.after.category not in plan.compliance_counts
        ),
    )
