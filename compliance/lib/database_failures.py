"""Says why the database can't be used: from an error to one of a few causes, with words and what to do."""

import re
from enum import StrEnum

from django.conf import settings
from django.core.management import CommandError
from django.db import DatabaseError, InterfaceError

from compliance.lib.free_space import free_bytes
from compliance.lib.product_files import command, start_command


class WrongKeyError(CommandError):
    """Raised if this process's secret key is not the one of the database."""


UNUSABLE = (DatabaseError, InterfaceError, WrongKeyError)
"""The errors of a database that can't be used now, or not by this process."""


class Cause(StrEnum):
    """Why the database can't be used."""

    UNREACHABLE = "unreachable"
    ACCESS = "access"
    MISSING = "missing"
    FULL = "full"
    SESSIONS = "sessions"
    STARTING = "starting"
    READ_ONLY = "read-only"
    KEY = "key"


SENTENCES = {
    Cause.UNREACHABLE: "The database isn't responding.",
    Cause.ACCESS: "The database refuses this server's user name or password.",
    Cause.MISSING: "The database doesn't exist on its server.",
    Cause.FULL: "The disk of the database is full.",
    Cause.SESSIONS: "All sessions of the database are in use.",
    Cause.STARTING: "The database is starting or stopping.",
    Cause.READ_ONLY: "The database accepts no changes.",
    Cause.KEY: "This server's secret key is not the installation's.",
}
"""A sentence for each cause, which pages show."""

FIXES = {
    Cause.UNREACHABLE: "Check DATABASE_URL: that server must be running and accept the connection.",
    Cause.ACCESS: (
        "Correct the user name and password in DATABASE_URL, or the rules in the server's pg_hba.conf."
    ),
    Cause.MISSING: (
        f"Create the database, or correct its name in DATABASE_URL; then run {command('migrate')}."
    ),
    Cause.FULL: "Make room on the disk of Postgres. All processes go on by themselves then.",
    Cause.SESSIONS: "Raise max_connections, or end other programs' sessions (pg_stat_activity).",
    Cause.STARTING: "Wait; the log of Postgres says what it is doing.",
    Cause.READ_ONLY: "Connect to the primary, or make its disk writable again.",
    Cause.KEY: "See the section “Secret key” of docs/deployment.md.",
}
"""What to do about each cause."""

_EMBEDDED_FIX = f"Start the product with {start_command()}, whose embedded Postgres this command uses."

_STATES = {
    "28P01": Cause.ACCESS,
    "28000": Cause.ACCESS,
    "3D000": Cause.MISSING,
    "53100": Cause.FULL,
    "53300": Cause.SESSIONS,
    "57P03": Cause.STARTING,
    "25006": Cause.READ_ONLY,
}
_TEXTS = (
    (re.compile(r"password authentication failed|no password supplied|no pg_hba.conf entry"), Cause.ACCESS),
    (re.compile(r"pg_hba.conf rejects connection|authentication failed for user"), Cause.ACCESS),
    (re.compile(r"role \".*\" does not exist|is not permitted to log in"), Cause.ACCESS),
    (re.compile(r"database \".*\" does not exist"), Cause.MISSING),
    (re.compile(r"No space left on device"), Cause.FULL),
    (re.compile(r"too many clients|remaining connection slots|too many connections"), Cause.SESSIONS),
    (
        re.compile(r"database system is (starting up|shutting down|in recovery)|not yet accepting"),
        Cause.STARTING,
    ),
)
"""libpq gives no SQLSTATE for a connection that was refused."""

_NO_SPACE = 2**20
"""Free bytes below which Postgres on the same disk can't start or write."""


def cause_of(error: BaseException) -> Cause:
    """Return the cause of an error that made the database unusable."""
    if isinstance(error, WrongKeyError):
        return Cause.KEY
    reason = error.__cause__ or error
    state, text = getattr(reason, "sqlstate", None), str(reason)
    if found := _STATES.get(state or ""):
        return found
    for pattern, cause in _TEXTS:
        if pattern.search(text):
            return cause
    if settings.EMBEDDED_POSTGRES and _is_disk_full():
        return Cause.FULL
    return Cause.UNREACHABLE


def _is_disk_full() -> bool:
    free = free_bytes(settings.DATA_DIR)
    return free is not None and free < _NO_SPACE


def fix_of(cause: Cause) -> str:
    """Return what to do about a cause."""
    is_embedded = settings.EMBEDDED_POSTGRES and cause == Cause.UNREACHABLE
    return _EMBEDDED_FIX if is_embedded else FIXES[cause]
