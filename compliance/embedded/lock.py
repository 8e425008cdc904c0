"""One start at a time for each data folder."""

import fcntl
import os
from pathlib import Path


class RunningError(Exception):
    """Another start holds the data folder; the message says which process."""


class Lock:
    """Held until the process ends, however it ends: the kernel lets go of it."""

    def __init__(self, path: Path) -> None:
        """Take the lock.

        Raises:
            RunningError: another process has it.
        """
        self._file = path.open("a+")
        path.chmod(0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            note = self._file.read().strip() or "unknown"
            self._file.close()
            raise RunningError(f"It is already running here ({note}).") from None
        self.note("starting")

    def release(self) -> None:
        """Let go of it before the process ends."""
        self._file.truncate(0)
        self._file.close()

    def note(self, text: str) -> None:
        """Write down for others who we are and where we are reached."""
        self._file.truncate(0)
        self._file.write(f"process {os.getpid()}, {text}")
        self._file.flush()
