"""Judges the heads of pull requests one after another, and stores what is found.

If an unexpected error stops the judgement of one head, the others are judged all the same, with a new walker,
because the former one may have stopped in the middle of a revision.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.db.models.functions import Now

from compliance.jobs import JobRun, LostJobError, ReportedError, StoppedError, TemporaryError
from compliance.lib.field_types import SHORTEST_SHA, one_line
from compliance.models import OF_NEWEST_HEAD, PlanVersion, PullRequest, PullRequestCheck
from compliance.pull_requests import report
from compliance.pull_requests.requests import TARGET
from compliance.pull_requests.storing import Basis, State, store, store_error
from compliance.pull_requests.together import TogetherJudge, is_known
from compliance.scans import GitError, TroubleError
from compliance.scans.heads import Head
from compliance.scans.judging import Base, JudgingError
from compliance.scans.paths import files_at
from compliance.scans.pull_requests import HeadJudge, by_base, judging_heads

log = logging.getLogger(__name__)

MOST_FAILURES = 5
"""Number of heads that may stop the judgement in one run. After more, the cause is probably not in a head."""

_LONGEST_REASON = 2000
_OF_ALL = (LostJobError, StoppedError, TroubleError, TemporaryError, OperationalError, InterfaceError)
"""The errors that aren't those of a single head."""


def judge_pulls(
    run: JobRun, version: PlanVersion, pulls: Sequence[PullRequest], *, with_target: bool
) -> bool:
    """Judge the heads of pull requests. Return False if something more urgent is waiting.

    If errors have stopped the judgement of heads, the first one is raised after all others were judged.
    """
    checks = _expected_of(run, pulls)
    judging = _Judging(run, version, list(pulls), checks)
    is_finished = True  # also if a person must do something, which is then the reason of an error
    with reporting(run, list(checks.values())):
        is_finished = judging.judge_all(with_target=with_target)
        if is_finished and judging.failures:
            _end(run, judging.failures)
    return is_finished


def _end(run: JobRun, failures: Mapping[int, Exception]) -> None:
    """Store why heads could not be judged if this was the job's last attempt, and raise the first error."""
    if run.job.attempts >= run.job.max_attempts:
        checks = PullRequestCheck.objects.filter(OF_NEWEST_HEAD, pull_request__in=failures)
        for check in checks:
            store_error(run, check, _reason_of(failures[check.pull_request_id or 0]))
    raise next(iter(failures.values()))


def _expected_of(run: JobRun, pulls: Sequence[PullRequest]) -> dict[int, PullRequestCheck]:
    """Return the checks of heads by the ids of their pull requests, as `_expected` does."""
    rows = PullRequestCheck.objects.filter(OF_NEWEST_HEAD, pull_request__in=pulls)
    known = {row.pull_request_id: row for row in rows}
    found = {}
    for pull in pulls:
        check = known.get(pull.pk)
        if check is None or check.head_sha != pull.head_sha:
            check = _expected(run, pull)
        if check is not None:
            found[pull.pk] = check
    return found


def _expected(run: JobRun, row: PullRequest, *, is_short: bool = False) -> PullRequestCheck | None:
    """Return the check of a head, which is pending if it is new, or None as long as only the first digits of
    the head's SHA are known. With `is_short`, these are all that will be known.
    """
    if len(row.head_sha) < SHORTEST_SHA and not is_short:
        return None
    values = {"repository": run.repository, "cause": run.job.cause}
    check, is_new = PullRequestCheck.objects.get_or_create(
        pull_request=row, head_sha=row.head_sha, defaults=values
    )
    if is_new:
        report.publish_pending(check)
    return check


@contextmanager
def reporting(run: JobRun, checks: Sequence[PullRequestCheck]) -> Iterator[None]:
    """Store an error for the checks that this run has not judged if the repository can't be read: at once if
    a person must do something, otherwise when the job's last attempt has failed.
    """
    try:
        yield
    except (LostJobError, StoppedError):
        raise
    except TroubleError as trouble:
        _store_errors(run, checks, str(trouble))
    except Exception as error:
        if run.job.attempts >= run.job.max_attempts:
            _store_errors(run, checks, _reason_of(error))
        if isinstance(error, GitError | OSError):
            raise ReportedError from error
        raise


def _store_errors(run: JobRun, checks: Sequence[PullRequestCheck], reason: str) -> None:
    rows = PullRequestCheck.objects.filter(pk__in=[check.pk for check in checks])
    for check in rows.filter(Q(judged_at=None) | Q(judged_at__lt=run.job.started_at or Now())):
        store_error(run, check, one_line(reason, _LONGEST_REASON))


def _reason_of(error: Exception) -> str:
    """Return what people read about an error that stopped the judgement of a head."""
    if isinstance(error, GitError | OSError):
        return one_line(str(error), _LONGEST_REASON)
    words = f"An unexpected error stopped the judgement ({type(error).__name__}: {error})."
    return one_line(f"{words} The worker's log has details.", _LONGEST_REASON)


