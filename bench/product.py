"""The whole product as `manage.py up` starts it, over a folder of its own."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

from bench.deliveries.hooks import signed

ROOT = Path(__file__).resolve().parent.parent


def send_github(port: int, slug: str, event: str, body: bytes, secret: str) -> tuple[int, bytes]:
    """Send a webhook as GitHub does, and return the status and the body of the answer."""
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": f"bench-{time.time_ns()}",
        "X-Hub-Signature-256": f"sha256={signed(body, secret)}",
    }
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", f"/webhooks/github/{slug}/", body, headers)
    answer = connection.getresponse()
    words = answer.read()
    connection.close()
    return answer.status, words


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for data that goes with the bench; the account that Postgres runs as may walk through it."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        path = Path(name)
        path.chmod(0o711)
        yield path


@contextmanager
def running(data: Path, options: tuple[str, ...], said: Callable[[str], None]) -> Iterator[int]:
    """Run `manage.py up` from an empty folder until the block ends; gives its port once it said “Ready”.

    `said` is given each line before. Raises RuntimeError when it ends before it is ready.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    outside = ("DATABASE_URL", "BROKER_URL", "REPO", "PLAN", "PORT")
    environment = {name: value for name, value in os.environ.items() if name not in outside}
    up = subprocess.Popen(
        [sys.executable, "manage.py", "up", "--port", str(port), *options],
        cwd=ROOT,
        env={**environment, "DATA_DIR": str(data)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert up.stdout
    try:
        for line in up.stdout:
            said(line)
            if "Ready: " in line:
                break
        else:
            raise RuntimeError(f"manage.py up ended with {up.wait()} before it was ready")
        threading.Thread(target=up.stdout.read, daemon=True).start()  # a full pipe would hold it up
        yield port
    finally:
        up.send_signal(signal.SIGTERM)
        up.wait()
