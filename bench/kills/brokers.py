"""Brokers that are killed and started again: Redis and RabbitMQ as child processes on loopback."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


class Broker:
    """A server that keeps its address when it is killed and started again."""

    def __init__(self, command: list[str], folder: Path, url: str, environment: dict[str, str]) -> None:
        """Prepare it; `start` starts it."""
        self.command, self.folder, self.url, self.environment = command, folder, url, environment
        self.process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None

    def start(self) -> None:
        """Start it, in a process group of its own."""
        self._log = self._log or (self.folder / "log").open("ab")
        self.process = subprocess.Popen(
            self.command,
            cwd=self.folder,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def kill(self) -> None:
        """End it at once, with all its processes."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            while self.answers():  # its children end a moment later
                time.sleep(0.05)

    def answers(self) -> bool:
        """Return whether its port takes connections."""
        port = int(self.url.rpartition("@")[2].rpartition(":")[2].partition("/")[0])
        with socket.socket() as client:
            client.settimeout(1)
            return client.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def broker(name: str, folder: Path) -> Iterator[Broker | None]:
    """Give a running Redis or RabbitMQ over a folder; None for Postgres, which carries messages itself."""
    if name == "postgres":
        yield None
        return
    folder.mkdir()
    made = {"redis": _redis, "rabbitmq": _rabbitmq}[name](folder)
    port_mapper = _port_mapper(made) if name == "rabbitmq" else None
    made.start()
    try:
        yield made
    finally:
        made.kill()
        if port_mapper is not None:
            port_mapper.kill()
            port_mapper.wait()


def free_port() -> int:
    """Return a port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _redis(folder: Path) -> Broker:
    port = free_port()
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("redis-server is missing. Debian: apt-get install redis-server")
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--save", ""]
    return Broker(command, folder, f"redis://127.0.0.1:{port}/0", {})


def _rabbitmq(folder: Path) -> Broker:
    """Return a node with name, folders and port mapper of its own; an installed service is not used."""
    if not RABBITMQ.exists():
        raise RuntimeError("rabbitmq-server is missing. Debian: apt-get install rabbitmq-server")
    port = free_port()
    config = folder / "rabbitmq.conf"
    config.write_text(f"listeners.tcp.1 = 127.0.0.1:{port}\nloopback_users.guest = true\n")
    (folder / "plugins").write_text("[].\n")
    environment = {
        "HOME": str(folder),
        "RABBITMQ_NODENAME": f"bench{port}@localhost",
        "RABBITMQ_CONFIG_FILE": str(config.with_suffix("")),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_SERVER_START_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
        "ERL_EPMD_PORT": str(free_port()),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
    }
    return Broker([str(RABBITMQ)], folder, f"amqp://guest:guest@127.0.0.1:{port}//", environment)


def _port_mapper(made: Broker) -> "subprocess.Popen[bytes]":
    """Start Erlang's port mapper in the foreground; the node would start one that stays."""
    return subprocess.Popen(["epmd"], env={**os.environ, **made.environment}, stdin=subprocess.DEVNULL)
