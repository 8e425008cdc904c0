"""Maintenance mode: pages are closed, and workers and beat begin nothing new, while an operator works on the
installation.

The row in Postgres applies to all machines. The file in a machine's data folder is a copy of it, for the time
in which Postgres doesn't respond. If the mode was switched on in that time, the file is recorded in Postgres
as soon as a process of the machine reaches it. The file is changed under a lock, because a process that acted
on what it read earlier could switch the mode on again after it was switched off.
"""

import fcntl
import json
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from compliance.lib.database_failures import UNUSABLE
from compliance.lib.database_limits import answered_within
from compliance.models import MaintenanceMode

log = logging.getLogger(__name__)

CHECK_EVERY = 2.0
"""Seconds after which a web process knows that the mode was switched on or off."""

SECONDS = 3.0
"""Seconds after which the database counts as not responding."""

SWITCH_SECONDS = 10.0
"""The same while the mode is switched on or off: on a busy machine, an operator rather waits."""

USUAL_DURATION = timedelta(hours=2)
"""Time after which maintenance without an announced end counts as overdue."""

_SHORTEST_WAIT, _USUAL_WAIT, _LONGEST_WAIT = 30, 120, 3600
"""Seconds after which clients should ask again: at least, without an announced end, and at most."""

_MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Maintenance:
    """Maintenance that is going on. `until` is the end that was announced, if any.

    `is_recorded` is false if it is known to this machine only, because Postgres didn't respond.
    """

    began_at: datetime
    until: datetime | None = None
    message: str = ""
    is_recorded: bool = True

    def seconds(self, now: datetime) -> float:
        """Return the seconds since it began."""
        return max((now - self.began_at).total_seconds(), 0.0)

    def seconds_overdue(self, now: datetime) -> float:
        """Return the seconds since its announced or usual end, or 0."""
        return max((now - (self.until or self.began_at + USUAL_DURATION)).total_seconds(), 0.0)

    def retry_after(self, now: datetime) -> int:
        """Return the seconds after which a client should ask again."""
        if self.until is None or self.until <= now:
            return _USUAL_WAIT if self.until is None else _SHORTEST_WAIT
        return min(max(int((self.until - now).total_seconds()), _SHORTEST_WAIT), _LONGEST_WAIT)


class _Known:
    """What this process knows."""

    value: Maintenance | None = None


def current() -> Maintenance | None:
    """Return the maintenance that is going on as this web process knows it, without asking the database."""
    return _Known.value


def is_noted() -> bool:
    """Return whether this machine's file says that maintenance is going on, which it does at once."""
    return _path().exists()


def begin(message: str = "", until: datetime | None = None) -> Maintenance:
    """Switch maintenance mode on, or change its message and announced end.

    `is_recorded` of the result is false if it couldn't be stored in Postgres, and applies to this machine
    only.
    Raises OSError if the data folder can't be written then.
    """
    with _alone():
        return _begin(message, until)


def _begin(message: str, until: datetime | None) -> Maintenance:
    try:
        with answered_within(SWITCH_SECONDS):
            row, _ = MaintenanceMode.objects.update_or_create(
                id=1, defaults={"message": message, "until": until}
            )
            row.refresh_from_db()
        found = Maintenance(row.began_at, row.until, row.message)
    except UNUSABLE:
        connection.close()
        earlier = _read()
        began = earlier.began_at if earlier else timezone.now()
        found = Maintenance(began, until, message, is_recorded=False)
        _write(found)
    else:
        with suppress(OSError):
            _write(found)
    return found


def end() -> bool:
    """Switch maintenance mode off. Return false if it wasn't on.

    Raises a database error if it may be recorded in Postgres, which doesn't respond.
    """
    with _alone():
        return _end()


def _end() -> bool:
    noted = _read()
    try:
        with answered_within(SWITCH_SECONDS):
            was_on = bool(MaintenanceMode.objects.all().delete()[0])
    except UNUSABLE:
        if noted is None or noted.is_recorded:
            raise
        connection.close()
        was_on = False
    _path().unlink(missing_ok=True)
    return was_on or noted is not None


