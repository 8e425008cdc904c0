"""A database cluster's folder: how it is created, who may connect to its server, and how it is exchanged.

An exchange takes two renames. Between them there is no data folder, so a record of the exchange is written
first, by which the next start undoes what was interrupted.
"""

import os
import pwd
import shutil
import signal
import stat
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from compliance.embedded.child_process import spawn
from compliance.embedded.paths import ROLE, Account, PostgresPaths
from compliance.embedded.programs import Programs
from compliance.lib.disk_sync import sync
from compliance.lib.product_files import command

FIRST_BUILTIN_LOCALE = 17
"""The first major version whose locale C.UTF-8 doesn't depend on the operating system."""
KEPT = "data-*-until-*"
UPGRADED = "data.upgraded"
"""Name of a cluster that an upgrade fills, beside the one in use."""
_EXCHANGE = "exchange"
_TAIL_LINES = 8


class PostgresError(Exception):
    """Raised if the embedded server cannot be created, started or stopped. The message says what to do."""


def create_cluster(
    programs: Programs, folder: Path, data: Path, account: Account, log: Path, *, durable: bool
) -> None:
    """Create a cluster, either completely or not at all.

    Args:
        folder: the programs that the account can reach.
        durable: whether to write it to disk before it is used.

    Raises:
        PostgresError: if that fails; the message contains the last lines of the log.
    """
    partial = data.with_name(f"{data.name}.partial")
    options = ["-U", ROLE, "--auth-local=peer", "--auth-host=reject", "-E", "UTF8", "--no-instructions"]
    options += [] if durable else ["--no-sync"]
    begin = log.stat().st_size if log.exists() else 0
    for locale in _locales(programs):
        shutil.rmtree(partial, ignore_errors=True)
        make_folder(partial, account)
        with log.open("ab") as output:
            begin = output.tell()
            command: Sequence[str | Path] = [folder / "initdb", "-D", partial, *options, *locale]
            if run_as(account, command, output) == 0:
                partial.rename(data)
                return
    raise PostgresError(f"Postgres could not create its data folder {data}:\n{tail(log, begin)}")


def _locales(programs: Programs) -> list[list[str]]:
    """Return the locales to try: C.UTF-8, by which texts are sorted by code point, or else C."""
    if programs.major >= FIRST_BUILTIN_LOCALE:
        return [["--locale-provider=builtin", "--locale=C.UTF-8"]]
    return [["--locale=C.UTF-8"], ["--locale=C"]]


def run_as(account: Account, command: Sequence[str | Path], output: IO[bytes]) -> int:
    """Run a program of Postgres as this account, and return its exit code."""
    other = None if account.is_us else account
    child = spawn(command, output, farewell=signal.SIGINT, account=other)
    try:
        return child.wait()
    except BaseException:
        child.kill()
        child.wait()
        raise


def make_folder(folder: Path, account: Account) -> None:
    """Create a folder that only the account can enter. Raises PostgresError if that is not possible."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid or found.st_mode & 0o077:
            raise PostgresError(
                f"{folder} is not a folder that only {account_name(account.uid)} can enter. "
                "Remove it, or start as the user who created it."
            ) from None
        return
    except OSError as error:
        raise PostgresError(f"{folder} cannot be created: {error.strerror}.") from error
    if not account.is_us:
        os.chown(folder, account.uid, account.gid)


def written_by(data: Path, account: Account) -> int:
    """Return the major version that wrote a data folder. Raises PostgresError if it can't be read."""
    try:
        return int((data / "PG_VERSION").read_text())
    except OSError as error:
        raise PostgresError(
            f"{data} cannot be read ({error.strerror}): it belongs to {account_name(account.uid)}. "
            "Start as that user."
        ) from error
    except ValueError:
        raise PostgresError(
            f"{data / 'PG_VERSION'} is damaged. Restore a backup (`{command('restore')}`) with another "
            "DATA_DIR."
        ) from None


def write_access(data: Path) -> None:
    """Write the user name map for peer authentication, which lets the current system user, possibly root,
    connect as the role. Raises PostgresError.
    """
    lines = f"compliance {account_name(os.geteuid())} {ROLE}\n"
    for name, text in (("pg_ident.conf", lines), ("pg_hba.conf", "local all all peer map=compliance\n")):
        path = data / name
        try:
            if path.read_text() != text:  # otherwise, a start succeeds also on a full disk
                path.write_text(text)
            path.chmod(0o600)
        except OSError as error:
            raise PostgresError(f"{path} cannot be written: {error.strerror}.") from error


def account_name(uid: int) -> str:
    """Return the name of a user of the operating system. Raises PostgresError if it has none."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise PostgresError(
            f"The user with the id {uid} has no name on this machine (no entry in /etc/passwd), but Postgres "
            "needs one. Add an entry, or set DATABASE_URL."
        ) from None


def tail(log: Path, begin: int, words: Sequence[str] = ("",)) -> str:
    """Return the last lines of a log from this position on that contain one of these words, indented."""
    with log.open("rb") as lines:
        lines.seek(begin)
        text = lines.read().decode(errors="replace").strip()
    found = [line for line in text.splitlines() if any(word in line for word in words)]
    return "\n".join(f"  {line}" for line in found[-_TAIL_LINES:])


def kept_clusters(home: Path) -> list[Path]:
    """Return the clusters that upgrades and their reversals have put aside, the earliest first."""
    return sorted(home.glob(KEPT), key=lambda path: path.name.rpartition("-")[2])


def exchange(paths: PostgresPaths, incoming: Path, major: int) -> Path:
    """Make `incoming` the data folder, and put the current one aside. No server may be running in either.

    If this is interrupted, `undo_exchange` returns to the current one.

    Args:
        major: the version that wrote the current one, which becomes part of its new name.

    Returns:
        where the current one is kept.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    kept = paths.home / f"data-{major}-until-{stamp}"
    record = paths.home / _EXCHANGE
    record.write_text(kept.name)
    sync(record)
    sync(paths.home)
    try:
        paths.data.rename(kept)
        incoming.rename(paths.data)
    except OSError:
        undo_exchange(paths)
        raise
    sync(paths.home)
    record.unlink()
    return kept


def undo_exchange(paths: PostgresPaths) -> None:
    """If an exchange was interrupted between its renames, rename the data folder back.

    Raises PostgresError if that is not possible.
    """
    record = paths.home / _EXCHANGE
    try:
        name = record.read_text()
    except OSError:
        return
    try:
        if not paths.data.exists() and name and (paths.home / name).is_dir():
            (paths.home / name).rename(paths.data)
            sync(paths.home)
        record.unlink()
    except OSError as error:
        raise PostgresError(
            f"{paths.home}, where an upgrade was interrupted, cannot be written: {error.strerror}."
        ) from error
