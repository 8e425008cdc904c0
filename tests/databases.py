"""The tests' databases: emptied after each test, and copied for each process of a run with several."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from django.test import TransactionTestCase
from psycopg import sql

from compliance.accounts.installation_key import keep_fingerprint

TEMPLATE = "ssot_test_template"
MANY_BYTES = 65_536
"""Size of a table above which removing its file is faster than deleting its rows."""

_OF_MODELS = ("django_content_type", "auth_permission")
"""Tables that Django fills when it migrates."""

_LARGE = """
SELECT relname FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(%s) AND pg_relation_size(oid) > %s
"""


def empty_quickly() -> None:
    """Let Django delete rows after a test, instead of truncating a hundred tables with their indexes.

    Truncating replaces some 600 files, which takes ten times as long as deleting the few rows of a test.
    """
    DatabaseOperations.sql_flush = _sql_flush  # type: ignore[assignment, method-assign]
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]


def _empty(case: Any) -> None:
    # Django would check two permissions of each model again, which no test removes.
    for name in case._databases_names(include_mirrors=False):
        call_command(
            "flush",
            verbosity=0,
            interactive=False,
            database=name,
            reset_sequences=False,
            inhibit_post_migrate=True,
        )
    keep_fingerprint()


def _sql_flush(
    operations: DatabaseOperations,
    style: Any,
    tables: Sequence[str],
    *,
    reset_sequences: bool = False,
    allow_cascade: bool = False,
) -> list[str]:
    tables = [name for name in tables if name not in _OF_MODELS]
    if not tables:
        return []
    with operations.connection.cursor() as cursor:
        cursor.execute(_LARGE, [list(tables), MANY_BYTES])
        large = [name for (name,) in cursor.fetchall()]
    names = {name: operations.quote_name(name) for name in tables}
    # Rows are deleted in any order, also those that triggers protect.
    parts = ["SET LOCAL session_replication_role = replica"]
    truncated = tables if reset_sequences else large
    parts += [f"DELETE FROM {names[name]}" for name in tables if name not in truncated]
    if truncated:
        identity = "RESTART IDENTITY " if reset_sequences else ""
        parts.append(f"TRUNCATE {', '.join(names[name] for name in truncated)} {identity}CASCADE")
    return ["; ".join(parts)]


def use_template() -> None:
    """Let Django create this process's test database as a copy of one that the first process has migrated.

    On a server that outlives the session, nobody would remove the template, so each process migrates there.
    """
    settings = connection.settings_dict
    host = settings["HOST"] or settings.get("OPTIONS", {}).get("host", "")
    if not str(host).startswith(os.environ["SSOT_TEST_SESSION"]):
        return
    with _alone():
        _make_template()
    settings["TEST"]["TEMPLATE"] = TEMPLATE


def _make_template() -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE])
        if cursor.fetchone():
            return
        partial = f"{TEMPLATE}_partial"  # renamed once it is complete
        for command in ("DROP DATABASE IF EXISTS {}", "CREATE DATABASE {}"):
            cursor.execute(sql.SQL(command).format(sql.Identifier(partial)))
        name = connection.settings_dict["NAME"]
        connection.close()
        connection.settings_dict["NAME"] = partial
        try:
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            connection.close()
            connection.settings_dict["NAME"] = name
        cursor.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(partial), sql.Identifier(TEMPLATE)
            )
        )


@contextmanager
def _alone() -> Iterator[None]:
    """Hold a lock that all processes of this session share."""
    lock = os.open(Path(os.environ["SSOT_TEST_SESSION"]) / "template", os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
