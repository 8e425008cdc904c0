"""Sends wake-up messages to workers, ensuring that an unresponsive broker can't delay a request or job."""

import time
from functools import cache
from typing import Any

from celery import current_app
from kombu.pools import ProducerPool

SECONDS = 2.0
"""Maximum number of seconds for sending a message to an unresponsive broker."""

QUIET = 5.0
"""Seconds after a failure during which no further attempt is made. Meanwhile, workers look for due jobs on
their own.
"""


class Silence:
    """An object that is true for a short time after the broker has failed in this process."""

    def __init__(self) -> None:
        self._until = 0.0

    def __bool__(self) -> bool:
        """Return true if it is too early for another attempt."""
        return time.monotonic() < self._until

    def begin(self) -> None:
        """Record a failure."""
        self._until = time.monotonic() + QUIET


silence = Silence()


def send(queue: str) -> None:
    """Send the message to a queue. Raises any error from the broker. A broken connection is replaced on the
    next call.
    """
    with _producers().acquire(block=True, timeout=SECONDS) as producer:
        # The queue isn't declared, because this would wait for locks held by workers, which can delay a
        # process's first message by seconds.
        current_app.send_task("compliance.tasks.work", queue=queue, producer=producer, declare=[])


def close() -> None:
    """Close the connections that this process uses for messages."""
    if _producers.cache_info().currsize:
        _producers().connections.force_close_all()
        _producers.cache_clear()


@cache
def _producers() -> ProducerPool:
    """Return this process's pool of broker connections, which have short time limits."""
    options: dict[str, Any] = dict(current_app.conf.broker_transport_options)
    limits = {
        "redis": {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS},
        "amqp": {"read_timeout": SECONDS, "write_timeout": SECONDS},
    }
    address = current_app.connection_for_write()
    options |= limits.get(address.transport.driver_type, {})
    limit = current_app.conf.broker_pool_limit
    return ProducerPool(current_app.connection_for_write(transport_options=options).Pool(limit), limit)
