"""An error is logged once, then counted, and without a traceback if it lies outside the program."""

import io
import logging
import threading
from collections.abc import Callable

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from compliance.lib import repeated_logs
from compliance.lib.logs import PlainFormatter
from compliance.lib.repeated_logs import CountingHandler
from compliance.models import Heartbeat


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(stream: io.StringIO) -> logging.Logger:
    handler = CountingHandler()
    handler.setStream(stream)
    handler.setFormatter(PlainFormatter())
    logger = logging.Logger("test")
    logger.addHandler(handler)
    return logger


def fail(log: logging.Logger, number: int, error: Exception) -> None:
    try:
        raise error
    except Exception:
        log.exception("Job %s failed", number)


def handler_of(log: logging.Logger) -> CountingHandler:
    (handler,) = log.handlers
    assert isinstance(handler, CountingHandler)
    return handler


@pytest.mark.parametrize(
    "error",
    [
        lambda number: OSError(28, "No space left on device"),
        lambda number: OperationalError(
            f'could not extend file "base/16384/{number}": No space left on device'
        ),
        lambda number: ConnectionRefusedError(111, "Connection refused"),
    ],
)
def test_a_full_disk_is_one_line_and_a_count(
    log: logging.Logger,
    stream: io.StringIO,
    error: Callable[[int], Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(845):
        fail(log, number, error(number))
    assert len(stream.getvalue().splitlines()) == 1
    assert "Job 0 failed" in stream.getvalue()
    assert "Traceback" not in stream.getvalue()
    monkeypatch.setattr(repeated_logs, "WINDOW", 0.0)
    handler_of(log).flush_counts()
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    assert "844 more in" in lines[1]


class Watched:
    """A lock that counts how often a block was entered with it."""

    def __init__(self) -> None:
        self.entered, self._lock = 0, threading.RLock()
        self.acquire, self.release = self._lock.acquire, self._lock.release

    def __enter__(self) -> None:
        self.entered += 1
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def test_counts_are_written_under_the_lock_of_the_log(log: logging.Logger) -> None:
    """A timer writes them in a thread of its own, while others write."""
    fail(log, 1, OSError(28, "No space left on device"))
    handler, lock = handler_of(log), Watched()
    handler.lock = lock  # type: ignore[assignment]
    handler.flush_counts()
    assert lock.entered == 1


def test_an_error_of_the_program_keeps_its_traceback_once(log: logging.Logger, stream: io.StringIO) -> None:
    for number in range(3):
        fail(log, number, ValueError("no plan"))
    fail(log, 3, ValueError("no rule"))
    assert stream.getvalue().count("Traceback") == 2
    log.warning("Login failed")
    log.warning("Login failed")
    assert stream.getvalue().count("Login failed") == 2


def test_the_error_of_postgres_for_a_full_disk_is_taken_for_one(
    log: logging.Logger, stream: io.StringIO, db: None
) -> None:
    """The server raises it with its own code, as it does when it cannot extend a file."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.full() RETURNS trigger LANGUAGE plpgsql AS"
            " $$BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'could not extend file'; END$$;"
            "CREATE TRIGGER full_disk BEFORE INSERT ON compliance_heartbeat"
            " FOR EACH ROW EXECUTE FUNCTION pg_temp.full()"
        )
    for number in range(5):
        try:
            with transaction.atomic():
                Heartbeat.objects.create(name=str(number))
        except DatabaseError:
            log.exception("No heartbeat")
    assert stream.getvalue().count("\n") == 1
    assert "could not extend file" in stream.getvalue()


def test_warnings_of_a_pool_without_a_server_are_counted(stream: io.StringIO, log: logging.Logger) -> None:
    for number in range(1, 60):
        pool = logging.LogRecord(
            "psycopg.pool", logging.WARNING, "", 1, f"error in 'pool-{number}'", None, None
        )
        log.handle(pool)
        log.warning("number %d", number)

    assert stream.getvalue().count("error in") == 1
    assert stream.getvalue().count("number ") == 59


def test_a_count_is_not_written_into_a_line_of_another_thread(
    log: logging.Logger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock under which every other line is written cannot be taken meanwhile."""
    handler = handler_of(log)
    taken: list[bool] = []

    def try_lock() -> None:
        assert handler.lock is not None
        taken.append(handler.lock.acquire(blocking=False))
        if taken[-1]:
            handler.lock.release()

    class Stream(io.StringIO):
        def write(self, text: str, /) -> int:
            thread = threading.Thread(target=try_lock)
            thread.start()
            thread.join()
            return super().write(text)

    for number in range(2):
        fail(log, number, ValueError("no plan"))
    handler.setStream(Stream())
    monkeypatch.setattr(repeated_logs, "WINDOW", 0.0)
    handler.flush_counts()

    assert set(taken) == {False}
