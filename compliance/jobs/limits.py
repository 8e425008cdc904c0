"""Limits the time and memory used by tasks in a worker that runs them in its own process (`--pool solo`).

The hard limit is a kernel timer whose signal has its default action. Like SIGKILL from a parent, it ends the
process even if Python no longer responds.
"""

import logging
import resource
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from celery.exceptions import SoftTimeLimitExceeded
from celery.worker import state

log = logging.getLogger(__name__)

SOFT = signal.SIGVTALRM
"""The signal that raises SoftTimeLimitExceeded. It isn't used for anything else."""

GRACE = 60.0
"""Seconds for which a block may exceed a limit that it keeps itself, before the kernel ends the process."""

STOP_SECONDS = 15.0
"""Seconds after which the kernel ends a worker that was told to stop."""


class TimeLimit:
    """The time limits for the task that this process is running."""

    def __init__(self) -> None:
        self._soft: threading.Timer | None = None
        self._stopping = False
        self._limits: tuple[float | None, float | None] | None = None

    def begin(self, soft: float | None, hard: float | None) -> None:
        """Start both timers. This must be called in the main thread."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._limits = soft, hard
        if hard and not self._stopping:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, hard)
        if soft:
            signal.signal(SOFT, _raise)
            self._soft = threading.Timer(soft, signal.pthread_kill, (threading.get_ident(), SOFT))
            self._soft.daemon = True
            self._soft.start()

    def end(self) -> None:
        """Stop both timers, unless the worker is stopping, in which case the hard limit is kept."""
        if threading.current_thread() is not threading.main_thread():
            return
        self._limits = None
        if self._soft is not None:
            self._soft.cancel()
            self._soft = None
            signal.signal(SOFT, signal.SIG_IGN)  # ignore a timer that fires after the task has ended
        if not self._stopping:
            signal.setitimer(signal.ITIMER_REAL, 0)

    @contextmanager
    def replaced(self, seconds: float) -> Iterator[None]:
        """Replace the limits of the task, if one is running, by a limit of the block, which should end itself
        after so many seconds. Afterwards, the task has its full time again.
        """
        limits = self._limits
        if limits is None:
            yield
            return
        self.end()
        self.begin(None, seconds + GRACE)
        try:
            yield
        finally:
            self.end()
            self.begin(*limits)

    def stop(self) -> None:
        """Limit the time for stopping the worker, so that it ends even if something hangs."""
        if not self._stopping and threading.current_thread() is threading.main_thread():
            self._stopping = True
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, STOP_SECONDS)


time_limit = TimeLimit()
"""The time limits for this process."""


def check_memory(kibibytes: int) -> None:
    """Stop this worker if it has used more memory than allowed. Its supervisor then starts another one."""
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    if used > kibibytes:
        log.warning("The worker has used %d MB and will be replaced.", used // 1024)
        state.should_stop = 0  # type: ignore[assignment]  # an exit code


def _raise(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  (required by the signature of a signal handler)
    raise SoftTimeLimitExceeded
