"""Runs what several people do at the same moment, each with a database session of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from tests.processes import wait

_WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
"""


def waiting_sessions() -> int:
    """Return the number of sessions that wait for a lock of another one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # which is otherwise kept within a transaction
        cursor.execute(_WAITING)
        return int(cursor.fetchone()[0])


def begin(pool: ThreadPoolExecutor, work: Callable[[], Any]) -> "Future[Any]":
    """Begin something in a session of its own."""

    def run() -> Any:
        try:
            return work()
        finally:
            connection.close()

    return pool.submit(run)


def outcome(begun: "Future[Any]") -> Any:
    """Return the result of what was begun, or the error with which it ended."""
    return begun.exception(60) or begun.result()


@contextmanager
def all_at_once(hold: Callable[[], object], *works: Callable[[], Any]) -> Iterator[list[Any]]:
    """Begin everything while a lock is held that all of it needs. Yield once all of it waits, in the
    transaction that holds the lock, and then fill the list with the outcomes.
    """
    found: list[Any] = []
    with ThreadPoolExecutor(len(works)) as pool:
        with transaction.atomic():
            hold()
            begun = [begin(pool, work) for work in works]
            wait(lambda: waiting_sessions() == len(works))
            yield found
        found += map(outcome, begun)
