"""Finds out what is wrong with an installation, and how to fix it (`manage.py doctor`).

Each check is independent of the others, except that those of the records need Postgres.
"""

import io
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings
from django.core import checks
from django.core.management import CommandError
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Max
from django.db.models.functions import Now
from django.utils import timezone

from compliance.accounts.installation_key import WrongKeyError
from compliance.embedded.data_folders import data_folders
from compliance.jobs.health import check_work
from compliance.lib.database_limits import accepts_changes, answered_within
from compliance.lib.wording import count_of
from compliance.management import startup_steps
from compliance.models import Connection, Job, OutboxItem, Repository

LEAST_SPACE = 2**30
"""Number of free bytes below which a clone or a patch may soon fail."""

MOST_DRIFT = 5.0
"""Seconds by which this machine's clock may differ from that of Postgres."""

SECONDS = 10.0
"""Time after which a database counts as not responding, in seconds."""

_LISTED = 10
"""Number of repositories, connections and kinds of jobs that are named one by one."""


class Level(StrEnum):
    """How bad a finding is. With an error, something doesn't work now."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What one check found. `fix` says what to do, and is empty if nothing needs to be done."""

    level: Level
    subject: str
    message: str
    fix: str = ""


def examine() -> Iterator[Diagnosis]:
    """Yield what is found, in the order in which it should be fixed."""
    yield from _data_folder()
    yield from _programs()
    reached = True
    for diagnosis in _database():
        reached = reached and diagnosis.level != Level.ERROR
        yield diagnosis
    yield from _broker()
    if reached:
        for check in (_work, _failed_jobs, _repositories, _connections, _outbox):
            yield from _guarded(check)
    yield from _deployment()


def _guarded(check: Callable[[], Iterator[Diagnosis]]) -> Iterator[Diagnosis]:
    try:
        yield from check()
    except Error as error:
        yield Diagnosis(Level.ERROR, "Database", f"A query failed: {str(error).strip()}")


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
            "Make room, or mount it writable and give it to the user who runs the product; or set DATA_DIR.",
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
            "List and delete them with manage.py data_folders.",
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


def _database() -> Iterator[Diagnosis]:
    try:
        with answered_within(SECONDS):
            yield from _describe_database()
    except WrongKeyError as error:
        yield Diagnosis(Level.ERROR, "Secret key", str(error))
    except Error as error:
        first = (str(error).strip() or "no message").splitlines()[0]
        fix = (
            "Start the product with make up, whose embedded Postgres this command uses."
            if settings.EMBEDDED_POSTGRES
            else "Check DATABASE_URL: that server must be running and accept the connection."
        )
        yield Diagnosis(Level.ERROR, "Database", f"Postgres does not respond: {first}", fix)


def _describe_database() -> Iterator[Diagnosis]:
    version, size, encoding, drift = _facts()
    yield Diagnosis(Level.OK, "Database", f"Postgres {version}, {size // 2**20:,} MB.")
    if not accepts_changes():
        yield Diagnosis(
            Level.ERROR, "Database", "It is read-only, so nothing can be recorded.", "Connect to the primary."
        )
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
            "Run manage.py migrate.",
        )
    unknown = set(executor.loader.applied_migrations) - set(executor.loader.disk_migrations)
    if newer := sorted(name for app, name in unknown if app == "compliance"):
        yield Diagnosis(
            Level.ERROR,
            "Migrations",
            f"The database was migrated by a newer release (up to {newer[-1]}).",
            "Install that release, or restore a backup of this one.",
        )
    if abs(drift) > MOST_DRIFT:
        yield Diagnosis(
            Level.WARNING,
            "Clock",
            f"This machine's clock differs from that of Postgres by {drift:+.0f} s.",
            "Synchronise both with NTP. Jobs use the clock of Postgres, so none is lost.",
        )