def is_on() -> bool:
    """Return whether maintenance mode is on. Raises database errors."""
    return MaintenanceMode.objects.exists()


def find() -> Maintenance | None:
    """Return the maintenance that is going on: what Postgres says or, if it doesn't respond, the file."""
    noted = _read()
    try:
        with answered_within(SECONDS):
            row = MaintenanceMode.objects.first()
    except UNUSABLE as error:
        connection.close()
        log.debug("Maintenance mode cannot be read: %s", error)
        return noted
    if row is None:
        return noted if noted and not noted.is_recorded else None
    return Maintenance(row.began_at, row.until, row.message)


def refresh() -> Maintenance | None:
    """Bring this machine's file and Postgres in line, and return the maintenance that is going on.

    A data folder that can't be written keeps the file as it is.
    """
    noted, found = _read(), find()
    if found == noted and (found is None or found.is_recorded):
        return found
    try:
        with _alone():
            return _align(find())
    except OSError as error:
        log.debug("The copy of maintenance mode cannot be written: %s", error)
        return found


def _align(found: Maintenance | None) -> Maintenance | None:
    if found is None:
        _path().unlink(missing_ok=True)
    elif found.is_recorded:
        _write(found)
    else:
        found = _record(found)
    return found


def _record(noted: Maintenance) -> Maintenance:
    """Store in Postgres what was switched on while it didn't respond, if it responds now."""
    values = {"began_at": noted.began_at, "until": noted.until, "message": noted.message}
    try:
        with answered_within(SECONDS):
            MaintenanceMode.objects.get_or_create(id=1, defaults=values)
    except UNUSABLE:
        connection.close()
        return noted
    found = replace(noted, is_recorded=True)
    _write(found)
    return found


def watch(when_off: Callable[[], None]) -> None:
    """Keep `current` up to date in this web process, from a thread with its own connection.

    Args:
        when_off: called by that thread every few seconds while the mode is off.
    """
    _Known.value = _read()
    threading.Thread(target=_watch, args=(when_off,), name="maintenance", daemon=True).start()


def _watch(when_off: Callable[[], None]) -> None:
    while True:
        try:
            _Known.value = refresh()
            if _Known.value is None:
                when_off()
        except Exception:  # the thread must go on, whatever is wrong
            log.exception("Maintenance mode cannot be read")
            connection.close()
        time.sleep(CHECK_EVERY)


@contextmanager
def _alone() -> Iterator[None]:
    """Let one thread of this machine at a time change the file, and Postgres together with it."""
    lock = os.open(settings.DATA_DIR, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        fcntl.flock(lock, fcntl.LOCK_UN)  # a process that was forked meanwhile has the same open file
        os.close(lock)


def _path() -> Path:
    folder: Path = settings.DATA_DIR
    return folder / "maintenance.json"


def _read() -> Maintenance | None:
    """Return what the file says. One that can't be understood still means that maintenance is going on."""
    path = _path()
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES)
            written = os.fstat(file.fileno()).st_mtime
    except OSError:
        return None
    found = Maintenance(datetime.fromtimestamp(written, timezone.get_default_timezone()), is_recorded=False)
    with suppress(ValueError, TypeError, KeyError, RecursionError):
        values = json.loads(text)
        until = values["until"] and _moment(values["until"])
        found = replace(
            found,
            began_at=_moment(values["began_at"]),
            until=until or None,
            message=str(values["message"]),
            is_recorded=values["is_recorded"] is True,
        )
    return found


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return found


def _write(found: Maintenance) -> None:
    """Replace the file. Raises OSError."""
    path = _path()
    values = {
        "began_at": found.began_at.isoformat(),
        "until": found.until and found.until.isoformat(),
        "message": found.message,
        "is_recorded": found.is_recorded,
    }
    partial = path.with_name(f".{path.name}-{os.getpid()}-{threading.get_ident()}")
    try:
        partial.write_text(json.dumps(values))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
