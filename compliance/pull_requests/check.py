"""The jobs that judge the heads of pull requests and of groups in merge queues.

A head is judged against its merge base with the tracked branch, under the plan version that is active there.
Judging it again updates its check, so a job that another worker takes over, or that runs twice, changes
nothing else.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.dateparse import parse_datetime

from compliance.integrations.pull_requests import LISTED, has_verdict
from compliance.jobs import JobRun, LostJobError, ReportedError, StoppedError
from compliance.lib.field_types import SHORTEST_SHA, one_line
from compliance.models import (
    OF_NEWEST_HEAD,
    Job,
    PlanVersion,
    PullRequest,
    PullRequestCheck,
    Repository,
)
from compliance.pull_requests import report
from compliance.pull_requests.requests import TARGET
from compliance.pull_requests.storing import Basis, State, store, store_error
from compliance.pull_requests.together import TogetherJudge, is_known, report_on_causes, reported_but_closed
from compliance.scans import GitError, TroubleError, engine_upgrade, heads
from compliance.scans.heads import Head
from compliance.scans.judging import Base, JudgingError
from compliance.scans.paths import files_at
from compliance.scans.pull_requests import HeadJudge, by_base, judging_heads

_LONGEST_REASON = 2000


def pull(run: JobRun) -> bool:
    """Judge the head of the pull request whose number is the job's key, and record the files that it
    changes. Return False if a worker of a newer release must do this.
    """
    _withdraw(run)
    found = _open(run.repository).filter(number=run.job.key)
    return _judge_pulls(run, list(found), with_target=True)


def recheck(run: JobRun) -> bool:
    """Judge the heads of all open pull requests, or depending on the job's key only those whose base has
    changed (TARGET) or that have no verdict (LISTED). Return False if something more urgent is waiting, or if
    a worker of a newer release must do this.
    """
    _withdraw(run)
    is_listed = run.job.key == LISTED
    is_done = has_verdict() if is_listed else Q(judged_at__gte=_since(run))
    found = list(_open(run.repository).order_by("number"))
    done = PullRequestCheck.objects.filter(is_done, OF_NEWEST_HEAD, pull_request__in=found)
    judged = set(done.values_list("pull_request", flat=True))
    heads.forget_closed(run.repository)
    return _judge_pulls(run, [row for row in found if row.pk not in judged], with_target=is_listed)


def group(run: JobRun) -> bool:
    """Judge the head of a group in a merge queue, which is the job's key, unless the group is gone. Return
    False if a worker of a newer release must do this.
    """
    repository, under = run.repository, str(run.job.detail.get("base", ""))
    checks = PullRequestCheck.objects.filter(repository=repository, pull_request=None, head_sha=run.job.key)
    version = _version(run)
    if isinstance(version, bool):
        return version
    for check in checks:
        head = Head(check.head_sha, check.merge_group, check.merge_group)
        with _reporting(run, [check]), judging_heads(repository, version, [head], with_target=False) as judge:
            try:
                base = judge.base_of_group(judge.commit_of(head), under)
                judgement = judge.judge(base, check.head_sha)
            except JudgingError as problem:
                store_error(run, check, str(problem))
            else:
                store(run, check, judgement, Basis(base, under, version.pk))
    return True


def _withdraw(run: JobRun) -> None:
    """Delete what is reported elsewhere about pull requests that were closed without being merged."""
    for row in reported_but_closed(run.repository):
        with transaction.atomic():
            for check in report_on_causes(row):
                report.publish(check)
            run.lock()


def _open(repository: Repository) -> QuerySet[PullRequest]:
    return PullRequest.objects.filter(repository=repository, state="open")


def _since(run: JobRun) -> datetime:
    """Return the time since which a head must have been judged, which is that of the job's first run. A new
    request while the job waits for its next run sets it anew, because it replaces the job's detail.
    """
    mine = Job.objects.filter(pk=run.job.pk, attempts=run.job.attempts)
    if since := parse_datetime(str(run.job.detail.get("since", ""))):
        return since
    now: datetime = mine.values_list(Now(), flat=True)[0]
    mine.update(detail={**run.job.detail, "since": now.isoformat()})
    return now


def _version(run: JobRun) -> PlanVersion | bool:
    """Return the version under which heads are judged. Without one, return what the job returns: True while
    no plan is active, whose activation requests the judgement, or False if a worker of a newer release must
    do this.
    """
    version = run.repository.plan
    if version is None:
        return True
    if engine_upgrade.is_newer(version):
        engine_upgrade.reserve(run.repository, version)
        return False
    return version


def _judge_pulls(run: JobRun, pulls: Sequence[PullRequest], *, with_target: bool) -> bool:
    """Judge the heads of pull requests. Return False if something more urgent is waiting."""
    version = _version(run)
    if isinstance(version, bool) or not pulls:
        return version if isinstance(version, bool) else True
    checks = [_expected(run, row) for row in pulls]
    expected = [check for check in checks if check is not None]
    found = [Head.of(row) for row in pulls]
    with (
        _reporting(run, expected),
        judging_heads(run.repository, version, found, with_target=with_target) as judge,
    ):
        together = TogetherJudge(judge.merged, run.repository, judge.tip)
        return _Checker(run, version, judge, together).check_all(pulls)
    return True


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
def _reporting(run: JobRun, checks: Sequence[PullRequestCheck]) -> Iterator[None]:
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
            _store_errors(run, checks, f"{error}")
        if isinstance(error, GitError | OSError):
            raise ReportedError from error
        raise


def _store_errors(run: JobRun, checks: Sequence[PullRequestCheck], reason: str) -> None:
    rows = PullRequestCheck.objects.filter(pk__in=[check.pk for check in checks])
    for check in rows.filter(Q(judged_at=None) | Q(judged_at__lt=run.job.started_at or Now())):
        store_error(run, check, one_line(reason, _LONGEST_REASON))


@dataclass(frozen=True)
class _Checker:
    """Judges heads in one walk."""

    run: JobRun
    version: PlanVersion
    judge: HeadJudge
    together: TogetherJudge

    def check_all(self, pulls: Sequence[PullRequest]) -> bool:
        """Judge and store heads. Return False if something more urgent is waiting."""
        waiting = {}
        for row in pulls:
            if (found := self._prepared(row)) is not None:
                waiting[row.head_sha, row.pk] = found
        order = by_base(self.run.repository, {key: base for key, (_, _, base) in waiting.items()})
        for number, key in enumerate(order, 1):
            self._check(*waiting[key])
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
                store_error(self.run, check, str(problem))
            return None
        if sha != row.head_sha:
            PullRequest.objects.filter(pk=row.pk, head_sha=row.head_sha).update(head_sha=sha)
            row.head_sha = sha
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
        return is_judged and check.base_sha == base.sha and check.plan_id == self.version.pk

    def _check(self, row: PullRequest, check: PullRequestCheck, base: Base) -> None:
        together = self.together.judge(row, check.head_sha)
        if self._is_current(check, base) and is_known(check, together):
            PullRequestCheck.objects.filter(pk=check.pk).update(target_sha=self.judge.tip)
            return
        try:
            judgement = self.judge.judge(base, check.head_sha)
        except JudgingError as problem:
            store_error(self.run, check, str(problem))
            return
        row.files.set(files_at(self.run.repository, judgement.paths))
        store(self.run, check, judgement, Basis(base, self.judge.tip, self.version.pk), together)
