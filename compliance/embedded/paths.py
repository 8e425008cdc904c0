"""Paths for the embedded Postgres (data and socket), and the account under which it runs.

The product never changes the mode of a folder that it didn't create. If the account can't reach the data
folder, the product creates a folder under /var/lib instead, and a link to it in the data folder.
"""

import hashlib
import os
import pwd
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

SYSTEM_FOLDER = Path("/var/lib/ssot-compliance")
ACCOUNTS = ("postgres", "nobody")
ROLE = DATABASE = "compliance"
LINK_RECORD = "link"
"""Name of the file in a folder under /var/lib that contains the path of the link to it in a checkout's data
folder.
"""
PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"
SOCKET_LIMIT = 103  # sun_path has 108 bytes on Linux and 104 elsewhere, including a NUL at the end


class PathsError(Exception):
    """Raised if a folder, account or program cannot be used. The message says what to do."""


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
    """The paths of an embedded server. `home` contains its data in the folder `name`, and `socket` is the
    folder for its Unix socket (0700), whose name contains `port`.
    """

    home: Path
    socket: Path
    name: str = "data"
    port: int = PORT

    @property
    def data(self) -> Path:
        """Return the folder of the database cluster, which `initdb` creates."""
        return self.home / self.name

    @property
    def socket_file(self) -> Path:
        """Return the path of the Unix socket."""
        return self.socket / f".s.PGSQL.{self.port}"

    @property
    def url(self) -> str:
        """Return the server's URL in the format of DATABASE_URL."""
        where = {"host": str(self.socket)} | ({} if self.port == PORT else {"port": str(self.port)})
        return f"postgresql://{ROLE}@/{DATABASE}?{urlencode(where, quote_via=quote)}"


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
        PathsError: if root owns the data, which Postgres refuses to use, or if started as root on a machine
            that has none of the known accounts.
    """
    if paths.data.exists():
        owner = paths.data.stat()
        if owner.st_uid == 0:
            raise PathsError(
                f"{paths.data} belongs to root, but Postgres does not run as root. Give it back to the "
                f"account that it belonged to, for example `chown -R {ACCOUNTS[0]} {paths.data}`."
            )
        return Account(owner.st_uid, owner.st_gid)
    return _unprivileged() if os.geteuid() == 0 else Account(os.geteuid(), os.getegid())


def reachable(path: Path) -> bool:
    """Return true if every user can enter a folder, which requires execute permission for others on it and
    all its parents.
    """
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))


def _make_home(link: Path) -> None:
    if os.geteuid() != 0 or reachable(link.parent):
        link.mkdir(mode=0o711)
        return
    make_system_folder()
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


def make_system_folder() -> None:
    """Create the folder for what must be outside of a data folder."""
    if not SYSTEM_FOLDER.exists():
        SYSTEM_FOLDER.mkdir(parents=True, exist_ok=True)
        SYSTEM_FOLDER.chmod(0o711)  # this folder was created here, and the umask may have restricted it


def _socket_folder(home: Path) -> Path:
    socket = home / "socket"
    # libpq takes a comma for the end of a host
    if len(os.fsencode(socket / SOCKET_NAME)) <= SOCKET_LIMIT and "," not in str(socket):
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
