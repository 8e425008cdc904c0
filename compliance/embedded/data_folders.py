"""Lists, describes and removes what is left under /var/lib, where root's starts create data folders and
copies of Postgres's programs.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from compliance.embedded.paths import LINK_RECORD, SYSTEM_FOLDER
from compliance.embedded.programs import COPY_PREFIX
from compliance.embedded.server_processes import processes_within

_REMOVED = ".removed-"


class InUseError(Exception):
    """Raised if a data folder is in use. The message says what uses it."""


@dataclass(frozen=True)
class DataFolder:
    """A data folder. `link` is the link to it in a checkout's own data folder, or None if that is not
    recorded.
    """

    path: Path
    link: Path | None

    @property
    def is_linked(self) -> bool:
        """Return true if its checkout still links to it."""
        try:
            return self.link is not None and self.link.is_symlink() and self.link.samefile(self.path)
        except OSError:
            return False

    @property
    def is_running(self) -> bool:
        """Return true if a Postgres server is running in it."""
        return bool(processes_within(self.path))

    def size(self) -> int:
        """Return the total size of the folder's files in bytes, as far as they can be read."""
        return size_of(self.path)

    def changed_at(self) -> datetime:
        """Return the time at which a server last wrote to the folder."""
        data = self.path / "data"
        return max(_changed_at(entry) for entry in (self.path, data, data / "pg_wal"))

    def state(self) -> str:
        """Describe what the folder is used for."""
        if self.is_running:
            return "a server is running in it"
        if self.is_linked:
            return f"used by {self.link}"
        return f"unused: {self.link} is gone" if self.link else "its checkout is not recorded"

    def remove(self, *, force: bool = False) -> None:
        """Delete the folder and everything in it. If that is interrupted, the rest is not a data folder.

        Args:
            force: delete it even if its checkout is not recorded, as in folders created by earlier versions.

        Raises:
            InUseError: if a server is running in it, or if its checkout uses it or may use it.
            OSError: if it can't be deleted.
        """
        if self.is_running or self.is_linked or (self.link is None and not force):
            raise InUseError(f"{self.path} was not removed: {self.state()}.")
        _remove(self.path)


@dataclass(frozen=True)
class ProgramCopy:
    """A copy of Postgres's programs for an account that can't reach the installed ones."""

    path: Path

    @property
    def is_running(self) -> bool:
        """Return true if a process runs one of the programs."""
        return any(_runs(entry, self.path) for entry in Path("/proc").iterdir() if entry.name.isdigit())

    def size(self) -> int:
        """Return its size in bytes."""
        return size_of(self.path)

    def changed_at(self) -> datetime:
        """Return the time at which a server was last started from it."""
        return _changed_at(self.path)

    def remove(self) -> None:
        """Delete it. Raises InUseError if a process runs one of its programs, or OSError."""
        if self.is_running:
            raise InUseError(f"{self.path} was not removed: a server is running from it.")
        _remove(self.path)


def data_folders(root: Path = SYSTEM_FOLDER) -> list[DataFolder]:
    """Return all data folders on this machine."""
    return [DataFolder(path, _recorded(path)) for path in sorted(root.glob("data-*")) if path.is_dir()]


def program_copies(root: Path = SYSTEM_FOLDER) -> list[ProgramCopy]:
    """Return all copies of Postgres's programs. A start that needs one makes it again."""
    return [ProgramCopy(path) for path in sorted(root.glob(f"{COPY_PREFIX}*")) if path.is_dir()]


def remove_remains(root: Path = SYSTEM_FOLDER) -> None:
    """Delete what interrupted removals have left. Raises OSError."""
    for path in root.glob(f"{_REMOVED}*"):
        shutil.rmtree(path)


def size_of(path: Path) -> int:
    """Return the total size of a folder's files in bytes, without those that can't be read or have just been
    deleted.
    """
    return sum(_sizes(path))


def _sizes(path: Path) -> Iterator[int]:
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                yield (Path(folder) / name).lstat().st_size
            except OSError:
                continue


def _changed_at(path: Path) -> datetime:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        return datetime.fromtimestamp(0, UTC)


def _remove(path: Path) -> None:
    aside = path.with_name(f"{_REMOVED}{path.name}")
    path.rename(aside)
    shutil.rmtree(aside)


def _runs(process: Path, folder: Path) -> bool:
    try:
        return (process / "exe").readlink().is_relative_to(folder)
    except OSError:
        return False


def _recorded(path: Path) -> Path | None:
    try:
        return Path((path / LINK_RECORD).read_text().strip())
    except OSError:
        return None
