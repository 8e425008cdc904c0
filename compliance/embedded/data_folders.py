"""Lists, describes and removes data folders under /var/lib, which are created if root starts the product."""

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from compliance.embedded.paths import LINK_RECORD, SYSTEM_FOLDER
from compliance.embedded.postgres import processes


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
        return bool(processes(self.path / "data"))

    def size(self) -> int:
        """Return the total size of the folder's files in bytes."""
        return sum(
            (Path(folder) / name).lstat().st_size for folder, _, names in os.walk(self.path) for name in names
        )

    def changed_at(self) -> datetime:
        """Return the time at which a server last wrote to the folder."""
        data = self.path / "data"
        newest = max(entry.stat().st_mtime for entry in (self.path, data, data / "pg_wal") if entry.exists())
        return datetime.fromtimestamp(newest, UTC)

    def state(self) -> str:
        """Describe what the folder is used for."""
        if self.is_running:
            return "a server is running in it"
        if self.is_linked:
            return f"used by {self.link}"
        return f"unused: {self.link} is gone" if self.link else "its checkout is not recorded"

    def remove(self, *, force: bool = False) -> None:
        """Delete the folder and everything in it.

        Args:
            force: delete it even if its checkout is not recorded, as in folders created by earlier versions.

        Raises:
            InUseError: if a server is running in it, or if its checkout uses it or may use it.
        """
        if self.is_running or self.is_linked or (self.link is None and not force):
            raise InUseError(f"{self.path} was not removed: {self.state()}.")
        shutil.rmtree(self.path)


def data_folders(root: Path = SYSTEM_FOLDER) -> list[DataFolder]:
    """Return all data folders on this machine."""
    return [DataFolder(path, _recorded(path)) for path in sorted(root.glob("data-*")) if path.is_dir()]


def _recorded(path: Path) -> Path | None:
    try:
        return Path((path / LINK_RECORD).read_text().strip())
    except OSError:
        return None
