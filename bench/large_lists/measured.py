"""CPU seconds of one answer: those of this process, and those of its Postgres backend."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection


@dataclass(frozen=True, slots=True)
class Cost:
    """The median CPU seconds of several runs, and the number of queries of one."""

    web: float
    postgres: float
    queries: int


def cost(work: Callable[[], object], runs: int = 5) -> Cost:
    """Return what `work` costs, after one run that warms up."""
    queries: list[object] = []

    def note(run: Callable[..., object], *query: object) -> object:
        queries.append(query[0])
        return run(*query)

    with connection.execute_wrapper(note):  # a test client's request resets what CaptureQueriesContext reads
        work()
    backend = Path(f"/proc/{_backend()}/schedstat")
    spent = []
    for _ in range(runs):
        before = time.process_time(), _seconds(backend)
        work()
        spent.append((time.process_time() - before[0], _seconds(backend) - before[1]))
    web, postgres = (statistics.median(column) for column in zip(*spent, strict=True))
    return Cost(web, postgres, len(queries))


def _backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
        return int(pid)


def _seconds(schedstat: Path) -> float:
    """Return the time that a process has spent on a CPU (Linux alone counts it this precisely)."""
    return int(schedstat.read_text().split()[0]) / 1e9
