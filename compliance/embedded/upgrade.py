"""Moves the data of the embedded Postgres to another major version.

The data are copied with pg_dumpall into a new cluster, all rows of which are compared with those of the old
one before the two are exchanged. The old cluster is kept. Its server runs with read-only transactions, so an
interruption at any point leaves it as it was. (pg_upgrade would be faster, but needs clusters with the same
locale provider and the same checksums, which differ between versions here.)
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from compliance.embedded.cluster import (
    UPGRADED,
    PostgresError,
    exchange,
    kept_clusters,
    run_as,
    tail,
    written_by,
)
from compliance.embedded.comparison import Contents, differences, read_contents
from compliance.embedded.paths import DATABASE, ROLE, PostgresPaths
from compliance.embedded.piping import Child, pipe
from compliance.embedded.postgres import Postgres
from compliance.embedded.programs import Programs, programs_for
from compliance.embedded.server_processes import end_predecessor

Tell = Callable[[str], None]
Held = Callable[[], AbstractContextManager[None]]

RESERVE = 400_000_000
"""Bytes that must be free beside the copied databases: a new cluster's own files and its log of changes."""

_LOADING = {
    "fsync": "off",  # all files are written to disk before they are used
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "128MB",
    "maintenance_work_mem": "256MB",
}
_HEAD_LINES = 40
_PROBLEMS = ("ERROR:", "FATAL:", "PANIC:")
_LISTED = 10
_CREATE_ROLE = f"CREATE ROLE {ROLE};\n".encode()
_CHANGED = """
SELECT name, setting FROM pg_file_settings
WHERE applied AND lower(name) NOT IN (
    'autovacuum_worker_slots', 'datestyle', 'default_text_search_config', 'dynamic_shared_memory_type',
    'lc_messages', 'lc_monetary', 'lc_numeric', 'lc_time', 'log_timezone', 'max_connections', 'timezone')
AND (name, setting) NOT IN (
    ('shared_buffers', '128MB'), ('max_wal_size', '1GB'), ('min_wal_size', '80MB'))
ORDER BY name
"""
"""The settings in files that `initdb` doesn't write."""


@dataclass(frozen=True)
class Upgraded:
    """A finished upgrade: the cluster that is kept, what was copied, and the settings that were not."""

    kept: Path
    contents: Contents
    seconds: float
    settings: list[tuple[str, str]]


def upgrade(
    paths: PostgresPaths, target: Programs, log: Path, tell: Tell, held: Held = nullcontext
) -> Upgraded:
    """Copy the data into a new cluster of another version, compare all rows, and exchange the clusters.

    The caller holds the installation's lock.

    Args:
        tell: prints a line of progress.
        held: defers signals while the clusters are exchanged.

    Raises:
        PathsError: if the programs of the version that wrote the data were not found.
        PostgresError: if the disk is too full, a program fails, or something differs. The data are unchanged.
    """
    began, begin = time.monotonic(), log.stat().st_size if log.exists() else 0
    old = Postgres(paths, log, settings={"default_transaction_read_only": "on"})
    new = Postgres(
        replace(paths, name=UPGRADED, port=paths.port + 1),
        log,
        durable=False,
        programs=target,
        account=old.account,
        settings=_LOADING,
    )
    try:
        with _running(old):
            _require_space(old)
            with old.connect("postgres") as session:
                settings = session.execute(_CHANGED).fetchall()
            with _running(new):
                tell(f"Copying the data of Postgres {old.programs.name} to Postgres {target.name}.")
                _copy(old, new)
                tell("Comparing all rows.")
                contents = _compared(old, new)
                _analyze(new)
        tell("Writing everything to disk.")
        _sync(new)
        with held():
            kept = exchange(paths, new.paths.data, old.programs.major)
    except psycopg.Error as error:
        raise PostgresError(f"{str(error).strip()}\n{tail(log, begin, _PROBLEMS)}") from error
    except OSError as error:
        raise PostgresError(f"{paths.home} cannot be written: {error.strerror}.") from error
    finally:
        shutil.rmtree(new.paths.data, ignore_errors=True)
    return Upgraded(kept, contents, time.monotonic() - began, settings)


