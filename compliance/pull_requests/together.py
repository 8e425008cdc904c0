"""Finds what breaks only together with newer commits of the target, and the pull request that causes it, and
reports it on that pull request, too.

The head of an open pull request is judged as merged into the newest commit of its target. A violation that
only the merged tree has counts for its verdict like a new one. The first commit of the target that causes it
usually comes from a pull request that was merged before: by a merge commit, which has its head, as a squashed
commit, whose subject has its number, or as a copy of its commits.

Two open pull requests are not judged together: one of them is merged first, and then the other one's verdict
says so at once. Blocking both would keep either from being merged.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet

from compliance.lib.field_types import one_line
from compliance.models import (
    MOST_FINDINGS,
    OF_NEWEST_HEAD,
    CheckFinding,
    PullRequest,
    PullRequestCheck,
    Repository,
)
from compliance.scans.judgements import Found
from compliance.scans.merged_trees import MergeJudge, Source

Kind = CheckFinding.Kind

_CANDIDATES = 20
"""Number of pull requests, the most recently changed ones, whose changes are compared with a commit."""

_SHOWN = 255
_NUMBER = re.compile(
    r"^Merge pull request #(\d{1,9}) |^Merged PR (\d{1,9}): |\(pull request #(\d{1,9})\)$|\([#!](\d{1,9})\)$"
)


@dataclass(frozen=True, slots=True)
class Cause:
    """The commit of the target that breaks something together with a head, or an empty string if it is not
    known, and the pull request that it comes from if that is known.
    """

    sha: str = ""
    pull: PullRequest | None = None


@dataclass(frozen=True, slots=True)
class Together:
    """What breaks only together with newer commits of the target. `note` is a sentence about why that could
    not be determined, or empty.
    """

    causes: dict[Found, Cause] = field(default_factory=dict)
    note: str = ""

    @property
    def found(self) -> tuple[Found, ...]:
        """Return the violations."""
        return tuple(self.causes)


NOTHING = Together()


class TogetherJudge:
    """Judges the heads of a repository's pull requests as merged into one commit of their target."""

    def __init__(self, judge: MergeJudge, repository: Repository, target: str) -> None:
        self._judge, self._repository, self._target = judge, repository, target
        self._pulls: dict[str, PullRequest | None] = {}

    def judge(self, pull: PullRequest, head: str) -> Together:
        """Judge the head of an open pull request. Raises `GitError` if a revision can't be read."""
        merged = self._judge.judge(self._target, head)
        if merged.problem:
            return Together(note=self._note(merged.problem))
        return Together({one.found: self._cause(one.cause, pull) for one in merged.together})

    def _note(self, problem: str) -> str:
        branch = one_line(self._repository.branch, _SHOWN)
        return (
            f"The head {problem}, so it was not judged together with newer commits of {branch} "
            f"({self._target[:10]})."
        )

    def _cause(self, sha: str, pull: PullRequest) -> Cause:
        if not sha:
            return Cause()
        if sha not in self._pulls:
            self._pulls[sha] = self._pull_of(sha)
        found = self._pulls[sha]
        return Cause(sha, found if found != pull else None)

    def _pull_of(self, sha: str) -> PullRequest | None:
        """Return the pull request that a commit of the target comes from, if that is certain."""
        known = PullRequest.objects.filter(repository=self._repository).exclude(state="closed")
        source = self._judge.source_of(sha)
        return _by_head(known, source) or _by_number(known, source) or self._by_change(known, sha)

    def _by_change(self, known: QuerySet[PullRequest], sha: str) -> PullRequest | None:
        recent = {pull.head_sha: pull for pull in known.order_by("-updated_at")[:_CANDIDATES]}
        return recent.get(self._judge.find_equal(sha, recent))


def _by_head(known: QuerySet[PullRequest], source: Source) -> PullRequest | None:
    found = known.filter(head_sha__in=source.commits)
    # If a merged branch contains another one that was merged into it, the outermost head is the newest.
    order = {sha: number for number, sha in enumerate(source.commits)}
    return min(found, key=lambda pull: order[pull.head_sha], default=None)


def _by_number(known: QuerySet[PullRequest], source: Source) -> PullRequest | None:
    named = _NUMBER.search(source.subject)
    number = next(filter(None, named.groups())) if named else None
    return known.filter(number=number, state="merged").first() if number else None


