"""Finds out what is wrong with an installation, and how to fix it (`manage.py doctor`).

Each check is independent of the others, except that those of the records need Postgres.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from django.conf import settings
from django.core.management import CommandError
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from compliance.embedded.data_folders import data_folders
from compliance.environment import local_host_of
from compliance.integrations import kept_webhooks
from compliance.jobs import maintenance_mode
from compliance.lib.database_failures import SENTENCES, Cause, WrongKeyError, cause_of, fix_of
from compliance.lib.database_limits import accepts_changes, answered_within
from compliance.lib.product_files import command, start_command
from compliance.lib.wording import count_of, first_line
from compliance.management import startup_steps
from compliance.management.diagnosis import Diagnosis, Level
from compliance.management.doctor_postgres import examine_embedded
from compliance.management.doctor_records import examine_records
from compliance.management.doctor_settings import examine_settings
from compliance.queries.problems import FIX_OF_FOLDER

LEAST_SPACE = 2**30
"""Number of free bytes below which a clone or a patch may soon fail."""

SECONDS = 10.0
"""Time after which a database counts as not responding, in seconds."""


def examine() -> Iterator[Diagnosis]:
    """Yield what is found, in the order in which it should be fixed."""
    yield from _data_folder()
    yield from _programs()
    reached = True
    for diagnosis in _database():
        reached = reached and diagnosis.level != Level.ERROR
        yield diagnosis
    yield from _broker()
    yield from _maintenance()
    if reached:
        yield from examine_records()
    yield from _web()
    yield from examine_settings()


def _data_folder() -> Iterator[Diagnosis]:
    folder = settings.DATA_DIR
    probe = folder / f".doctor-{os.getpid()}"
    try:
        probe.write_bytes(b"x" * 4096)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        yield Diagnosis(
            Level.ERROR,
            "Data folder",
            f"{folder} cannot be written: {error.strerror}.",
            FIX_OF_FOLDER,
        )
        return
    finally:
        with suppress(OSError):
            probe.unlink(missing_ok=True)
    level = Level.OK if free >= LEAST_SPACE else Level.WARNING
    fix = "" if level == Level.OK else "Make room, or move the folder and set DATA_DIR."
    yield Diagnosis(level, "Data folder", f"{folder}, {free // 2**20:,} MB free.", fix)
    unused = [folder for folder in data_folders() if not folder.is_running and not folder.is_linked]
    if unused:
        yield Diagnosis(
            Level.WARNING,
            "Left-over data",
            f"{count_of(len(unused), 'database')} of removed checkouts.",
            f"List and delete them with {command('data_folders')}.",
        )


def _programs() -> Iterator[Diagnosis]:
    try:
        version = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True).stdout
        yield Diagnosis(Level.OK, "Git", f"{version.strip()}.")
    except (OSError, subprocess.CalledProcessError) as error:
        yield Diagnosis(Level.ERROR, "Git", f"git cannot be run: {error}", "Install git 2.38 or newer.")
    try:
        startup_steps.check_front_end()
    except CommandError as error:
        yield Diagnosis(Level.ERROR, "Front end", str(error))
    yield from examine_embedded()


def _database() -> Iterator[Diagnosis]:
    try:
        with answered_within(SECONDS):
            yield from _describe_database()
    except WrongKeyError as error:
        yield Diagnosis(Level.ERROR, "Secret key", str(error))
    except Error as error:
        cause = cause_of(error)
        words = "Postgres does not respond" if cause == Cause.UNREACHABLE else SENTENCES[cause].rstrip(".")
        yield Diagnosis(Level.ERROR, "Database", f"{words}: {first_line(error)}", fix_of(cause))


def _describe_database() -> Iterator[Diagnosis]:
    version, size, encoding = _facts()
    yield Diagnosis(Level.OK, "Database", f"Postgres {version}, {size // 2**20:,} MB.")
    if not accepts_changes():
        yield Diagnosis(
            Level.ERROR,
            "Database",
            "It is read-only, so nothing can be recorded.",
            fix_of(Cause.READ_ONLY),
        )
    else:
        _write_temporarily()
    if encoding != "UTF8":
        yield Diagnosis(
            Level.ERROR, "Database", f"Its encoding is {encoding}.", "Create it anew with the encoding UTF8."
        )
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield Diagnosis(
            Level.ERROR,
            "Migrations",
            f"{count_of(len(missing), 'migration')} not applied.",
            f"Run {command('migrate')}.",
        )
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
    if newer := sorted(name for app, name in unknown if app == "compliance"):
        yield Diagnosis(
            Level.ERROR,
            "Migrations",
            f"The database was migrated by a newer release (up to {newer[-1]}).",
            "Install that release, or restore a backup of this one.",
        )


def _write_temporarily() -> None:
    """Write 1 MB that no other session sees, and that is gone at once. Raises a database error on a full
    disk.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE doctor ON COMMIT DROP AS"
            " SELECT repeat(md5(n::text), 32) AS filler FROM generate_series(1, 1000) AS n"
        )
        cursor.execute("DROP TABLE doctor")


def _facts() -> tuple[str, int, str]:
    """Return the version of Postgres, the size of the database in bytes, and its encoding."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), pg_database_size(current_database()),"
            " current_setting('server_encoding')"
        )
        facts: tuple[str, int, str] = cursor.fetchone()
        return facts


def _broker() -> Iterator[Diagnosis]:
    if settings.QUEUE_IN_POSTGRES:
        return
    try:
        startup_steps.check_broker()
        yield Diagnosis(Level.OK, "Broker", "It responds.")
    except CommandError as error:
        words, _, fix = str(error).partition("\n")
        yield Diagnosis(Level.ERROR, "Broker", f"It does not respond: {words}", fix)


def _maintenance() -> Iterator[Diagnosis]:
    if found := maintenance_mode.find():
        overdue = found.seconds_overdue(timezone.now())
        yield Diagnosis(
            Level.WARNING,
            "Maintenance",
            f"Maintenance mode is on since {found.began_at:%Y-%m-%d %H:%M %Z}"
            + (", longer than announced" if overdue else "")
            + ": pages are closed and jobs wait.",
            f"End it with {command('maintenance off')}.",
        )
    if files := kept_webhooks.failed():
        yield Diagnosis(
            Level.WARNING,
            "Kept webhooks",
            f"{count_of(len(files), 'webhook')} that arrived in maintenance mode could not be received. The "
            "log of the web server says why.",
            f"Once the cause is gone, rename {files[0]} so that it ends with .webhook, and the others "
            f"likewise. They are deleted after {count_of(settings.ENVIRONMENT.delivery_body_days, 'day')}.",
        )


def _web() -> Iterator[Diagnosis]:
    """Say whether a web server responds on this machine. In a larger installation, it may run elsewhere."""
    address = f"http://{local_host_of(settings.BIND)}:{settings.PORT}/livez"
    try:
        build_opener(ProxyHandler({})).open(address, timeout=SECONDS).close()
    except HTTPError as error:
        yield Diagnosis(
            Level.WARNING,
            "Web server",
            f"{address} responds with {error.code}, so another program may use the port.",
            "Set PORT and BIND as for the web server.",
        )
    except OSError as error:
        reason = getattr(error, "reason", error)
        yield Diagnosis(
            Level.ERROR if settings.EMBEDDED_POSTGRES else Level.WARNING,
            "Web server",
            f"None responds on this machine at {address}: {reason}",
            f"Start it: {command('web')}, or {start_command()} for everything. Its log says why it ended.",
        )
    else:
        yield Diagnosis(Level.OK, "Web server", f"It responds at {address}.")
