"""The two long jobs: `update` records the branch up to its tip, and `backfill` records older history."""

from compliance import jobs
from compliance.jobs import JobRun, Priority
from compliance.scans import (
    backward,
    engine_upgrade,
    forward,
    history,
    history_depth,
    owners,
    plan_activation,
    problems,
    reading_ranges,
    rollback,
    upkeep,
)
from compliance.scans.mirror import GoneError
from compliance.scans.problems import TroubleError
from compliance.scans.scan import scan_of_history, scan_of_tip
from scanner import GitError, PlanError


def update(run: JobRun) -> bool:
    """Fetch the tracked branch and record its new commits. Return False if a more urgent job is waiting, or
    if a worker of a newer release must do this.

    The first scan under a plan version records the tip and activates the version; `backfill` follows later.
    """
    try:
        with scan_of_tip(run) as scan:
            if engine_upgrade.is_newer(scan.version):
                engine_upgrade.reserve(run.repository, scan.version)
                return False
            rollback.join(scan)
            history_depth.resolve(scan)
            engine_upgrade.renew(scan)
            newest = history.newest(scan.version)
            if newest is None:
                backward.record_tip(scan)
            elif not forward.record_new(scan, newest):
                return False
            plan_activation.activate(scan)
            owners.record(scan)
            if not history.finish(scan):
                jobs.enqueue("backfill", run.repository, priority=Priority.LOW, cause=run.job.cause)
        problems.record(run.repository, None)
        upkeep.request(run.repository)
    except (TroubleError, PlanError) as trouble:
        problems.record(run.repository, trouble)
    except (GitError, OSError) as error:
        problems.record(run.repository, error)
        raise jobs.ReportedError from error
    return True


def backfill(run: JobRun) -> bool:
    """Record history from the oldest recorded commit down to the floor. Return False if more is left, or if a
    worker of a newer release must do this.
    """
    repository = run.repository
    version, head = repository.plan, repository.head
    if version is None or head is None or repository.history_done:
        return True
    if engine_upgrade.is_newer(version):
        engine_upgrade.reserve(repository, version)
        return False
    if engine_upgrade.is_dated(version):
        engine_upgrade.reserve(repository)
        jobs.enqueue("update", repository, priority=Priority.NORMAL, cause=run.job.cause)
        return True
    reading_ranges.forget(repository, version)
    try:
        with scan_of_history(run, head.sha, version) as scan:
            history_depth.resolve(scan)
            backward.record_history(scan)
            is_done = history.finish(scan)
    except GoneError:
        return True  # an update is enqueued, which enqueues this job again
    except (GitError, OSError) as error:
        problems.record(repository, error, run.job.kind)
        raise jobs.ReportedError from error
    if is_done:
        reading_ranges.forget(repository)
    return is_done
