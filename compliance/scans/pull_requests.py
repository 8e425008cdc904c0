"""Judges the heads of pull requests, and of groups in merge queues, in the mirror of their target."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

from compliance.models import Commit, PlanVersion, Repository
from compliance.scans import mirror
from compliance.scans.heads import Head, commit_of, provide
from compliance.scans.judgements import Judgement
from compliance.scans.judging import Base, Judge, JudgingError, base_of
from compliance.scans.merged_trees import MergeJudge, merging
from scanner import Repository as GitRepository

_Key = TypeVar("_Key")


@contextmanager
def judging_heads(
    repository: Repository, version: PlanVersion, heads: Sequence[Head], *, with_target: bool
) -> Iterator["HeadJudge"]:
    """Fetch heads that this machine's mirror lacks and, if `with_target` is set, the tracked branch. Yield a
    judge for them.

    Raises `GitError` if the repository can't be read, and `TroubleError` if there is no such branch.
    """
    problems = provide(repository, heads, with_target=with_target)
    with mirror.read(repository, repository.head.sha if repository.head else "") as git:
        tip = mirror.find_tip(repository, git)
        with merging(version, git) as (judge, merged):
            yield HeadJudge(repository, git, tip, (judge, merged), problems)


class HeadJudge:
    """Judges heads, each at the cost of what differs from the one before. `tip` is that of the target, and
    `merged` judges heads as merged into it.
    """

    def __init__(
        self,
        repository: Repository,
        git: GitRepository,
        tip: str,
        judges: tuple[Judge, MergeJudge],
        problems: Mapping[str, JudgingError],
    ) -> None:
        self._repository, self._git, self._problems = repository, git, problems
        self._judge, self.merged = judges
        self.tip = tip

    def commit_of(self, head: Head) -> str:
        """Return the full SHA of a head. Raises `JudgingError` if it could not be fetched."""
        if problem := self._problems.get(head.sha):
            raise problem
        if sha := commit_of(self._git, head.sha):
            return sha
        raise JudgingError(f"The head {head.sha[:10]} is not in the mirror of the repository.")

    def base_of(self, sha: str) -> Base:
        """Return the base of the head of a pull request. Raises `JudgingError` if there is none."""
        return base_of(self._git, self._repository.branch, self.tip, sha)

    def base_of_group(self, sha: str, under: str) -> Base:
        """Return the base of a group's head, which a merge queue has put on the commit `under`. If that is
        empty, because the forge hasn't said it, the base is that of a pull request's head. Raises
        `JudgingError` if there is none.
        """
        if not under:
            return self.base_of(sha)
        base = self._git.merge_base(under, sha) if self._git.has(under) else None
        if base is None:
            words = f"The commit {under[:10]}, on which the merge queue has put the group, is missing."
            raise JudgingError(words)
        return Base(base, f"The commit on which the merge queue has put the group {sha[:10]}.")

    def judge(self, base: Base, sha: str) -> Judgement:
        """Compare a head with its base. Raises `JudgingError` if it can't be judged."""
        return self._judge.judge(base, sha)


def by_base(repository: Repository, bases: Mapping[_Key, Base]) -> list[_Key]:
    """Return the keys of heads in an order in which few files differ between the bases of neighbours: from
    the newest base to the oldest one.
    """
    shas = {base.sha for base in bases.values()}
    rows = Commit.objects.filter(repository=repository, sha__in=shas, position__isnull=False)
    positions = dict(rows.values_list("sha", "position"))
    return sorted(bases, key=lambda key: (-(positions.get(bases[key].sha) or 0), bases[key].sha))
