"""The wake-up message to workers: a broker that does not answer must not delay a request or a job."""

import time
from functools import cache
from typing import Any

from celery import current_app
from kombu.pools import ProducerPool

SECONDS = 2.0
"""Seconds that one message may take; brokers that hang are given up after them."""

QUIET = 5.0
"""Seconds without a further attempt after one has failed; workers look for due jobs meanwhile."""


class Silence:
    """Whether the broker has just failed, in this process."""

    def __init__(self) -> None:
        self._until = 0.0

    def __bool__(self) -> bool:
        """Return whether the next attempt would come too soon."""
        return time.monotonic() < self._until

    def begin(self) -> None:
        """Note a failure."""
        self._until = time.monotonic() + QUIET


silence = Silence()


def send() -> None:
    """Send the message. Raise any error of the broker; a broken connection is replaced at the next call."""
    with _producers().acquire(block=True, timeout=SECONDS) as producer:
        # Declaring the queue makes a process's first message wait, for seconds, for locks of reading workers.
        current_app.send_task("compliance.tasks.work", producer=producer, declare=[])


def close() -> None:
    """Close this process's connections for messages."""
    if _producers.cache_info().currsize:
        _producers().connections.force_close_all()
        _producers.cache_clear()


@cache
def _producers() -> ProducerPool:
    """Return the connections of this process to the broker, with short time limits."""
    options: dict[str, Any] = dict(current_app.conf.broker_transport_options)
    limits = {
        "redis": {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS},
        "amqp": {"read_timeout": SECONDS, "write_timeout": SECONDS},
    }
    address = current_app.connection_for_write()
    options |= limits.get(address.transport.driver_type, {})
    limit = current_app.conf.broker_pool_limit
    return ProducerPool(current_app.connection_for_write(transport_options=options).Pool(limit), limit)
