"""Sends the wake-up message to workers, ensuring that a broker that doesn't respond can't delay a request or
job.
"""

import time
from functools import cache
from typing import Any

from celery import current_app
from kombu.pools import ProducerPool

SECONDS = 2.0
"""Maximum number of seconds for sending a message, after which a broker that hangs is given up."""

QUIET = 5.0
"""Seconds without another attempt after one has failed. Meanwhile, workers look for due jobs on their own."""


class Silence:
    """True if the broker has just failed in this process."""

    def __init__(self) -> None:
        self._until = 0.0

    def __bool__(self) -> bool:
        """Return true if it is too early for another attempt."""
        return time.monotonic() < self._until

    def begin(self) -> None:
        """Record a failure."""
        self._until = time.monotonic() + QUIET


silence = Silence()


def send() -> None:
    """Send the message. Raises any error from the broker. A broken connection is replaced on the next
    call.
    """
    with _producers().acquire(block=True, timeout=SECONDS) as producer:
        # Declaring the queue can delay a process's first message by seconds, because it waits for the locks
        # of workers.
        current_app.send_task("compliance.tasks.work", producer=producer, declare=[])


def close() -> None:
    """Close the connections that this process uses for messages."""
    if _producers.cache_info().currsize:
        _producers().connections.force_close_all()
        _producers.cache_clear()


@cache
def _producers() -> ProducerPool:
    """Return the connections from this process to the broker, with short time limits."""
    options: dict[str, Any] = dict(current_app.conf.broker_transport_options)
    limits = {
        "redis": {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS},
        "amqp": {"read_timeout": SECONDS, "write_timeout": SECONDS},
    }
    address = current_app.connection_for_write()
    options |= limits.get(address.transport.driver_type, {})
    limit = current_app.conf.broker_pool_limit
    return ProducerPool(current_app.connection_for_write(transport_options=options).Pool(limit), limit)