@dataclass
class _Judging:
    """Judges heads in as few walks as possible. `left` are those to be judged, and `failures` has the errors
    by the ids of the pull requests.
    """

    run: JobRun
    version: PlanVersion
    left: list[PullRequest]
    checks: dict[int, PullRequestCheck]
    failures: dict[int, Exception] = field(default_factory=dict)

    def judge_all(self, *, with_target: bool) -> bool:
        """Judge all heads. Return False if something more urgent is waiting."""
        while self.left:
            walk = None
            try:
                with self._judging(with_target=with_target) as judge:
                    walk = self._walk(judge)
                    return walk.check_all(self.left)
            except _OF_ALL:
                raise
            except Exception as error:
                if walk is None or not self._leave_out(walk, error):
                    raise
            with_target = False
        return True

    def _judging(self, *, with_target: bool) -> AbstractContextManager[HeadJudge]:
        found = [Head.of(row) for row in self.left]
        return judging_heads(self.run.repository, self.version, found, with_target=with_target)

    def _walk(self, judge: HeadJudge) -> "_Checker":
        together = TogetherJudge(judge.merged, self.run.repository, judge.tip)
        return _Checker(self.run, self.version, judge, together, self.checks)

    def _leave_out(self, walk: "_Checker", error: Exception) -> bool:
        """Leave out a head that an error has stopped, and those that were judged before. Return False if it
        isn't that of a head, or too many heads were stopped.
        """
        row = walk.current
        if row is None or len(self.failures) >= MOST_FAILURES:
            return False
        log.exception("The head %s of pull request #%s can't be judged", row.head_sha[:10], row.number)
        self.failures[row.pk] = error
        self.left = [other for other in self.left if other.pk not in {row.pk, *walk.done}]
        return True


@dataclass
class _Checker:
    """Judges heads in one walk. `current` is the one that is being judged, and `done` has the ids of those
    that were.
    """

    run: JobRun
    version: PlanVersion
    judge: HeadJudge
    together: TogetherJudge
    checks: dict[int, PullRequestCheck]
    current: PullRequest | None = None
    done: set[int] = field(default_factory=set)

    def check_all(self, pulls: Sequence[PullRequest]) -> bool:
        """Judge and store heads. Return False if something more urgent is waiting."""
        waiting = {}
        for row in pulls:
            self.current = row
            if (found := self._prepared(row)) is not None:
                waiting[row.head_sha, row.pk] = found
            else:
                self.done.add(row.pk)
        self.current = None
        order = by_base(self.run.repository, {key: base for key, (_, _, base) in waiting.items()})
        for number, key in enumerate(order, 1):
            self.current = waiting[key][0]
            self._check(*waiting[key])
            self.done.add(self.current.pk)
            self.current = None
            self.run.progress(number, len(order))
            if number < len(order) and self.run.should_yield():
                return False
        return True

    def _prepared(self, row: PullRequest) -> tuple[PullRequest, PullRequestCheck, Base] | None:
        """Return a head that is to be judged. If it can't be, store why, and return None."""
        try:
            sha = self.judge.commit_of(Head.of(row))
        except JudgingError as problem:
            if check := _expected(self.run, row, is_short=True):
                row.files.clear()
                store_error(self.run, check, f"{problem}{_no_status(row)}")
            return None
        if sha != row.head_sha:
            PullRequest.objects.filter(pk=row.pk, head_sha=row.head_sha).update(head_sha=sha)
            row.head_sha = sha
        check = self.checks.get(row.pk)
        if check is None or check.head_sha != sha:
            check = _expected(self.run, row)
        if check is None:
            return None
        try:
            base = self.judge.base_of(sha)
        except JudgingError as problem:
            store_error(self.run, check, str(problem))
            return None
        if self._is_current(check, base) and check.target_sha == self.judge.tip:
            return None
        return row, check, base

    def _is_current(self, check: PullRequestCheck, base: Base) -> bool:
        """Return true if nothing that decides about a check has changed but the tip of its target, which is
        all that the job is about.
        """
        is_judged = self.run.job.key == TARGET and check.state in {State.PASSED, State.FAILED}
        is_same = base.agrees(check.base_sha, check.base_reason) and check.plan_id == self.version.pk
        return is_judged and is_same

    def _check(self, row: PullRequest, check: PullRequestCheck, base: Base) -> None:
        together = self.together.judge(row, check.head_sha)
        if self._is_current(check, base) and is_known(check, together):
            values = {"target_sha": self.judge.tip, "base_reason": base.reason}
            PullRequestCheck.objects.filter(pk=check.pk).update(**values)
            return
        try:
            judgement = self.judge.judge(base, check.head_sha)
        except JudgingError as problem:
            store_error(self.run, check, str(problem))
            return
        row.files.set(files_at(self.run.repository, judgement.paths))
        store(self.run, check, judgement, Basis(base, self.judge.tip, self.version.pk), together)


def _no_status(row: PullRequest) -> str:
    """Say why there is no status at the forge if only the first digits of a head's SHA are known."""
    if len(row.head_sha) >= SHORTEST_SHA:
        return ""
    return (
        f" Bitbucket reports only the first {len(row.head_sha)} digits of the commit's SHA, so it shows no "
        "status for it. If the status is required there, grant the credentials of this repository access to "
        "the fork, or push the branch to the repository itself."
    )
