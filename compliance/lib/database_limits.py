"""Limits of a database session: how long a statement, a lock and an idle transaction may take.

Each kind of process has its own (see docs/configuration.md). They are set when a connection is opened.
"""

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg
from django.conf import settings
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    Error,
    InterfaceError,
    OperationalError,
    connection,
    connections,
)

from compliance.lib.database_failures import WrongKeyError


class Process(StrEnum):
    """The kinds of processes; every management command is a `COMMAND`."""

    WEB = "web"
    WORKER = "worker"
    BEAT = "beat"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds; 0 is no limit."""

    statement: int
    lock: int
    idle_in_transaction: int


_NOTICE_SECONDS = 5
"""Seconds after which a running statement notices that its client is gone."""

_process = Process.COMMAND
_name: ContextVar[str] = ContextVar("session name", default="")


def run_as(process: Process) -> None:
    """Declare what kind of process this is, for the connections that it opens from now on."""
    global _process  # noqa: PLW0603  (a process has one kind)
    _process = process


def apply_limits(**signal: Any) -> None:
    """Set the limits of a session; receives `connection_created`."""
    limits: Limits = settings.DATABASE_LIMITS[_process]
    values = {
        "statement_timeout": f"{limits.statement}s",
        "lock_timeout": f"{limits.lock}s",
        "idle_in_transaction_session_timeout": f"{limits.idle_in_transaction}s",
        # A machine that is gone is noticed because it doesn't answer.
        "tcp_keepalives_idle": "30",
        "tcp_keepalives_interval": "10",
        "tcp_keepalives_count": "3",
        "application_name": _session_name(),
        # Otherwise, plans of foreign-key checks that were made while a table was small are kept while it
        # grows.
        "plan_cache_mode": "force_custom_plan",
    }
    with signal["connection"].cursor() as cursor:
        columns = ", ".join("set_config(%s, %s, false)" for _ in values)
        cursor.execute(f"SELECT {columns}", [part for pair in values.items() for part in pair])
        # The statement of a killed process ends because its socket is closed. Servers on Windows can't.
        with suppress(DatabaseError):
            cursor.execute(f"SET client_connection_check_interval = '{_NOTICE_SECONDS}s'")


@contextmanager
def session_named(name: str) -> Iterator[None]:
    """Give this thread's sessions a name in `pg_stat_activity` while the block runs."""
    token = _name.set(name)
    try:
        _rename()
        yield
    finally:
        _name.reset(token)
        _rename()


def _session_name() -> str:
    return _name.get() or f"ssot {_process}"


def _rename() -> None:
    """Rename the open session; one that is broken gets its name when it is opened again."""
    if connection.connection is None:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('application_name', %s, false)", [_session_name()])
    except Error:
        connection.close()


def job_session(job: int, attempt: int) -> str:
    """Return the name of the sessions in which a worker runs one attempt of a job."""
    return f"ssot job {job} attempt {attempt}"


def end_sessions(name: str) -> int:
    """End the sessions with this name, whatever they run; return how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE application_name = %s AND datname = current_database() AND usename = current_user "
            "AND pid <> pg_backend_pid()",
            [name],
        )
        return int(cursor.fetchone()[0])


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """Break this thread's connection if the block takes longer, so that it fails with a database error.

    The limits of a session don't apply to a server that hangs, because the server itself enforces them.
    """
    ended = threading.Event()
    watch = threading.Thread(
        target=_break_late, args=(connections[DEFAULT_DB_ALIAS], seconds, ended), daemon=True
    )
    watch.start()
    try:
        yield
    finally:
        ended.set()


def _break_late(wrapper: Any, seconds: float, ended: threading.Event) -> None:
    """Break the connection after so many seconds, and then every second: it may only now be established."""
    while not ended.wait(seconds):
        seconds = 1.0
        with (
            suppress(OSError, psycopg.Error, AttributeError),
            socket.socket(fileno=os.dup(wrapper.connection.fileno())) as copy,
        ):
            copy.shutdown(socket.SHUT_RDWR)


def timeout_explained(error: BaseException) -> str:
    """Return what a limit has ended, and the setting of that limit; "" for any other error."""
    limits: Limits = settings.DATABASE_LIMITS[_process]
    cause = error.__cause__ or error
    state, text = getattr(cause, "sqlstate", None), str(cause)
    if state == "57014" and "statement timeout" in text:
        return (
            f"The database canceled a statement after {limits.statement} s; "
            f"{_process.upper()}_STATEMENT_TIMEOUT sets this limit."
        )
    if state == "55P03" and "lock timeout" in text:
        return (
            f"A statement waited longer than {limits.lock} s for rows that another transaction holds; "
            "LOCK_TIMEOUT sets this limit."
        )
    if state == "25P03":
        return (
            f"The database ended a transaction that was idle for {limits.idle_in_transaction} s; "
            "IDLE_TRANSACTION_TIMEOUT sets this limit."
        )
    return ""


def is_unavailable(error: BaseException) -> bool:
    """Return true if the database caused an error because it can't be reached, refuses or ended a session,
    has another secret key, or accepts no changes at the moment, for example during a failover.
    """
    return isinstance(error, OperationalError | InterfaceError | WrongKeyError) or _is_read_only(error)


def _is_read_only(error: BaseException) -> bool:
    return (
        getattr(error.__cause__ or error, "sqlstate", None) == psycopg.errors.ReadOnlySqlTransaction.sqlstate
    )


def accepts_changes() -> bool:
    """Return true unless the sessions of this process are read-only, as they are on a standby server."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('transaction_read_only') = 'off'")
        return bool(cursor.fetchone()[0])
