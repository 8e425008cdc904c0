"""The jobs that judge the heads of pull requests and of groups in merge queues.

A head is judged against its merge base with the tracked branch, under the plan version that is active there.
Judging it again updates its check, so a job that another worker takes over, or that runs twice, changes
nothing else.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.dateparse import parse_datetime

from compliance.integrations import merge_groups
from compliance.integrations.pull_requests import LISTED, has_verdict
from compliance.jobs import JobRun
from compliance.models import (
    OF_NEWEST_HEAD,
    Job,
    PlanVersion,
    PullRequest,
    PullRequestCheck,
    Repository,
)
from compliance.pull_requests import report
from compliance.pull_requests.checking import judge_pulls, reporting
from compliance.pull_requests.requests import TARGET
from compliance.pull_requests.storing import Basis, store, store_error
from compliance.pull_requests.together import report_on_causes, reported_but_ended
from compliance.scans import engine_upgrade, heads
from compliance.scans.heads import Head
from compliance.scans.judging import JudgingError
from compliance.scans.pull_requests import judging_heads

_QUEUED = timedelta(hours=6)
"""The longest time for which GitHub's merge queue waits for the checks of a group."""


def pull(run: JobRun) -> bool:
    """Judge the head of the pull request whose number is the job's key, and record the files that it
    changes. Return False if a worker of a newer release must do this.
    """
    _withdraw(run)
    found = _open(run.repository).filter(number=run.job.key)
    return _judge(run, list(found), with_target=True)


def recheck(run: JobRun) -> bool:
    """Judge the heads of all open pull requests, or depending on the job's key only those whose base has
    changed (TARGET) or that have no verdict (LISTED). Return False if something more urgent is waiting, or if
    a worker of a newer release must do this. Jobs of their own judge the groups in merge queues again.
    """
    _withdraw(run)
    is_listed = run.job.key == LISTED
    if run.job.key not in {LISTED, TARGET} and "since" not in run.job.detail:
        _recheck_groups(run)
    is_done = has_verdict() if is_listed else Q(judged_at__gte=_since(run))
    found = list(_open(run.repository).order_by("number"))
    done = PullRequestCheck.objects.filter(is_done, OF_NEWEST_HEAD, pull_request__in=found)
    judged = set(done.values_list("pull_request", flat=True))
    heads.forget_closed(run.repository)
    return _judge(run, [row for row in found if row.pk not in judged], with_target=is_listed)


def group(run: JobRun) -> bool:
    """Judge the head of a group in a merge queue, which is the job's key, unless the group is gone. Return
    False if a worker of a newer release must do this.
    """
    repository, told = run.repository, str(run.job.detail.get("base", ""))  # by an earlier release
    checks = PullRequestCheck.objects.filter(repository=repository, pull_request=None, head_sha=run.job.key)
    version = _version(run)
    if isinstance(version, bool):
        return version
    for check in checks:
        head = Head(check.head_sha, check.merge_group, check.merge_group)
        with reporting(run, [check]), judging_heads(repository, version, [head], with_target=False) as judge:
            try:
                under = check.target_sha or told
                base = judge.base_of_group(judge.commit_of(head), under)
                judgement = judge.judge(base, check.head_sha)
            except JudgingError as problem:
                store_error(run, check, str(problem))
            else:
                store(run, check, judgement, Basis(base, under, version.pk))
    return True


def _recheck_groups(run: JobRun) -> None:
    """Request another judgement of the groups that may still be in a merge queue."""
    rows = PullRequestCheck.objects.filter(repository=run.repository, pull_request=None)
    for check in rows.filter(requested_at__gt=Now() - _QUEUED).exclude(judged_at=None):
        merge_groups.request(check, run.job.cause)


def _withdraw(run: JobRun) -> None:
    """Delete what is reported elsewhere about pull requests that are no longer open."""
    for row in reported_but_ended(run.repository):
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


def _judge(run: JobRun, pulls: Sequence[PullRequest], *, with_target: bool) -> bool:
    """Judge the heads of pull requests. Return False if something more urgent is waiting."""
    version = _version(run)
    if isinstance(version, bool) or not pulls:
        return version if isinstance(version, bool) else True
    return judge_pulls(run, version, pulls, with_target=with_target)
