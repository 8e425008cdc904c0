"""Makes prometheus_client reserve the space of its files.

It maps files of which the disk has stored nothing yet. If the disk is full when a process counts something,
writing to such a map kills the process (SIGBUS). With reserved space, creating or growing the file fails
instead.
"""

import os
from pathlib import Path
from typing import IO, Any

from prometheus_client import mmap_dict


class _Reserving:
    """A file whose new bytes are reserved on the disk."""

    def __init__(self, path: str, file: IO[bytes]) -> None:
        self._path, self._file = path, file
        self._is_new = not os.fstat(file.fileno()).st_size

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def truncate(self, size: int) -> int:
        """Grow to `size` bytes. Raises OSError if there is no room; a file without content is removed."""
        try:
            os.posix_fallocate(self._file.fileno(), 0, size)
        except OSError:
            if self._is_new:
                Path(self._path).unlink(missing_ok=True)
            raise
        self._is_new = False
        return self._file.truncate(size)


def reserve_space() -> None:
    """Reserve the space of all files that prometheus_client creates from now on in this process."""
    vars(mmap_dict)["open"] = _open


def _open(path: str, mode: str) -> Any:
    file = Path(path).open(mode)  # noqa: SIM115  (the library closes it)
    return file if mode == "rb" else _Reserving(path, file)
