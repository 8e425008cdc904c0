"""Checks the health of the workers, queue, beat and broker, using only their records in Postgres and its
clock.
"""

from datetime import timedelta
from typing import Any

from django.db import connection

from compliance.lib.product_files import command

SILENCE = 90.0
"""Seconds without a heartbeat from any worker after which processing counts as stopped. If jobs are waiting,
the limit is shorter.
"""

SILENCE_WITH_WORK = timedelta(seconds=30)
OLDEST = 900.0
"""Number of seconds for which a job may be overdue before the queue counts as stuck."""

FIXES = {
    "worker": f"Start one: {command('worker')}. Its log says why it ended.",
    "queue": "Look at the scans page for the jobs, and start more workers if all are busy.",
    "beat": f"Start it: {command('beat')}. Its log says why it ended.",
    "broker": "Check BROKER_URL on the workers' machines, and the broker's log.",
}
"""What to do about each component that `check_work` reports."""

_HURRY = SILENCE_WITH_WORK.total_seconds()

# Jobs of the kind "read" only help other jobs, which don't wait for them.
_FACTS = """
SELECT
    (SELECT extract(epoch FROM statement_timestamp() - max(at)) FROM compliance_heartbeat
     WHERE name NOT LIKE 'beat %%' AND at <= statement_timestamp() + make_interval(secs => 30)),
    (SELECT bool_and(state = 'waiting for the broker') FROM compliance_heartbeat
     WHERE name LIKE 'worker %%' AND at BETWEEN statement_timestamp() - make_interval(secs => 30)
                                           AND statement_timestamp() + make_interval(secs => 30)),
    (SELECT extract(epoch FROM statement_timestamp() - max(at)) FROM compliance_heartbeat
     WHERE name LIKE 'beat %%' AND at <= statement_timestamp() + make_interval(secs => 30)),
    (SELECT extract(epoch FROM statement_timestamp() - max(sent_at)) FROM compliance_scheduledtask
     WHERE sent_at <= statement_timestamp() + make_interval(secs => 30)),
    (SELECT extract(epoch FROM statement_timestamp() - min(due_at)) FROM compliance_job
     WHERE state = 'waiting' AND kind <> 'read' AND due_at <= statement_timestamp()),
    (SELECT extract(epoch FROM statement_timestamp() - min(due_at)) FROM compliance_job AS due
     WHERE state = 'waiting' AND kind <> 'read' AND due_at <= statement_timestamp() AND NOT EXISTS (
         SELECT 1 FROM compliance_job AS running
         WHERE running.state = 'running' AND running.repository_id = due.repository_id)),
    EXISTS (SELECT 1 FROM compliance_maintenancemode)
"""
"""Return true for a time in the future, which was written before the clock was set back and proves
nothing.
"""


def check_work() -> dict[str, str]:
    """Return the state of each component. `worker` and `queue` are always included, `beat` and `broker` only
    if they have a problem. In maintenance mode, jobs that wait and tasks that aren't sent are no problem.
    """
    worker, disconnected, beat, sent, due, free, is_maintained = _facts()
    told = {"worker": "ok", "queue": "ok"}
    if is_maintained:
        sent = due = free = None
    if worker is None:
        told["worker"] = "never seen"
    elif worker > (_HURRY if free is not None and free > _HURRY else SILENCE):
        told["worker"] = f"no heartbeat for {worker:.0f} s"
    if due is not None and due > OLDEST:
        told["queue"] = f"the oldest due job has been pending for {due:.0f} s"
    if disconnected:
        told["broker"] = "the workers cannot connect to it"
    elif sent is not None and sent > SILENCE:
        if beat is not None and beat < SILENCE:
            told["broker"] = f"no message could be sent for {sent:.0f} s"
        else:
            told["beat"] = f"nothing was sent for {sent:.0f} s"
    return told


def describe_problems() -> list[str]:
    """Return what is wrong, and what to do, for each component that delays jobs. Call this only if a job has
    been overdue for a long time.
    """
    parts = {"worker": "Worker", "queue": "Queue", "beat": "Scheduler", "broker": "Message broker"}
    found = check_work().items()
    return [f"{parts[name]}: {state}. {FIXES[name]}" for name, state in found if state != "ok"]


def _facts() -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_FACTS, [])
        facts: tuple[Any, ...] = cursor.fetchone()
        return facts
