"""Sends heartbeats for workers and beat, which prove that their main loops are running, not merely that the
processes exist.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from celery import bootsteps, current_app
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now

from compliance.embedded.pulse import give_pulse
from compliance.jobs import maintenance_mode
from compliance.jobs.machine import release
from compliance.lib.database_failures import UNUSABLE
from compliance.models import Heartbeat

log = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two heartbeats."""

LOOP_LIMIT = 15.0
"""Maximum number of seconds for one iteration of an idle main loop."""

DISCONNECTED_LIMIT = 30.0
"""Seconds without a broker connection after which the worker counts as hanging if a test connection
succeeds.
"""


def process_name(kind: str, pid: int | None = None) -> str:
    """Return the name under which a worker or beat writes its heartbeats."""
    return f"{kind} {settings.MACHINE_NAME}:{pid or os.getpid()}"[:200]


def write_heartbeat(name: str, state: str = "") -> None:
    """Write a heartbeat to the database. Raises any database error."""
    Heartbeat.objects.update_or_create(
        name=name, defaults={"at": Now(), "state": state[:200], "engine": release.engine}
    )


class Liveness:
    """Tracks the activity of this worker's main loop.

    While it is active, two threads send heartbeats: one to the parent process, and the other to Postgres,
    which may hang.
    """

    def __init__(self) -> None:
        self.turned_at = time.monotonic()
        self.busy = False
        self.disconnected_at: float | None = time.monotonic()
        self._reachable_since: float | None = None
        self._reported: str | None = "starting"
        self._idle_since = time.monotonic()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start the threads, once per process."""
        if self._threads:
            return
        for run in (self._give_pulses, self._write_heartbeats):
            self._threads.append(threading.Thread(target=run, daemon=True))
            self._threads[-1].start()

    def turn(self) -> None:
        """Record that the main loop has completed an iteration."""
        self.turned_at = time.monotonic()

    def idle_for(self) -> float:
        """Return the seconds since the last task ended."""
        return 0.0 if self.busy else time.monotonic() - self._idle_since

    def begin(self) -> None:
        """Record that a task has begun. The task's time limit determines for how long this counts as
        activity.
        """
        self.busy = True

    def end(self) -> None:
        """Record that a task has ended."""
        self.busy = False
        self._idle_since = self.turned_at = time.monotonic()

    def connect(self) -> None:
        """Record that the worker is connected to the broker."""
        self.disconnected_at = self._reachable_since = None
        self.turn()

    def disconnect(self) -> None:
        """Record that the worker has lost its connection to the broker."""
        self.disconnected_at = time.monotonic()
        self._reachable_since = None

    def state(self) -> str | None:
        """Describe what the process is doing. Return None if its main loop hangs, so that no heartbeat is
        sent.
        """
        if self.busy:
            return "busy"
        now = time.monotonic()
        if self.disconnected_at is None:
            return "idle" if now - self.turned_at < LOOP_LIMIT else None
        if now - self.disconnected_at < DISCONNECTED_LIMIT or not _broker_answers():
            self._reachable_since = None
        else:
            self._reachable_since = self._reachable_since or now
            if now - self._reachable_since > DISCONNECTED_LIMIT:
                return None
        return "waiting for the broker"

    def _give_pulses(self) -> None:
        while True:
            self._reported = self.state()
            if self._reported is not None:
                give_pulse()
            time.sleep(EVERY)

    def _write_heartbeats(self) -> None:
        while True:
            if self._reported is not None:
                try:
                    write_heartbeat(process_name("worker"), self._reported)
                    maintenance_mode.refresh()
                except UNUSABLE as error:
                    connection.close()
                    log.debug("No heartbeat: %s", error)
            time.sleep(EVERY)


def _broker_answers() -> bool:
    try:
        with current_app.connection_for_read() as fresh:
            fresh.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    except Exception:  # noqa: BLE001  (after any error, the broker counts as unavailable)
        return False
    return True


liveness = Liveness()
"""The activity tracker for this process."""


class LoopStep(bootsteps.StartStopStep):
    """Runs regularly in the consumer's main loop while the worker is connected."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    look: Callable[[], None] | None = None
    """Called by the main loop on each tick, so that an idle worker finds work for which no message
    arrived.
    """

    def __init__(self, consumer: Any, **options: Any) -> None:
        super().__init__(consumer, **options)
        self._entry: Any = None

    def start(self, consumer: Any) -> None:
        """Start ticking, because the worker is connected."""
        liveness.start()
        liveness.connect()
        self._entry = consumer.timer.call_repeatedly(EVERY, consumer.call_soon, (self._tick,))

    def stop(self, consumer: Any) -> None:  # noqa: ARG002  (required by the signature of a bootstep)
        """Stop ticking, because the worker has lost its connection or is stopping."""
        liveness.disconnect()
        if self._entry is not None:
            self._entry.cancel()
            self._entry = None

    def _tick(self) -> None:
        liveness.turn()
        if LoopStep.look is not None:
            try:
                LoopStep.look()
            except UNUSABLE as error:  # the next tick tries it with a new connection
                connection.close()
                log.error(
                    "The queue cannot be read (%s).",
                    (str(error).strip() or "no reason given").splitlines()[0],
                )
        liveness.turn()


_last_beat = 0.0


def beat_heartbeat() -> None:
    """Send a heartbeat to the parent process and, if the last one in Postgres is old enough, write one there
    as well.
    """
    global _last_beat  # noqa: PLW0603  (each process runs only one beat)
    give_pulse()
    if time.monotonic() - _last_beat >= EVERY:
        write_heartbeat(process_name("beat"))
        maintenance_mode.refresh()
        _last_beat = time.monotonic()
