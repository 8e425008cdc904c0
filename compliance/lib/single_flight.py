"""Work that several threads of a process want at the same time is done by one of them. The others wait for
its result, which is kept for a while.

The cache is one process's, so each web process does the work once. Processes don't wait for each other.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

from django.core.cache import cache

WAIT_SECONDS = 15.0
"""Seconds after which a thread that waits for another one does the work itself."""

T = TypeVar("T")


@dataclass
class _Flight:
    lock: Lock = field(default_factory=Lock)
    threads: int = 0


_flights: dict[str, _Flight] = {}
_guard = Lock()


def once(key: str, make: Callable[[], T], seconds: float) -> T:
    """Return what is cached under `key`, or what `make` returns, which is then cached for so many seconds.

    If `make` raises, only its own thread sees the error, and the next thread tries again.
    """
    kept: T | None = cache.get(key)
    if kept is not None:
        return kept
    with _turn(key):
        kept = cache.get(key)
        if kept is not None:
            return kept
        made = make()
        cache.set(key, made, seconds)
        return made


def busy_threads() -> int:
    """Return how many threads of this process do such work or wait for it."""
    with _guard:
        return sum(flight.threads for flight in _flights.values())


@contextmanager
def _turn(key: str) -> Iterator[None]:
    with _guard:
        flight = _flights.setdefault(key, _Flight())
        flight.threads += 1
    is_ours = flight.lock.acquire(timeout=WAIT_SECONDS)
    try:
        yield
    finally:
        if is_ours:
            flight.lock.release()
        with _guard:
            flight.threads -= 1
            if not flight.threads:
                del _flights[key]