def _facts() -> tuple[str, int, str, float]:
    """Return the version of Postgres, the size of the database in bytes, its encoding, and by how many
    seconds this machine's clock is ahead.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), pg_database_size(current_database()),"
            " current_setting('server_encoding'),"
            " extract(epoch FROM %s::timestamptz - clock_timestamp())::float8",
            [timezone.now()],
        )
        facts: tuple[str, int, str, float] = cursor.fetchone()
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


_OF_HTTPS = frozenset(("security.W004", "security.W012", "security.W016"))
_FIXES = {
    "worker": "Start one: celery -A compliance worker. Its log says why it ended.",
    "queue": "Look at the scans page for the jobs, and start more workers if all are busy.",
    "beat": "Start it: celery -A compliance beat.",
    "broker": "Check BROKER_URL on the workers' machines, and the broker's log.",
}


def _work() -> Iterator[Diagnosis]:
    for name, state in check_work().items():
        if state == "ok":
            yield Diagnosis(Level.OK, name.capitalize(), "It works.")
        else:
            yield Diagnosis(Level.ERROR, name.capitalize(), f"{state}.", _FIXES[name])


def _failed_jobs() -> Iterator[Diagnosis]:
    failed = Job.objects.filter(state=Job.State.BURIED, finished_at__gt=Now() - timedelta(days=1))
    kinds = failed.order_by().values("kind").annotate(count=Count("pk"), newest=Max("pk")).order_by("kind")
    for row in kinds[:_LISTED]:
        error = Job.objects.get(pk=row["newest"]).error.strip().splitlines()
        words = f"{count_of(row['count'], 'job')} of the kind {row['kind']} failed within a day."
        last = f" The newest says: {error[-1][:300]}" if error else ""
        yield Diagnosis(
            Level.WARNING, "Jobs", words + last, "The scans page lists them, and can run them again."
        )


def _repositories() -> Iterator[Diagnosis]:
    troubled = Repository.objects.exclude(trouble="").order_by("slug")
    for row in troubled[:_LISTED]:
        words = f"{row.slug}: {row.trouble_title}. {row.trouble.strip().splitlines()[0][:300]}"
        yield Diagnosis(Level.WARNING, "Repository", words, "Its page says what to do.")
    if (more := troubled.count() - _LISTED) > 0:
        words = f"{count_of(more, 'more repository', 'more repositories')} in trouble."
        yield Diagnosis(Level.WARNING, "Repository", words, "The home page lists them.")


def _connections() -> Iterator[Diagnosis]:
    for row in Connection.objects.order_by("slug"):
        if row.is_failing:
            words = f"{row.slug}: the last call failed: {row.last_failure.strip()[:300]}"
            yield Diagnosis(Level.WARNING, "Connection", words, "Test it on its page, and renew its token.")


def _outbox() -> Iterator[Diagnosis]:
    failed = OutboxItem.objects.filter(state=OutboxItem.State.FAILED)
    rows = failed.order_by().values("channel").annotate(count=Count("pk"), newest=Max("pk"))
    for row in rows.order_by("channel")[:_LISTED]:
        outcome = OutboxItem.objects.get(pk=row["newest"]).outcome.strip()[:300]
        words = f"{count_of(row['count'], 'item')} could not be sent by {row['channel']}: {outcome}"
        yield Diagnosis(Level.WARNING, "Outbox", words, "The outbox page sends them again.")


def _deployment() -> Iterator[Diagnosis]:
    """Yield what `manage.py check --deploy` warns about. What HTTPS decides is said once."""
    for found in checks.run_checks(include_deployment_checks=True):
        if not found.is_silenced() and found.id not in _OF_HTTPS:
            level = Level.ERROR if found.is_serious() else Level.WARNING
            yield Diagnosis(level, "Settings", f"{found.msg} ({found.id})", found.hint or "")
    if not settings.ENVIRONMENT.https:
        yield Diagnosis(
            Level.WARNING,
            "Settings",
            "HTTPS is not set, so cookies are also sent over unencrypted connections.",
            "Set HTTPS=1 if a proxy serves the pages over HTTPS and sets X-Forwarded-Proto.",
        )


def describe(diagnoses: list[Diagnosis]) -> str:
    """Return the text for a terminal."""
    text = io.StringIO()
    for found in diagnoses:
        text.write(f"{found.level:<8} {found.subject:<14} {found.message}\n")
        if found.fix:
            text.write(f"{'':<24}To do: {found.fix}\n")
    errors = sum(found.level == Level.ERROR for found in diagnoses)
    warnings = sum(found.level == Level.WARNING for found in diagnoses)
    text.write(f"{count_of(errors, 'error')}, {count_of(warnings, 'warning')}.\n")
    return text.getvalue()
