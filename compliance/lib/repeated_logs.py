"""A log handler that writes an error once, then a count: a full disk must not fill the log."""

import logging
import re
import sys
import threading
import time
from dataclasses import dataclass

WINDOW = 60.0
"""Seconds for which an equal error is only counted."""

MOST = 500
"""Errors that are remembered at once; beyond them all are forgotten."""

_VARIES = re.compile(r"0x[0-9a-f]+|\d+|\"[^\"]*\"")

Key = tuple[str, int, str, str]


@dataclass
class _Seen:
    """An error that was written, and how often it came again since."""

    record: logging.LogRecord
    at: float
    again: int = 0


class CountingHandler(logging.StreamHandler):  # type: ignore[type-arg]  # the stream is standard error
    """Writes each error once a minute, and then how many more came; numbers and quoted words may differ.

    An error that lies outside the program (a full disk, a database or broker that is away) has no traceback.
    """

    def __init__(self) -> None:
        """Write to standard error."""
        super().__init__(sys.stderr)
        self._seen: dict[Key, _Seen] = {}
        self._timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write or count a record."""
        if record.levelno < logging.ERROR and not record.exc_info:
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
        """Write the counts whose minute is over; a timer calls it."""
        with self.lock or threading.RLock():
            self._timer = None
            self._write_counts(time.monotonic())
            if self._seen:
                self._wait()

    def _wait(self) -> None:
        if self._timer is None or not self._timer.is_alive():  # also in a process forked meanwhile
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
    """Return the record with one line instead of the traceback of an error outside the program."""
    error = record.exc_info[1] if record.exc_info else None
    if not _is_outside(error):
        return record
    first = (str(error).strip() or "no message").splitlines()[0]
    return _copy(record, f"{record.getMessage()} ({type(error).__name__}: {first})")


def _is_outside(error: BaseException | None) -> bool:
    names = {kind.__name__ for kind in type(error).__mro__}
    return isinstance(error, OSError) or bool(names & {"OperationalError", "InterfaceError"})


def _count(seen: _Seen) -> logging.LogRecord:
    return _copy(seen.record, f"{seen.again} more in {WINDOW:g} s: {seen.record.getMessage()}")


def _copy(record: logging.LogRecord, message: str) -> logging.LogRecord:
    return logging.LogRecord(record.name, record.levelno, record.pathname, record.lineno, message, None, None)
