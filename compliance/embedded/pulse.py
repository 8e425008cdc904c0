"""Sends heartbeats from a process to its parent through a pipe, without depending on the database or the
system clock.
"""

import contextlib
import os
import time

VARIABLE = "SSOT_PULSE_FD"
"""The environment variable that tells the child which file descriptor to write to."""

SILENCE = 30.0
"""Seconds without a heartbeat after which a process is killed and restarted."""

STARTING = 300.0
"""The same limit before the first heartbeat, while the process is starting, also on a machine that is busy
with other work.
"""


class Pulse:
    """The parent's end of the pipe from one child."""

    def __init__(self) -> None:
        """Create the pipe. `write_end` is passed to the child, after which the parent calls
        `close_write_end`.
        """
        self._read_end, self.write_end = os.pipe()
        for end in (self._read_end, self.write_end):
            os.set_blocking(end, False)
        self._heard_at = time.monotonic()
        self._patience = STARTING

    def close_write_end(self) -> None:
        """Close the parent's copy of the child's end of the pipe."""
        os.close(self.write_end)

    def close(self) -> None:
        """Close the pipe."""
        os.close(self._read_end)

    def is_silent(self) -> bool:
        """Read all heartbeats that have arrived. Return true if the last one arrived too long ago."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._read_end, 4096):
                self._heard_at, self._patience = time.monotonic(), SILENCE
        return time.monotonic() - self._heard_at > self._patience


def give_pulse() -> None:
    """Send a heartbeat to the parent, if it expects one."""
    if end := os.environ.get(VARIABLE):
        # the pipe is full if the parent doesn't read it, and closed if the parent has ended
        with contextlib.suppress(OSError):
            os.write(int(end), b".")
