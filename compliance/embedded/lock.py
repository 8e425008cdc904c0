"""The lock on a data folder, which allows only one `manage.py up` at a time."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from compliance.embedded.paths import PathsError


class RunningError(Exception):
    """Raised if another process uses the data folder. The message names that process."""


class Lock:
    """A lock that the kernel releases when the process ends, even if it is killed."""

    def __init__(self, path: Path) -> None:
        """Acquire the lock.

        Raises:
            RunningError: if another process holds it.
            PathsError: if the file can't be opened.
        """
        try:
            self._file = path.open("a+")
            path.chmod(0o600)
        except OSError as error:
            raise PathsError(
                f"{path} cannot be opened: {error.strerror}. Make room, or run as the user who owns it."
            ) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            note = self._file.read().strip() or "unknown"
            self._file.close()
            raise RunningError(f"The product is already running here ({note}).") from None
        self.note("starting")

    def release(self) -> None:
        """Release the lock before the process ends."""
        self._file.truncate(0)
        self._file.close()

    def note(self, text: str) -> None:
        """Write the process id and the address to the lock file, for other processes to read.

        On a full disk, the lock is held without them.
        """
        with suppress(OSError):
            os.truncate(self._file.fileno(), 0)
            os.write(self._file.fileno(), f"process {os.getpid()}, {text}".encode())
