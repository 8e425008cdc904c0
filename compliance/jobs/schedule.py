"""Keeps the schedule of periodic tasks in Postgres, so that any number of beats can share it. Clock changes
are tolerated.
"""

import logging
from collections.abc import Mapping
from typing import Any

from celery.beat import Scheduler
from django.db import close_old_connections, connection

from compliance.jobs.liveness import beat_heartbeat
from compliance.lib.database_failures import UNUSABLE
from compliance.models import ScheduledTask

log = logging.getLogger(__name__)

CHECK_EVERY = 1.0
"""Seconds between two checks of the schedule."""

RETRY_AFTER = 30.0
"""Seconds after which a task that was claimed but not sent is due again, limited to the task's interval."""

_CLAIM = """
UPDATE compliance_scheduledtask
SET due_at = statement_timestamp() + make_interval(secs => %(lease)s)
WHERE name = %(name)s
  AND (due_at <= statement_timestamp()
       OR due_at > statement_timestamp() + make_interval(secs => %(interval)s))
  AND NOT EXISTS (SELECT 1 FROM compliance_maintenancemode)
"""
"""Match times further ahead than the interval, which were written before the clock was set back."""

_SENT = """
UPDATE compliance_scheduledtask
SET due_at = statement_timestamp() + make_interval(secs => %(interval)s), sent_at = statement_timestamp()
WHERE name = %(name)s
"""


class PostgresScheduler(Scheduler):
    """A scheduler for Celery's beat that reads its schedule from `ScheduledTask` rows. A due row is claimed
    by one conditional update.

    If a beat ends between claiming a task and sending its message, the task is delayed by `RETRY_AFTER`, or
    by its interval if that is shorter.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        """Accept the arguments of Scheduler. The file name in `--schedule` is ignored."""
        options.pop("schedule_filename", None)
        self._known: set[str] = set()
        self._failing = ""
        super().__init__(*arguments, **options)

    def setup_schedule(self) -> None:
        """Do nothing, because the schedule is read on each tick."""

    def tick(self, *_: Any, **__: Any) -> float:
        """Send the tasks that are due. Return the seconds until the next check."""
        try:
            close_old_connections()
            beat_heartbeat()
            for name, entry in self._entries().items():
                if self._claim(name, _interval(entry)):
                    self._send(name, entry)
        except UNUSABLE as error:
            connection.close()
            self._report(f"The schedule cannot be read: {_first_line(error)}")
        return CHECK_EVERY

    def _entries(self) -> Mapping[str, Mapping[str, Any]]:
        entries: Mapping[str, Mapping[str, Any]] = self.app.conf.beat_schedule
        if missing := set(entries) - self._known:
            ScheduledTask.objects.bulk_create(
                [ScheduledTask(name=name) for name in missing], ignore_conflicts=True
            )
            self._known |= missing
        return entries

    def _claim(self, name: str, interval: float) -> bool:
        return _update(_CLAIM, name=name, interval=interval, lease=min(interval, RETRY_AFTER))

    def _send(self, name: str, entry: Mapping[str, Any]) -> None:
        """Send one task. A broken connection is replaced on the next attempt."""
        try:
            self.app.send_task(entry["task"], producer=self.producer, **entry.get("options", {}))
        except Exception as error:  # noqa: BLE001  (after any broker error, the row is due again soon)
            self.close()
            self._report(f"The task {name} cannot be sent: {_first_line(error)}")
            return
        _update(_SENT, name=name, interval=_interval(entry))
        if self._failing:
            log.warning("Periodic tasks are being sent again.")
            self._failing = ""

    def _ensure_connected(self) -> Any:
        """Connect in a single attempt, because the next tick retries, and a shutdown must not wait for the
        broker.
        """
        return self.connection.ensure_connection(max_retries=1, interval_start=0, timeout=5)

    def _report(self, problem: str) -> None:
        """Log a problem only once, until it changes or is resolved."""
        if problem != self._failing:
            log.error("%s. It is tried again every few seconds.", problem)
        self._failing = problem

    @property
    def info(self) -> str:
        """Return the line that beat prints when it starts."""
        return "    . schedule -> Postgres"


def _update(statement: str, **values: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return bool(cursor.rowcount)


def _interval(entry: Mapping[str, Any]) -> float:
    return float(entry["schedule"])


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
