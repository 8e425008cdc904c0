"""Real web, worker and beat processes, on both brokers: what a test starts, it also ends."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from compliance.environment import host_of

ROOT = Path(__file__).resolve().parents[1]
WEB_WORKER = ("--worker-class", "compliance.server.connections.Worker")
Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture(params=["postgres", "redis"])
def broker(request: pytest.FixtureRequest, process_environment: dict[str, str]) -> dict[str, str]:
    """The environment of processes whose messages travel by Postgres, then by Redis."""
    if request.param == "redis":
        return {**process_environment, "BROKER_URL": request.getfixturevalue("redis_url")}
    return {name: value for name, value in process_environment.items() if name != "BROKER_URL"}


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a worker, beat or the web server in a process group of its own, killed after the test."""
    started: list[subprocess.Popen[bytes]] = []

    def run(
        environment: dict[str, str],
        command: str = "worker",
        app: str = "tests.jobs.probe",
        port: int = 0,
        bind: str = "127.0.0.1",
        options: tuple[str, ...] = ("--concurrency", "2"),
    ) -> subprocess.Popen[bytes]:
        name = f"{command}{len(started)}"
        celery = ["celery", "-A", app, command, "--loglevel", "INFO"]
        arguments = {
            "web": ["gunicorn", "compliance.asgi", "--bind", f"{host_of(bind)}:{port}", *WEB_WORKER],
            "worker": [
                *celery,
                *options,
                "--without-gossip",
                "--without-mingle",
                "-n",
                f"{name}@test",
            ],
            "beat": [*celery, "--schedule", str(tmp_path / f"{name}-schedule")],
        }[command]
        with (tmp_path / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", *arguments],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        started.append(process)
        return process

    yield run
    for process in started:
        kill(process)
    for log in sorted(tmp_path.glob("*.log")):  # shown by pytest when the test failed
        print(f"--- {log.name}", log.read_text()[-4000:], sep="\n")


def kill(process: "subprocess.Popen[bytes]", number: int = signal.SIGKILL) -> None:
    """Send a signal to a whole process group that this test began."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
    if number == signal.SIGKILL:
        process.wait(10)


def wait(condition: Callable[[], object], seconds: float = 90) -> None:
    """Return as soon as the condition holds; fail after so many seconds."""
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, f"not within {seconds} seconds"
        time.sleep(0.1)


def free_port() -> int:
    """A port of this machine on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def manage(environment: dict[str, str], *words: str | Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, words)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def answers(address: str) -> bool:
    """Return true if the web server responds."""
    try:
        return bool(urlopen(f"{address}/healthz", timeout=1).status == 200)
    except OSError:
        return False
