"""Judges heads as merged into a target, to find what breaks only together with the target's newer commits.

A violation breaks only together if the merged tree has it, the target doesn't, and the head doesn't bring it
compared with its merge base. The three comparisons match violations as everything else does. Nothing is
checked out, and the mirror is not written to.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain, takewhile

from compliance.lib.field_types import storable
from compliance.models import PlanVersion
from compliance.scans.judgements import FindingFiles, Found
from compliance.scans.judging import Judge, judging
from scanner import (
    Difference,
    Finding,
    Merge,
    MergeUnsupportedError,
    MergeWorkspace,
    Plan,
    Revision,
    Visit,
    Walker,
    compare,
    compare_with_all,
    merge_workspace,
    ran_out,
)
from scanner import Repository as GitRepository

MOST_COMMITS = 4096
"""Number of commits of the target since the merge base above which no cause is searched."""

MOST_CAUSES = 4
"""Number of commits of the target that are named as causes for one head."""

_MOST_BROUGHT = 1000
_MOST_ORIGINALS = 100
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Together:
    """What breaks only together. `cause` is the commit of the target since which it does, or an empty string
    if that could not be determined. `found` is what the merged tree has.
    """

    found: Found
    cause: str = ""


@dataclass(frozen=True, slots=True)
class MergedHead:
    """The result of judging a head as merged into a target. `problem` says why there is none."""

    together: tuple[Together, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a commit of the target comes from: the commits that it brought, itself included, newest first."""

    sha: str
    subject: str
    commits: tuple[str, ...]


@contextmanager
def merging(version: PlanVersion, git: GitRepository) -> Iterator[tuple[Judge, "MergeJudge"]]:
    """Yield a judge of heads, and one of merged heads, which share a walker that knows the newest recorded
    commit if possible. Both read a place that has the mirror's objects and the merged trees; it is deleted
    afterwards.
    """
    with merge_workspace(git) as workspace, judging(version, workspace.repository) as judge:
        yield judge, MergeJudge(workspace, judge.walker, judge.plan)


