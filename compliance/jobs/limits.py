"""Limits of a task's time and memory in a worker that runs its tasks itself (`--pool solo`).

The hard limit is a timer of the kernel with the default action: it ends the process even if Python no longer
runs, as SIGKILL from a parent would.
"""

import _thread
import logging
import resource
import signal
import threading
from types import FrameType

from celery.exceptions import SoftTimeLimitExceeded
from celery.worker import state

log = logging.getLogger(__name__)

SOFT = signal.SIGVTALRM
"""The signal that raises SoftTimeLimitExceeded; nothing else uses it."""

STOP_SECONDS = 15.0
"""Seconds after which a worker that was told to stop is ended by the kernel."""


class TimeLimit:
    """The limits of the task that this process runs."""

    def __init__(self) -> None:
        self._soft: threading.Timer | None = None
        self._stopping = False

    def begin(self, soft: float | None, hard: float | None) -> None:
        """Start both clocks. Call it in the main thread."""
        if threading.current_thread() is not threading.main_thread():
            return
        if hard and not self._stopping:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, hard)
        if soft:
            signal.signal(SOFT, _raise)
            self._soft = threading.Timer(soft, _thread.interrupt_main, (SOFT,))
            self._soft.daemon = True
            self._soft.start()

    def end(self) -> None:
        """Stop both clocks, except for the one of a worker that is stopping."""
        if threading.current_thread() is not threading.main_thread():
            return
        if self._soft is not None:
            self._soft.cancel()
            self._soft = None
            signal.signal(SOFT, signal.SIG_IGN)  # one that fires now is too late
        if not self._stopping:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def stop(self) -> None:
        """Bound the time that stopping takes, whatever hangs."""
        if not self._stopping and threading.current_thread() is threading.main_thread():
            self._stopping = True
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, STOP_SECONDS)


time_limit = TimeLimit()
"""Of this process."""


def check_memory(kibibytes: int) -> None:
    """Stop this worker if it has used more memory than it may; its supervisor starts another."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if used > kibibytes:
        log.warning("The worker has used %d MB and makes way for a new one.", used // 1024)
        state.should_stop = 0  # type: ignore[assignment]  # an exit code


def _raise(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  (the shape of a signal's handler)
    raise SoftTimeLimitExceeded