def is_known(check: PullRequestCheck, together: Together) -> bool:
    """Return true if a check has stored the same result."""
    rows = check.findings.filter(kind=Kind.TOGETHER, in_other=False)
    stored = set(rows.values_list("path", "line", "column", "rule", "fingerprint", "cause_sha", "other"))
    found = {
        (one.path, one.line, one.column, one.rule, one.fingerprint, cause.sha, cause.pull and cause.pull.pk)
        for one, cause in together.causes.items()
    }
    same = stored == found if len(found) <= MOST_FINDINGS else stored <= found
    return same and (check.together, check.merge_note) == (len(found), together.note)


def report_on_causes(pull: PullRequest, rows: Iterable[CheckFinding] = ()) -> list[PullRequestCheck]:
    """Store on the newest checks of the pull requests that cause what breaks only together with `pull`, what
    that is, and delete there what no longer does. Return the checks that have changed.

    `rows` are the findings of the check of `pull`. If it is closed or merged, there are none.
    """
    wanted: dict[int, list[CheckFinding]] = {}
    for row in rows:
        if row.kind == Kind.TOGETHER and row.other_id:
            wanted.setdefault(row.other_id, []).append(row)
    told = CheckFinding.objects.filter(kind=Kind.TOGETHER, in_other=True, other=pull)
    causes = {*wanted, *told.values_list("pull_request_check__pull_request", flat=True)}
    changed = []
    for cause in PullRequest.objects.filter(pk__in=causes):
        check = newest_check(cause)
        if check is not None and _report_on(check, pull, wanted.get(cause.pk, [])):
            changed.append(check)
    return changed


def reported_but_ended(repository: Repository) -> QuerySet[PullRequest]:
    """Return the pull requests about which others report something, although they were closed or merged."""
    rows = CheckFinding.objects.filter(in_other=True, other__repository=repository)
    rows = rows.exclude(other__state="open")
    return PullRequest.objects.filter(pk__in=rows.values("other"))


def newest_check(pull: PullRequest) -> PullRequestCheck | None:
    """Return the check of a pull request's current head, or of the last one that was judged."""
    checks = PullRequestCheck.objects.filter(pull_request=pull)
    return checks.filter(OF_NEWEST_HEAD).first() or checks.first()


def _report_on(check: PullRequestCheck, pull: PullRequest, rows: list[CheckFinding]) -> bool:
    """Replace what a check says about another pull request. Return false if it is the same."""
    all_told = CheckFinding.objects.filter(kind=Kind.TOGETHER, in_other=True)
    told = all_told.filter(pull_request_check__pull_request=check.pull_request, other=pull)
    columns = ("pull_request_check_id", "path", "line", "rule", "fingerprint", "message", "cause_sha")
    room = MOST_FINDINGS - all_told.filter(pull_request_check=check).exclude(other=pull).count()
    copies = [_copied(row, check, pull) for row in rows[: max(room, 0)]]
    if set(told.values_list(*columns)) == {tuple(getattr(row, name) for name in columns) for row in copies}:
        return False
    told.delete()
    CheckFinding.objects.bulk_create(copies)
    return True


def _copied(row: CheckFinding, check: PullRequestCheck, pull: PullRequest) -> CheckFinding:
    """Return a finding as it is reported on the pull request that causes it, where it blocks nothing."""
    same = ("path", "line", "column", "rule", "role", "symbol", "scope", "snippet", "message", "risk")
    more = ("category", "phases", "issues", "fingerprint", "cause_sha")
    values = {name: getattr(row, name) for name in (*same, *more)}
    return CheckFinding(pull_request_check=check, kind=Kind.TOGETHER, other=pull, in_other=True, **values)


def together_sentence(row: CheckFinding, branch: str) -> str:
    """Say together with what a finding breaks."""
    commit, branch = row.cause_sha[:10], one_line(branch, _SHOWN)
    if row.in_other and row.other:
        return (
            f"Breaks in pull request #{row.other.number}, only together with this one, which is in {branch} "
            f"as {commit}."
        )
    if row.other:
        return (
            f"Breaks only together with pull request #{row.other.number}, which is in {branch} as {commit}."
        )
    if commit:
        return f"Breaks only together with {commit}, a newer commit of {branch}."
    return f"Breaks only together with newer commits of {branch}."
