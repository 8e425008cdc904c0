"""The Celery tasks, each of which calls one function. The rows of `Job` are authoritative."""

import logging
from collections.abc import Callable, Mapping
from functools import partial, wraps
from typing import Any

from celery import shared_task
from celery.app.task import Task
from celery.signals import beat_init, task_postrun, task_prerun, worker_init, worker_shutting_down

from compliance import events, jobs, notifications, scans
from compliance.accounts.installation_key import require_key_at_start
from compliance.celery import app
from compliance.integrations import connection_jobs, connection_removal, delivery, publishing, pull_lists
from compliance.integrations.issue_notes import requests as issue_requests
from compliance.integrations.issue_notes.following import follow
from compliance.integrations.issue_notes.phase_issues import IssueSender
from compliance.integrations.issue_notes.sender import NoteSender
from compliance.jobs import maintenance_mode, retention
from compliance.jobs.limits import check_memory, time_limit
from compliance.jobs.liveness import LoopStep, liveness, process_name, write_heartbeat
from compliance.lib.database_limits import Process, run_as
from compliance.lib.queues import Queue
from compliance.notifications import late_forecasts, troubles
from compliance.progress.forecast.recording import record_forecasts
from compliance.pull_requests import blocked, check, patches, report
from compliance.scans import access_change, lifecycle, repository_setup
from compliance.scans.owners import owners_of
from compliance.work import claims, waivers

log = logging.getLogger(__name__)

SENDERS: Mapping[str, Callable[[], delivery.Sender]] = {
    "digest": partial(notifications.DigestSender, owners_of),
    "letter": notifications.LetterSender,
    "account": notifications.AccountLetterSender,
    "message": notifications.ChannelSender,
    "notice": notifications.NoticeSender,
    publishing.STATUS: partial(publishing.Publisher, report.write_status),
    publishing.COMMENT: partial(publishing.Publisher, report.write_pull_comment),
    publishing.NOTE: NoteSender,
    publishing.ISSUE: IssueSender,
}
"""Creates the sender of each kind of item in the outbox."""

KINDS: Mapping[str, jobs.Work] = {
    "update": scans.update,
    "backfill": scans.backfill,
    "preview": scans.preview,
    "propose": scans.propose,
    "trial": scans.trial,
    "digest": notifications.digest,
    events.JOB: partial(notifications.notify, owners_of=owners_of),
    "deliver": partial(delivery.deliver, senders=SENDERS),
    # Earlier releases queued it. What it would have sent is in the outbox.
    "letters": lambda _: True,
    "patch": scans.patch,
    "source": scans.source,
    "pull": check.pull,
    "recheck": check.recheck,
    "group": check.group,
    patches.KIND: patches.pull_patch,
    "read": scans.read,
    "upkeep": scans.upkeep,
    repository_setup.KIND: repository_setup.check,
    access_change.KIND: access_change.check,
    lifecycle.PURGE: lifecycle.purge,
    "baseline": scans.measure_again,
    issue_requests.KIND: follow,
    connection_jobs.CHECK: connection_jobs.check,
    connection_jobs.INSTALL: connection_jobs.install,
    connection_jobs.REMOVE: connection_jobs.remove,
    connection_jobs.DISCONNECT: connection_removal.disconnect,
}


IDLE_SECONDS = 10.0
"""Seconds after which an idle worker looks for jobs for which no message has arrived."""


_PERIODIC = {Queue.POLLS, Queue.MAINTENANCE}
"""The queues whose messages must not wait until all jobs are done."""


def _queues() -> list[str]:
    """Return the names of the queues that this worker reads (`celery worker -Q`)."""
    return list(app.amqp.queues.consume_from)


app.start_checks.append(require_key_at_start)


@worker_init.connect
def _limit_worker(**_: object) -> None:
    scans.declare_release()
    run_as(Process.WORKER)  # child processes, if it has any, are forked later


@beat_init.connect
def _limit_beat(**_: object) -> None:
    run_as(Process.BEAT)
    if problem := require_key_at_start():
        log.critical("%s", problem)
        raise SystemExit(1)


@worker_shutting_down.connect
def _stop(**_: object) -> None:
    jobs.stopping.value = True
    time_limit.stop()


@task_prerun.connect
def _begin(task: Task[Any, Any], **_: object) -> None:
    liveness.begin()
    time_limit.begin(task.app.conf.task_soft_time_limit, task.app.conf.task_time_limit)


@task_postrun.connect
def _end(task: Task[Any, Any], **_: object) -> None:
    time_limit.end()
    liveness.end()
    check_memory(task.app.conf.worker_max_memory_per_child)


def _look() -> None:
    """Run the due jobs if this worker has been idle, because a broker may lose messages."""
    if liveness.idle_for() > IDLE_SECONDS and jobs.is_any_claimable(_queues()):
        work.apply()


LoopStep.look = staticmethod(_look)
app.steps["consumer"].add(LoopStep)


@shared_task
def work() -> None:
    """Run the jobs that are due in this worker's queues."""
    name = process_name("worker")
    write_heartbeat(name, "busy")
    queues = _queues()
    is_mixed = app.shares_messages and not _PERIODIC.isdisjoint(queues)
    jobs.work(KINDS, name, queues, jobs.SLICE if is_mixed else jobs.RUN_LIMIT)


def periodic(run: Callable[[], None]) -> Any:
    """Make a function a task that does nothing in maintenance mode, in which a message may still arrive."""

    @shared_task
    @wraps(run)
    def task() -> None:
        if not maintenance_mode.is_on():
            run()

    return task


@periodic
def sweep() -> None:
    """Run the maintenance of the queue, of the events to route and of the outbox."""
    write_heartbeat("sweep")
    jobs.sweep()
    events.resume()
    delivery.resume()


@periodic
def poll() -> None:
    """Poll the repositories for new commits, until something urgent waits for this worker."""
    write_heartbeat("poll")
    lifecycle.remove_mirrors_sometimes()
    urgent = {Queue.URGENT}.intersection(_queues())
    scans.poll(lambda: bool(urgent and jobs.claimable_queues(urgent)))


@periodic
def list_pull_requests() -> None:
    """Ask forges for the open pull requests, so that heads are known that no webhook has reported."""
    write_heartbeat("pull requests")
    pull_lists.refresh_due()


@periodic
def look_at_dates() -> None:
    """Expire overdue claims and waivers, remind of those that will expire soon, compare the issues where that
    is due, and send due digests.
    """
    write_heartbeat("dates")
    claims.expire()
    claims.remind()
    waivers.end_overdue()
    waivers.warn()
    issue_requests.request_due()
    notifications.digests_due()


@periodic
def look_for_problems() -> None:
    """Report repositories, connections and channels that stay broken, and pull requests that stay blocked."""
    write_heartbeat("problems")
    troubles.follow_repositories()
    troubles.follow_connections()
    blocked.report_blocked()


@periodic
def look_at_forecasts() -> None:
    """Report what is forecast after its due date."""
    write_heartbeat("late")
    late_forecasts.follow_forecasts()


@periodic
def prune() -> None:
    """Delete what is older than its retention, in a limited number of batches."""
    write_heartbeat("prune")
    lifecycle.purge_due()
    retention.prune(retention.MOST_BATCHES)


@periodic
def digests() -> None:
    """Queue the weekly digests that are due."""
    write_heartbeat("digests")
    notifications.due()


@periodic
def forecasts() -> None:
    """Record this week's forecasts where that hasn't been done yet."""
    write_heartbeat("forecasts")
    record_forecasts()
