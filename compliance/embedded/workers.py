"""Runs the worker processes of `celery worker`: a parent keeps them running, and each has its own connection
and shares no lock.

In Celery's prefork pool, the children share a queue. Over Postgres, which has no event loop, a child waits
for its next task while holding the queue's lock. If it is killed while waiting, all other children are
blocked forever.
"""

import gc
import logging
import os
import signal
import time
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any

from celery.platforms import create_pidlock

from compliance.embedded.backoff import Backoff
from compliance.embedded.child_process import follow_parent
from compliance.embedded.pulse import VARIABLE, Pulse, give_pulse
from compliance.lib.garbage import collect_rarely
from compliance.lib.queues import Queue

log = logging.getLogger(__name__)

QUICK = 1
"""The number of the process that leaves out the scans, so that short work always finds a process. It exists
if the worker reads all queues and has several processes.
"""

CHECK_EVERY = 0.2
STOP_SECONDS = 18.0
"""Seconds after which a worker process that was told to stop is killed. Its own time limit is shorter."""

_OPTIONS = {
    "pool": "solo",
    "concurrency": 1,
    "autoscale": None,
    "pidfile": None,
    # Workers don't communicate with each other. These features would need queues, and a broker that hangs
    # would also delay the shutdown.
    "without_gossip": True,
    "without_mingle": True,
    "without_heartbeat": True,
}


class _Slot:
    """The current worker process of one slot, and what is needed to replace it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.pid = 0
        self.pulse: Pulse | None = None
        self.backoff = Backoff()
        self.due = 0.0


class Workers:
    """The class used for `app.Worker`. Runs `concurrency` processes, each of which runs Celery's worker with
    the pool "solo".

    Without the options `concurrency` and `queues`, one process for short work is added to the configured
    number.
    """

    exitcode = 0

    def __init__(self, app: Any, **options: Any) -> None:
        """Accept the options of `celery worker`. Pools other than "solo" are ignored."""
        self.app = app
        reads_all = not options.get("queues")
        chosen = options.pop("concurrency", None)
        self._number = int(chosen or (app.conf.worker_concurrency or 1) + reads_all)
        self._has_quick = reads_all and self._number > 1
        self._pidfile = options.pop("pidfile", None)
        self._options = {**options, **_OPTIONS}
        self._slots = [_Slot(number) for number in range(1, self._number + 1)]
        self._stopping = False

    def start(self) -> None:
        """Run the worker processes until a signal ends this process."""
        self.app.loader.import_default_modules()  # once, before the processes are forked
        for check in self.app.start_checks:
            if problem := check():
                log.critical("%s", problem)
                raise SystemExit(1)
        collect_rarely()
        if self._pidfile:
            create_pidlock(self._pidfile)
        gc.collect()
        gc.freeze()  # the processes share what has been imported, and no collection goes through it
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
            signal.signal(number, self._ask_to_stop)
        try:
            while not self._stopping:
                give_pulse()
                for slot in self._slots:
                    self._look(slot)
                time.sleep(CHECK_EVERY)
        finally:
            self._stop()

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._stopping = True

    def _look(self, slot: _Slot) -> None:
        """Start, restart or kill the process in a slot as needed."""
        if not slot.pid:
            if time.monotonic() >= slot.due:
                self._fork(slot)
            return
        if _has_ended(slot):
            delay = slot.backoff.next_delay()
            slot.due = time.monotonic() + delay
            log.warning("Worker process %d ended; another one starts in %g s.", slot.number, delay)
        elif slot.pulse is not None and slot.pulse.is_silent():
            log.error("Worker process %d (%d) sent no heartbeat and is killed.", slot.number, slot.pid)
            os.kill(slot.pid, signal.SIGKILL)
            slot.pulse.close()
            slot.pulse = None

    def _fork(self, slot: _Slot) -> None:
        slot.backoff.begin()
        pulse = Pulse()
        parent = os.getpid()
        # Signals are blocked, so that none runs the parent's handlers in the child or interrupts the parent
        # before it has stored the child's pid.
        signals = {signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP}
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        pid = os.fork()
        if pid == 0:
            for number in signals:
                signal.signal(number, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            follow_parent(parent, signal.SIGTERM)
            os.environ[VARIABLE] = str(pulse.write_end)
            _leave_with(lambda: self._run(slot.number))
        slot.pid, slot.pulse = pid, pulse
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        pulse.close_write_end()

    def _run(self, number: int) -> int:
        """Run Celery's worker in this process, and return its exit code."""
        name, _, host = str(self._options.get("hostname") or "worker@%h").partition("@")
        beat = bool(self._options.get("beat")) and number == 1
        options = {**self._options, "hostname": f"{name}-{number}@{host or '%h'}", "beat": beat}
        self.app.shares_messages = not self._has_quick or number == QUICK
        if self._has_quick and number == QUICK:
            options["exclude_queues"] = [Queue.SCANS.value]
        worker = self.app.subclass_with_self("celery.apps.worker:Worker")(**options)
        worker.start()
        return int(worker.exitcode or 0)

    def _stop(self) -> None:
        """Tell all processes to stop, wait for all of them, and kill those that are still running."""
        deadline = time.monotonic() + STOP_SECONDS
        running = [slot for slot in self._slots if slot.pid and not _has_ended(slot)]
        for slot in running:
            os.kill(slot.pid, signal.SIGTERM)
            os.kill(slot.pid, signal.SIGCONT)
        while running and time.monotonic() < deadline:
            time.sleep(0.05)
            running = [slot for slot in running if not _has_ended(slot)]
        for slot in running:
            os.kill(slot.pid, signal.SIGKILL)
            os.waitpid(slot.pid, 0)


def _has_ended(slot: _Slot) -> bool:
    """Return true if the process has ended, in which case its slot is free. Until then, its pid stays
    reserved.
    """
    if not os.waitpid(slot.pid, os.WNOHANG)[0]:
        return False
    if slot.pulse is not None:
        slot.pulse.close()
    slot.pid, slot.pulse = 0, None
    return True


def _leave_with(run: Callable[[], int]) -> None:
    """End this forked process with the result of `run`, without running any of the parent's code."""
    code = 1
    try:
        code = run()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001  (it is printed, and then the process ends)
        traceback.print_exc()
    finally:
        logging.shutdown()
        os._exit(code)
