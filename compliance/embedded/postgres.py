"""The embedded Postgres server, created on first use and run as a child of this process.

The server listens only on a Unix socket, with peer authentication, in a folder that only its account can
enter.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from compliance.embedded.child_process import spawn
from compliance.embedded.cluster import (
    UPGRADED,
    PostgresError,
    create_cluster,
    make_folder,
    tail,
    undo_exchange,
    write_access,
    written_by,
)
from compliance.embedded.paths import DATABASE, ROLE, Account, PostgresPaths, account_for
from compliance.embedded.programs import Programs, programs_for, usable_by
from compliance.embedded.server_processes import STOP_SECONDS, end, end_predecessor, processes

FIRST_IO_METHOD = 18
"""The first major version that has the setting io_method."""
START_SECONDS = 60.0
QUIT_SECONDS = 10.0
LARGEST_LOG = 10_000_000
"""Size in bytes at which the server's log is moved to a second file, which replaces the previous one."""


class Postgres:
    """The Postgres server for one data folder.

    For tests, `durable=False` disables protection against power loss.
    """

    name = "postgres"

    def __init__(
        self,
        paths: PostgresPaths,
        log: Path,
        *,
        durable: bool = True,
        programs: Programs | None = None,
        account: Account | None = None,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Find the account and the programs without starting anything.

        The caller holds the installation's lock: an upgrade that was interrupted is undone.

        Args:
            programs: those for the data folder, unless other ones are to create it.
            account: the data folder's account, unless it is about to be created for another one.
            settings: further settings of Postgres, which take precedence.

        Raises:
            PathsError: if there is no account or no program for the data folder.
        """
        self.paths = paths
        self.log = log
        self.durable = durable
        undo_exchange(paths)
        self.account: Account = account or account_for(paths)
        self.programs: Programs = programs or programs_for(paths.data)
        self.bin = usable_by(self.account, self.programs)
        self.process: subprocess.Popen[bytes] | None = None
        self._settings = dict(settings or {})

    def start(self) -> None:
        """Start the server, creating its data folder and database if they are missing.

        If an earlier supervisor left a server running, it is stopped first, so that the new one is a child of
        this process.

        Raises:
            PostgresError: if it doesn't start; the message contains the last lines of its log.
        """
        make_folder(self.paths.socket, self.account)
        if not self.paths.data.exists():
            create_cluster(
                self.programs, self.bin, self.paths.data, self.account, self.log, durable=self.durable
            )
        written_by(self.paths.data, self.account)
        write_access(self.paths.data)
        end_predecessor(self.paths)
        self._remove_leftover()
        with self.log.open("ab") as log:
            self.process = self._child([self.bin / "postgres", "-D", self.paths.data, *self._options()], log)
        self._await_ready()
        self._make_database()

    def _remove_leftover(self) -> None:
        """Remove what an interrupted upgrade has written."""
        leftover = replace(self.paths, name=UPGRADED, port=self.paths.port + 1)
        if self.paths.name != UPGRADED and leftover.data.exists():
            end_predecessor(leftover)
            shutil.rmtree(leftover.data)
        shutil.rmtree(leftover.data.with_name(f"{leftover.name}.partial"), ignore_errors=True)

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
                end(processes(self.paths.data), None, signal.SIGKILL)
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
        directory = str(self.paths.socket).replace('"', '""')
        options = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{directory}"',
            "unix_socket_permissions": "0700",
            "max_connections": "100",
            "port": str(self.paths.port),
        }
        if self.programs.major >= FIRST_IO_METHOD:
            options["io_method"] = "sync"  # with I/O workers, recovery hung after one of them had been killed
        if not self.durable:
            options |= {"fsync": "off", "full_page_writes": "off"}
        options |= self._settings
        return [word for key, value in options.items() for word in ("-c", f"{key}={value}")]

    def _child(self, command: list[str | Path], output: IO[bytes]) -> subprocess.Popen[bytes]:
        other = None if self.account.is_us else self.account
        return spawn(command, output, farewell=signal.SIGINT, account=other)  # fast shutdown

    def _await_ready(self) -> None:
        begin = self.log.stat().st_size
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                self.connect("postgres").close()
            except psycopg.OperationalError as error:
                if self.process is None or self.process.poll() is not None:
                    raise PostgresError(
                        f"Postgres does not start:\n{tail(self.log, max(0, begin - 2000))}"
                    ) from error
                if time.monotonic() > deadline:
                    self.stop()
                    raise PostgresError(
                        f"Postgres is not ready after {START_SECONDS:.0f} s: {error}"
                    ) from error
                time.sleep(0.03)
            else:
                return

    def connect(self, database: str) -> psycopg.Connection:
        """Open a session in one of its databases, in which each statement is a transaction."""
        return psycopg.connect(
            host=str(self.paths.socket), port=self.paths.port, user=ROLE, dbname=database, autocommit=True
        )

    def _make_database(self) -> None:
        with self.connect("postgres") as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