class MergeJudge:
    """Judges heads, one after another. A head costs what it changes, and, only if something new is in the
    merged tree, what the target has changed since.
    """

    def __init__(self, workspace: MergeWorkspace, walker: Walker, plan: Plan) -> None:
        self._workspace, self._walker, self._plan = workspace, walker, plan
        self._git = workspace.repository

    def judge(self, target: str, head: str) -> MergedHead:
        """Judge a head as merged into a target. Raises `GitError` if a revision can't be read."""
        try:
            merge = self._workspace.merge(target, head)
        except MergeUnsupportedError as error:
            return MergedHead(problem=f"cannot be merged on this machine: {error}")
        if not merge.commit:
            return MergedHead(problem=_problem(merge))
        found = self._judge(target, head, merge.commit)
        causes = self._causes(target, head, found) if found else {}
        return MergedHead(tuple(Together(found[one], causes[one]) for one in found))

    @property
    def progress(self) -> tuple[int, int]:
        """Return how many files have been read so far, and how many are known to need reading."""
        return self._walker.progress

    def source_of(self, sha: str) -> Source:
        """Return where a commit of the target comes from."""
        commits = self._workspace.brought_by(sha, _MOST_BROUGHT)
        return Source(sha, self._git.revision(sha).subject, tuple(commits))

    def find_equal(self, sha: str, heads: Iterable[str]) -> str:
        """Return the head that a commit of the target contains as a squashed or rebased copy, or an empty
        string if none or several fit.

        A rebased commit has the author, time and subject of the original. A squashed one changes the same
        files in the same way, or at least the same files.
        """
        revision = self._git.revision(sha)
        if len(revision.parents) != 1:
            return ""
        likeness = {head: self._likeness(revision, head) for head in heads if self._git.has(head)}
        best = max(likeness.values(), default=0)
        fits = [head for head, value in likeness.items() if value == best]
        return fits[0] if best and len(fits) == 1 else ""

    def _likeness(self, copy: Revision, head: str) -> int:
        """Return 3 if a commit is a rebased one of a head, 2 if it makes the head's changes, 1 if it changes
        the same files, and otherwise 0.
        """
        (parent,) = copy.parents
        base = self._git.merge_base(parent, head)
        if base is None or base == head:
            return 0
        originals = takewhile(
            partial(_is_other, base), self._git.line(head, limit=_MOST_ORIGINALS, first_parent=False)
        )
        if any(_identity(original) == _identity(copy) for original in originals):
            return 3
        here = {change.path: change.after for change in self._git.changes(parent, copy.sha)}
        there = {change.path: change.after for change in self._git.changes(base, head)}
        return 2 if here == there else int(here.keys() == there.keys())

    def _judge(self, target: str, head: str, merged: str) -> dict[Finding, Found]:
        """Return what breaks only together, given the merge commit."""
        if merged in (target, head):
            return {}
        self._visit(target)
        difference = self._visit(merged).difference
        found = _brought([difference])
        bases = self._git.merge_bases(target, head) if found else ()
        if not bases:
            return {}
        from_head = self._visit(head).difference.reversed()
        of_head = self._since(bases, head)
        files = FindingFiles([difference], self._plan)
        return {finding: files.found(finding) for finding in _only_together(found, from_head, of_head)}

    def _since(self, bases: Iterable[str], head: str) -> list[Difference]:
        """Return the differences from bases to a head."""
        visits = list(self._walker.walk(chain.from_iterable((base, head) for base in bases)))
        return [visit.difference for visit in visits[1::2]]

    def _visit(self, sha: str) -> Visit:
        (visit,) = self._walker.walk([sha])
        return visit

    def _causes(self, target: str, head: str, found: Collection[Finding]) -> dict[Finding, str]:
        """Return findings with the first commits of the target that, merged with the head, have them."""
        causes = dict.fromkeys(found, "")
        bases = self._git.merge_bases(target, head)
        line = self._workspace.line(bases, target, MOST_COMMITS) if bases else []
        start, left = 0, set(found)
        for _ in range(MOST_CAUSES):
            if not left or start >= len(line):
                break
            position, here = self._first(line, start, head, left)
            if not here:
                break
            causes |= dict.fromkeys(here, line[position])
            left -= here
            start = position + 1
        return causes

    def _first(
        self, line: list[str], start: int, head: str, wanted: set[Finding]
    ) -> tuple[int, set[Finding]]:
        """Return the position of the first commit at which one of the findings breaks together with a head,
        and those that do. They are none if a merge that had to be judged has conflicts.
        """
        known: dict[int, set[Finding]] = {len(line) - 1: wanted}
        low, high = start, len(line) - 1
        while low < high:
            middle = (low + high) // 2
            merge = self._workspace.merge(line[middle], head)
            if not merge.commit:
                return high, set()
            keys = {_key(finding) for finding in self._judge(line[middle], head, merge.commit)}
            known[middle] = {finding for finding in wanted if _key(finding) in keys}
            low, high = (low, middle) if known[middle] else (middle + 1, high)
        return high, known[high]


def _is_other(sha: str, revision: Revision) -> bool:
    return revision.sha != sha


def _identity(revision: Revision) -> tuple[str, datetime, str]:
    """Return what a rebase leaves as it is."""
    return revision.email, revision.authored_at, revision.subject


def _brought(differences: Sequence[Difference]) -> list[Finding]:
    """Return what counts as new: also violations whose suppression was removed, unless only its day ended."""
    comparison, ended = compare_with_all(differences)
    return [*comparison.new, *(move.after for move in comparison.restored if move not in ended)]


def _only_together(
    found: Iterable[Finding], from_head: Difference, of_head: Sequence[Difference]
) -> list[Finding]:
    """Return the new violations of a merged tree that the head doesn't bring itself.

    `from_head` leads from the head to the merged tree, `of_head` from the merge bases to the head.
    """
    comparison = compare(from_head)
    former = {move.after: move.before for move in (*comparison.kept, *comparison.moved)}
    ended = {move.after for move in ran_out(from_head, comparison)}
    own = set(_brought(of_head))
    return [
        finding
        for finding in found
        if finding not in ended
        and (former.get(finding) if finding.path in from_head.changed else finding) not in own
    ]


def _key(finding: Finding) -> tuple[str, ...]:
    """Return what identifies a finding at different commits of the target."""
    return (finding.rule, finding.role, finding.symbol, finding.scope, "".join(finding.snippet.split()))


def _problem(merge: Merge) -> str:
    if merge.conflicts:
        named = storable(", ".join(merge.conflicts[:_MOST_SHOWN]))
        more = " and others" if len(merge.conflicts) > _MOST_SHOWN else ""
        return f"cannot be merged without conflicts ({named}{more})"
    return f"cannot be merged: {storable(merge.problem)}"
