"""One installation under `manage.py up`: its processes, its rows, and pushes that must be recorded."""

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Protocol

import psycopg

from bench.kills.brokers import Broker, free_port
from bench.product import ROOT
from compliance.embedded.paths import find_paths
from compliance.embedded.server_processes import processes

OUTSIDE = (
    "DATABASE_URL",
    "BROKER_URL",
    "REPO",
    "PLAN",
    "PORT",
    "DJANGO_SETTINGS_MODULE",
    "SSOT_TEST_SESSION",
)
SECRET = (
    "from compliance.models import Repository; print(Repository.objects.get(slug={slug!r}).webhook_secret)"
)


class Installation:
    """The product as `manage.py up` runs it over a data folder."""

    def __init__(self, data: Path, broker: Broker | None) -> None:
        """Prepare it; `start` starts it."""
        self.data, self.broker, self.port = data, broker, free_port()
        kept = {name: value for name, value in os.environ.items() if name not in OUTSIDE}
        self.environment = {**kept, "DATA_DIR": str(data)}
        if broker is not None:
            self.environment["BROKER_URL"] = broker.url
        self.lines: list[str] = []

    def start(self, *options: str) -> None:
        """Start it and return once it is ready."""
        self.up = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(self.port), *options],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        wait(lambda: any("Ready: " in line for line in self.lines) or self.up.poll() is not None, 600)
        if self.up.poll() is not None:
            raise RuntimeError("\n".join(self.lines))

    def _read(self) -> None:
        assert self.up.stdout
        for line in self.up.stdout:
            self.lines.append(line.rstrip())

    def stop(self, times: int, *, group: bool = False) -> float:
        """Send SIGTERM so many times; return the seconds until it has ended."""
        began = time.monotonic()
        for number in range(times):
            with suppress(ProcessLookupError):
                os.killpg(self.up.pid, signal.SIGTERM) if group else self.up.send_signal(signal.SIGTERM)
            if number < times - 1:
                time.sleep(0.5)
        self.up.wait(180)
        return time.monotonic() - began

    def left_behind(self) -> list[str]:
        """Return the processes that run over the data folder, by their environment or as its Postgres."""
        mark = f"DATA_DIR={self.data}\0".encode()
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes() + b"\0":
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    found.append(f"{entry.name} {command}")
        return found + [f"{pid} postgres" for pid in processes(find_paths(self.data).data)]

    def manage(self, *words: str, seconds: float = 300) -> str:
        """Run a management command until it succeeds; return what it prints."""
        until = time.monotonic() + seconds
        while True:
            done = subprocess.run(
                [sys.executable, "manage.py", *words],
                cwd=ROOT,
                env=self.environment,
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode == 0:
                return done.stdout.strip()
            if time.monotonic() > until:
                raise RuntimeError(done.stderr[-2000:])
            time.sleep(1)

    def secret(self, slug: str) -> str:
        """Return the secret of a repository's webhooks."""
        return self.manage("shell", "--no-imports", "-c", SECRET.format(slug=slug)).splitlines()[-1]

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        """Return what a query gives. Raises psycopg's errors while Postgres is away."""
        with psycopg.connect(find_paths(self.data).url, connect_timeout=3) as connection:
            return connection.execute(question.encode()).fetchall()

    def children(self, pid: int, word: str = "") -> list[int]:
        """Return the children of a process whose command line has a word in it."""
        found = []
        for entry in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                stat = (entry / "stat").read_text().rpartition(")")[2].split()
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if int(stat[1]) == pid and stat[0] != "Z" and word in command:
                    found.append(int(entry.name))
        return sorted(found)


class Server(Protocol):
    """What takes the webhooks of pushes."""

    port: int

    def secret(self, slug: str) -> str:
        """Return the secret of a repository's webhooks."""
        ...


class Pusher(threading.Thread):
    """Pushes one commit after the other, and reports each until the product has acknowledged it."""

    def __init__(self, installation: Server, slug: str, commit: Callable[[int], None], pause: float):
        """Prepare it; `commit` writes the commit of a number."""
        super().__init__(daemon=True)
        self.installation, self.slug, self.commit, self.pause = installation, slug, commit, pause
        self.key = installation.secret(slug).encode()
        self.pushes, self.acknowledged = 0, list[str]()
        self._ended = threading.Event()

    def run(self) -> None:
        """Push until `finish`."""
        while not self._ended.is_set():
            self.push()
            self._ended.wait(self.pause)

    def finish(self) -> None:
        """End; the last push is acknowledged."""
        self._ended.set()
        self.join()

    def push(self) -> None:
        """Write one commit and send its webhook until it is acknowledged."""
        self.pushes += 1
        self.commit(self.pushes)
        attempt = 0
        while True:
            attempt += 1
            delivery = f"{self.slug}-{self.pushes}-{attempt}"
            if self._send(delivery):
                self.acknowledged.append(delivery)
                return
            time.sleep(0.5)

    def _send(self, delivery: str) -> bool:
        body = json.dumps({"ref": "refs/heads/main", "before": "0" * 40, "after": "1" * 40}).encode()
        headers = {
            "Content-Type": "application/json",
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": delivery,
            "X-Hub-Signature-256": "sha256=" + hmac.new(self.key, body, hashlib.sha256).hexdigest(),
        }
        connection = HTTPConnection("127.0.0.1", self.installation.port, timeout=20)
        try:
            connection.request("POST", f"/webhooks/github/{self.slug}/", body, headers)
            return connection.getresponse().status == 202
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def wait(condition: Callable[[], object], seconds: float) -> float:
    """Return the seconds until a condition holds. Raises TimeoutError."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > seconds:
            raise TimeoutError(f"not within {seconds:g} s")
        time.sleep(0.2)
    return time.monotonic() - began
