"""Sends deliveries evenly from many threads, and measures each from the moment at which it was due."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException

from bench.deliveries.hooks import Hook

SENDERS = 32


@dataclass
class Answers:
    """The seconds of each answer, and how often each status or error came, by provider and status."""

    seconds: list[float] = field(default_factory=list)
    statuses: Counter[tuple[str, str]] = field(default_factory=Counter)

    def total(self) -> Counter[str]:
        """How often each status came."""
        found: Counter[str] = Counter()
        for (_, status), number in self.statuses.items():
            found[status] += number
        return found

    def at(self, share: float) -> float:
        """The seconds within which this share of the answers came."""
        return sorted(self.seconds)[max(0, int(len(self.seconds) * share) - 1)]


def send(
    port: int, deliveries: Sequence[Callable[[], Hook]], seconds: float, senders: int = SENDERS
) -> Answers:
    """Send all deliveries, evenly over the seconds."""
    answers, lock = Answers(), threading.Lock()
    began = time.monotonic() + 0.5

    def run(first: int) -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=60)
        for number in range(first, len(deliveries), senders):
            due = began + number * seconds / len(deliveries)
            time.sleep(max(0.0, due - time.monotonic()))
            provider, status = _ask(connection, deliveries[number]())
            with lock:
                answers.statuses[provider, status] += 1
                answers.seconds.append(time.monotonic() - due)
        connection.close()

    threads = [threading.Thread(target=run, args=(first,)) for first in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _ask(connection: HTTPConnection, hook: Hook) -> tuple[str, str]:
    provider = hook.path.split("/")[2]
    try:
        connection.request("POST", hook.path, hook.body, hook.headers)
        answer = connection.getresponse()
        answer.read()
    except (OSError, HTTPException) as error:
        connection.close()
        return provider, type(error).__name__
    return provider, str(answer.status)
