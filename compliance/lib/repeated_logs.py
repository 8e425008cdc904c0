"""A log handler that writes a repeated error only once and then counts it, so that, for example, a full disk
doesn't flood the log.
"""

import logging
import re
import sys
import threading
import time
from dataclasses import dataclass

from compliance.lib.wording import first_line

WINDOW = 60.0
"""Number of seconds for which an identical error is only counted."""

MOST = 500
"""Maximum number of errors to remember. Once it is reached, all of them are forgotten."""

_VARIES = re.compile(r"0x[0-9a-f]+|\d+|\"[^\"]*\"")

_COUNTED = {"psycopg.pool"}
"""Loggers whose warnings are counted as well. They repeat every second while Postgres is unavailable."""
_OUTSIDE = {"OperationalError", "InterfaceError", "ReadOnlySqlTransaction"}
Key = tuple[str, int, str, str]


@dataclass
class _Seen:
    """An error that has been written, and the number of times that it has occurred since."""

    record: logging.LogRecord
    at: float
    again: int = 0


class CountingHandler(logging.StreamHandler):  # type: ignore[type-arg]  # the stream is standard error
    """Writes each error at most once a minute, followed by the number of repetitions. Errors that differ only
    in numbers or quoted text count as identical.

    Errors with external causes (a full disk, or a database or broker that is unavailable) are written without
    a traceback.
    """

    def __init__(self) -> None:
        """Write to standard error."""
        super().__init__(sys.stderr)
        self._seen: dict[Key, _Seen] = {}
        self._timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record or count it."""
        if record.levelno < logging.ERROR and not record.exc_info and record.name not in _COUNTED:
            super().emit(record)
            return
        self._write_counts(time.monotonic())
        key = _key(record)
        seen = self._seen.get(key)
        if seen is not None:
            seen.again += 1
            return
        if len(self._seen) >= MOST:
            self._seen.clear()
        self._seen[key] = _Seen(record, time.monotonic())
        self._wait()
        super().emit(_without_traceback(record))

    def flush_counts(self) -> None:
        """Write the counts of the errors whose minute has passed. Called by a timer."""
        with self.lock or threading.RLock():
            self._timer = None
            if getattr(self.stream, "closed", False):
                return
            self._write_counts(time.monotonic())
            if self._seen:
                self._wait()

    def _wait(self) -> None:
        # also applies to processes that have been forked in the meantime
        if self._timer is None or not self._timer.is_alive():
            self._timer = threading.Timer(WINDOW, self.flush_counts)
            self._timer.daemon = True
            self._timer.start()

    def _write_counts(self, now: float) -> None:
        for key, seen in list(self._seen.items()):
            if now - seen.at < WINDOW:
                continue
            del self._seen[key]
            if seen.again:
                super().emit(_count(seen))


def _key(record: logging.LogRecord) -> Key:
    error = f"{record.exc_info[0]} {record.exc_info[1]}" if record.exc_info else ""
    message, cause = (_VARIES.sub("#", text)[:300] for text in (record.getMessage(), error))
    return record.name, record.levelno, message, cause


def _without_traceback(record: logging.LogRecord) -> logging.LogRecord:
    """Return the record with a single line in place of the traceback if the error has an external cause."""
    error = record.exc_info[1] if record.exc_info else None
    if not _is_outside(error):
        return record
    return _copy(record, f"{record.getMessage()} ({type(error).__name__}: {first_line(error)})")


def _is_outside(error: BaseException | None) -> bool:
    kinds = (*type(error).__mro__, *type(error.__cause__ if error else None).__mro__)
    return isinstance(error, OSError) or bool({kind.__name__ for kind in kinds} & _OUTSIDE)


def _count(seen: _Seen) -> logging.LogRecord:
    return _copy(seen.record, f"{seen.again} more in {WINDOW:g} s: {seen.record.getMessage()}")


def _copy(record: logging.LogRecord, message: str) -> logging.LogRecord:
    return logging.LogRecord(record.name, record.levelno, record.pathname, record.lineno, message, None, None)
