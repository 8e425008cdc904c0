"""The product's web server as a process of its own, and clients that take their time."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.embedded.conftest import ROOT, wait_until
from tests.processes import WEB_WORKER, free_port

Serve = Callable[..., int]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start one process of the web server with an application; its port."""
    started: list[subprocess.Popen[bytes]] = []

    def run(app: str, environment: dict[str, str] | None = None) -> int:
        port, log = free_port(), tmp_path / f"web{len(started)}.log"
        command = ["gunicorn", app, "--bind", f"127.0.0.1:{port}", *WEB_WORKER, "--no-control-socket"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=environment or dict(os.environ),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        started.append(process)
        assert wait_until(lambda: "ASGI server listening" in log.read_text(), 60), log.read_text()
        return port

    yield run
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    for log in sorted(tmp_path.glob("web*.log")):  # shown by pytest when the test failed
        print(f"--- {log.name}", log.read_text()[-4000:], sep="\n")


class SlowClients:
    """Connections that send or read next to nothing."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.open: list[socket.socket] = []

    def hold(self, number: int, sent: bytes) -> None:
        """Open connections that send some bytes and nothing more, and have little room to receive."""
        for _ in range(number):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", self._port))
            client.sendall(sent)
            client.setblocking(False)
            self.open.append(client)

    def look(self) -> int:
        """Read a little from each; how many the server still holds open."""
        for client in list(self.open):
            try:
                if client.recv(1000) == b"":
                    self._forget(client)
            except BlockingIOError:
                continue
            except OSError:
                self._forget(client)
        return len(self.open)

    def _forget(self, client: socket.socket) -> None:
        self.open.remove(client)
        client.close()

    def close(self) -> None:
        """Give up."""
        for client in list(self.open):
            self._forget(client)


@pytest.fixture
def slow_clients() -> Iterator[Callable[[int], SlowClients]]:
    made: list[SlowClients] = []

    def make(port: int) -> SlowClients:
        made.append(SlowClients(port))
        return made[-1]

    yield make
    for clients in made:
        clients.close()
