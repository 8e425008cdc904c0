"""Signs of life from a process to its parent: bytes through a pipe, so that neither a database nor a clock
that jumps is needed.
"""

import contextlib
import os
import time

VARIABLE = "SSOT_PULSE_FD"
"""The environment variable that names the pipe's end to the child."""

SILENCE = 30.0
"""Seconds without a sign of life after which a process is killed and started again."""

STARTING = 90.0
"""The same before the first sign, while the process is starting."""


class Pulse:
    """The parent's side of one child."""

    def __init__(self) -> None:
        """Make the pipe; `write_end` is for the child, and `close_write_end` for the parent afterwards."""
        self._read_end, self.write_end = os.pipe()
        for end in (self._read_end, self.write_end):
            os.set_blocking(end, False)
        self._heard_at = time.monotonic()
        self._patience = STARTING

    def close_write_end(self) -> None:
        """Leave the child's end to the child."""
        os.close(self.write_end)

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self._read_end)

    def is_silent(self) -> bool:
        """Read what has come; return whether the last sign of life is too long ago."""
        with contextlib.suppress(BlockingIOError):
            while os.read(self._read_end, 4096):
                self._heard_at, self._patience = time.monotonic(), SILENCE
        return time.monotonic() - self._heard_at > self._patience


def give_pulse() -> None:
    """Send a sign of life to the parent, if it wants one."""
    if end := os.environ.get(VARIABLE):
        with contextlib.suppress(OSError):  # full: the parent is not reading; closed: it has gone
            os.write(int(end), b".")
