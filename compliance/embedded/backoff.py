"""Computes the delay before a process that has ended is restarted."""

import time

FIRST_DELAY, LONGEST_DELAY = 0.5, 10.0  # seconds
STEADY = 15.0  # seconds after which a running process is considered healthy, which resets its delay


class Backoff:
    """The increasing delay before one process is restarted."""

    def __init__(self, steady: float = STEADY) -> None:
        self._steady = steady
        self._began = time.monotonic()
        self._delay = FIRST_DELAY

    def begin(self) -> None:
        """Record the time at which the process is started."""
        self._began = time.monotonic()

    def next_delay(self) -> float:
        """Return the delay before the next start, and double the delay for the start after that."""
        if time.monotonic() - self._began > self._steady:
            self._delay = FIRST_DELAY
        delay = self._delay
        self._delay = min(delay * 2, LONGEST_DELAY)
        return delay
