"""The data folders under /var/lib that root's starts made: which checkout uses each, and removing one."""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from compliance.embedded.paths import LINK_RECORD, SYSTEM_FOLDER
from compliance.embedded.postgres import processes


class InUseError(Exception):
    """A data folder is in use; the message says by what."""


@dataclass(frozen=True)
class DataFolder:
    """One folder; `link` is the link to it in a checkout's data folder, None if that is not recorded."""

    path: Path
    link: Path | None

    @property
    def is_linked(self) -> bool:
        """Return whether its checkout still points to it."""
        try:
            return self.link is not None and self.link.is_symlink() and self.link.samefile(self.path)
        except OSError:
            return False

    @property
    def is_running(self) -> bool:
        """Return whether a Postgres server runs in it."""
        return bool(processes(self.path / "data"))

    def size(self) -> int:
        """Return the bytes of its files."""
        return sum(
            (Path(folder) / name).lstat().st_size for folder, _, names in os.walk(self.path) for name in names
        )

    def changed_at(self) -> datetime:
        """Return when a server last wrote to it."""
        data = self.path / "data"
        newest = max(entry.stat().st_mtime for entry in (self.path, data, data / "pg_wal") if entry.exists())
        return datetime.fromtimestamp(newest, UTC)

    def state(self) -> str:
        """Return in words whether it is used."""
        if self.is_running:
            return "a server is running in it"
        if self.is_linked:
            return f"used by {self.link}"
        return f"unused: {self.link} is gone" if self.link else "its checkout is not recorded"

    def remove(self, *, force: bool = False) -> None:
        """Delete it with everything in it.

        Args:
            force: also if its checkout is not recorded, as in folders of earlier versions.

        Raises:
            InUseError: a server runs in it, its checkout still uses it, or may use it.
        """
        if self.is_running or self.is_linked or (self.link is None and not force):
            raise InUseError(f"{self.path} was not removed: {self.state()}.")
        shutil.rmtree(self.path)


def data_folders(root: Path = SYSTEM_FOLDER) -> list[DataFolder]:
    """Return all data folders of this machine."""
    return [DataFolder(path, _recorded(path)) for path in sorted(root.glob("data-*")) if path.is_dir()]


def _recorded(path: Path) -> Path | None:
    try:
        return Path((path / LINK_RECORD).read_text().strip())
    except OSError:
        return None
