"""Sends signed webhooks over HTTP from many threads at once, as a busy forge does, and keeps the answers."""

import hashlib
import hmac
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from itertools import count
from pathlib import Path
from typing import Any

from django.test import Client

from compliance.models import Repository

PUSH = json.dumps({"ref": "refs/heads/main", "before": "0" * 40, "after": "1" * 40}).encode()


@dataclass
class Answers:
    """The ids that were acknowledged, how often each status came, and the seconds that answers took."""

    acknowledged: list[str] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    waits: set[str] = field(default_factory=set)
    seconds: list[float] = field(default_factory=list)


class Sender:
    """Run threads that send pushes, each with its own id, until they are stopped."""

    def __init__(
        self, port: int, slug: str, secret: str, threads: int = 4, pause: float = 0.0, prefix: str = ""
    ) -> None:
        self.port, self.slug, self.pause, self.prefix = port, slug, pause, prefix
        self.signature = "sha256=" + hmac.new(secret.encode(), PUSH, hashlib.sha256).hexdigest()
        self.answers = Answers()
        self._stopped = threading.Event()
        self._threads = [threading.Thread(target=self._send_all, args=(name,)) for name in range(threads)]
        self._left: Iterator[int] = count()

    def run(self, number: int) -> Answers:
        """Send so many, and wait for all answers."""
        self._left = iter(range(number))
        self.start()
        for thread in self._threads:
            thread.join()
        return self.answers

    def start(self) -> None:
        """Begin to send."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> Answers:
        """End, and wait for the last answers."""
        self._stopped.set()
        for thread in self._threads:
            thread.join()
        return self.answers

    def _send_all(self, name: int) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        for number in self._left:
            if self._stopped.is_set():
                break
            try:
                self._send(connection, f"{self.prefix}{name}-{number}")
            except (OSError, HTTPException) as error:
                self.answers.statuses[type(error).__name__] += 1
                connection.close()
            time.sleep(self.pause)
        connection.close()

    def _send(self, connection: HTTPConnection, delivery: str) -> None:
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": delivery,
            "X-Hub-Signature-256": self.signature,
        }
        began = time.monotonic()
        connection.request("POST", f"/webhooks/github/{self.slug}/", PUSH, headers)
        answer = connection.getresponse()
        answer.read()
        self.answers.seconds.append(time.monotonic() - began)
        self.answers.statuses[str(answer.status)] += 1
        if answer.status == 202:
            self.answers.acknowledged.append(delivery)
        elif wait := answer.headers["Retry-After"]:
            self.answers.waits.add(wait)


FIXTURES = Path(__file__).parent / "github"


def payload(case: str) -> bytes:
    return (FIXTURES / f"{case}.json").read_bytes()


def signature(body: bytes, secret: str) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def send(
    repository: Repository,
    case: str,
    delivery: str = "",
    *,
    secret: str = "",
    body: bytes = b"",
    **headers: Any,
) -> Any:
    """POST a fixture as GitHub would; keyword headers replace or add to GitHub's own."""
    body = body or payload(case)
    own = {
        "X-GitHub-Event": case.partition("__")[0],
        "X-GitHub-Delivery": delivery or f"72d3162e-cc78-11e3-81ab-{case}",
        "X-Hub-Signature-256": signature(body, secret or repository.webhook_secret),
    }
    own |= {name.replace("_", "-"): value for name, value in headers.items()}
    kind = own.pop("Content-Type", "application/json")
    path = f"/webhooks/github/{repository.slug}/"
    return Client(enforce_csrf_checks=True).post(path, body, content_type=kind, headers=own)