def roll_back(paths: PostgresPaths, log: Path) -> tuple[int, Path]:
    """Return to the cluster that was put aside last, and put the current one aside.

    The caller holds the installation's lock.

    Returns:
        the version of the cluster that is used now, and where the other one is kept.

    Raises:
        PathsError: if the programs of either version were not found.
        PostgresError: if no cluster is kept, or if they cannot be exchanged.
    """
    current = Postgres(paths, log)
    kept = kept_clusters(paths.home)
    if not kept:
        raise PostgresError(f"No earlier data are kept in {paths.home}.")
    version = written_by(kept[-1], current.account)
    programs_for(kept[-1])
    end_predecessor(paths)
    try:
        return version, exchange(paths, kept[-1], written_by(paths.data, current.account))
    except OSError as error:
        raise PostgresError(f"{paths.home} cannot be written: {error.strerror}.") from error


@contextmanager
def _running(server: Postgres) -> Iterator[None]:
    try:
        server.start()
        yield
    finally:
        server.stop()


def _require_space(old: Postgres) -> None:
    with old.connect("postgres") as session:
        row = session.execute("SELECT sum(pg_database_size(oid))::bigint FROM pg_database").fetchone()
    needed = int(row[0] if row else 0) + RESERVE
    free = shutil.disk_usage(old.paths.home).free
    if free < needed:
        raise PostgresError(
            f"{old.paths.home} has {free / 1e6:,.0f} MB free, and the copy needs {needed / 1e6:,.0f} MB. "
            "Make room, and try again."
        )


def _copy(old: Postgres, new: Postgres) -> None:
    """Copy all databases and roles. Raises PostgresError."""
    with new.connect("postgres") as session:
        session.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(DATABASE)))
    programs = new.programs.bin
    dump: list[str | Path] = [
        programs / "pg_dumpall",
        "--lock-wait-timeout=60s",
        f"--dbname={_conninfo(old)}",
    ]
    load: list[str | Path] = [
        programs / "psql",
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        f"--dbname={_conninfo(new)}",
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if (words := pipe(dump, load, environment, _pass_on)) is not None:
        last = words.splitlines()[-_LISTED:]
        raise PostgresError("The data could not be copied:\n" + "\n".join(f"  {line}" for line in last))


def _pass_on(reader: Child, source: IO[bytes], writer: Child, target: IO[bytes]) -> bool:
    """Copy the output of pg_dumpall without the role that the new cluster has already."""
    for line in islice(source, _HEAD_LINES):
        if line != _CREATE_ROLE:
            target.write(line)
    shutil.copyfileobj(source, target)
    target.close()
    return bool(reader.wait() or writer.wait())


def _conninfo(server: Postgres) -> str:
    return make_conninfo(host=str(server.paths.socket), port=server.paths.port, user=ROLE, dbname="postgres")


def _compared(old: Postgres, new: Postgres) -> Contents:
    before, after = read_contents(old.connect), read_contents(new.connect)
    if found := differences(before, after):
        more = f"\n  and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
        listed = "\n  ".join(found[:_LISTED])
        raise PostgresError(f"The copy differs from the data, which are still used:\n  {listed}{more}")
    return before


def _analyze(new: Postgres) -> None:
    with new.connect(DATABASE) as session:
        session.execute("ANALYZE")


def _sync(new: Postgres) -> None:
    """Write all files of the new cluster to disk. Raises PostgresError."""
    with new.log.open("ab") as output:
        begin = output.tell()
        if run_as(new.account, [new.bin / "initdb", "--sync-only", "-D", new.paths.data], output):
            raise PostgresError(f"The copy could not be written to disk:\n{tail(new.log, begin)}")
