"""`manage.py up` as a person meets it: started, killed in several ways, started again."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest

from compliance.embedded.programs import newest_programs

from .conftest import ROOT, wait_until

pytestmark = pytest.mark.slow

SECONDS = 600.0
GONE_SECONDS = 180.0
"""Longer than the guard's limit of 40 s, because killed processes may have to wait for the machine."""

PLAN = """
version: 1
name: Away with it
target_percent: 95.0
scope: {include: ["**/*.py"]}
rules:
  - {id: old-call, kind: deprecated-symbol, symbols: [shop.old.get_cart]}
"""


Start = Callable[..., "Up"]


class Up:
    """One run of `manage.py up` over a data folder."""

    def __init__(self, data_dir: Path, port: int, *arguments: str, **more: str) -> None:
        hidden = {"DATABASE_URL", "BROKER_URL", "DJANGO_SETTINGS_MODULE", "SSOT_TEST_SESSION"}
        kept = {key: value for key, value in os.environ.items() if key not in hidden}
        self.data_dir = data_dir
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--port", str(port), *arguments],
            cwd=ROOT,
            env={**kept, "DATA_DIR": str(data_dir), **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    def await_ready(self) -> None:
        ready = wait_until(lambda: "Ready: " in self.text or self.process.poll() is not None, SECONDS)
        assert ready, self.text
        assert self.process.poll() is None, self.text

    def ended(self) -> int:
        code = self.process.wait(SECONDS)
        self._reader.join(60)
        return code

    def company(self, word: str = "") -> list[int]:
        """Every living process that was started by or under a run over this data folder."""
        mark = f"DATA_DIR={self.data_dir}\0".encode()
        found = []
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes() + b"\0":
                    command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    if word in command:
                        found.append(int(entry.name))
        return sorted(found)


def gone(run: Up) -> bool:
    return not run.company()


def described(run: Up) -> str:
    """Describe each process of the company, and print the ends of the logs."""
    lines = []
    for pid in run.company():
        entry = Path(f"/proc/{pid}")
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            status = (entry / "status").read_text().splitlines()
            kept = [line for line in status if line.startswith(("State", "PPid", "Threads", "Sig", "Shd"))]
            lines += [f"{pid} {command}", *kept, f"waits in {(entry / 'wchan').read_text()}"]
        with contextlib.suppress(OSError):  # only root may read it
            lines.append((entry / "stack").read_text())
    for log in sorted((run.data_dir / "log").glob("*.log")):
        lines += [f"--- {log.name}", log.read_text()[-4000:]]
    return "\n".join(lines)


def replaced(run: Up, part: str, victim: int) -> bool:
    return bool(set(run.company(part)) - {victim})


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a plan and three commits."""
    path = tmp_path_factory.mktemp("shop")
    run = ["git", "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-C", str(path)]
    subprocess.run([*run, "init", "--quiet", "--initial-branch", "main"], check=True)
    (path / "shop").mkdir()
    (path / "shop" / "__init__.py").touch()
    (path / "shop" / "old.py").write_text("def get_cart():\n    return object()\n")
    (path / "ssot-plan.yaml").write_text(PLAN)
    for number in range(3):
        (path / "shop" / f"use{number}.py").write_text("from shop.old import get_cart\n\ncart = get_cart()\n")
        subprocess.run([*run, "add", "--all"], check=True)
        subprocess.run([*run, "commit", "--quiet", "--message", f"Use it {number}"], check=True)
    return path


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("kept") / "var"
    yield path
    shutil.rmtree((path / "postgres").resolve(), ignore_errors=True)


@pytest.fixture(scope="module")
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(data_dir: Path, port: int) -> Iterator[Start]:
    """Start runs with the module's data folder, one after the other, and end the remaining processes."""
    runs: list[Up] = []

    def begin(*arguments: str, **more: str) -> Up:
        runs.append(Up(data_dir, port, *arguments, **more))
        return runs[-1]

    yield begin
    for run in runs:
        for pid in run.company():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        run.process.wait()
        assert wait_until(partial(gone, run), GONE_SECONDS), described(run)


@pytest.mark.timeout(1800)
def test_the_life_of_an_installation(start: Start, repository: Path, port: int) -> None:
    first = start("--repo", str(repository))
    first.await_ready()
    assert re.search(r"Sign in as admin with the password \S{12,}", first.text)
    assert "3 of 3 commits recorded" in first.text
    assert str(newest_programs()) in first.text
    assert ("You are root" in first.text) == (os.geteuid() == 0)
    with urlopen(f"http://127.0.0.1:{port}/admin/login/", timeout=30) as page:
        assert page.status == 200

    second = start("--repo", str(repository))
    assert second.ended() == 1
    assert f"already running here (process {first.process.pid}, http://127.0.0.1:{port}/)" in second.text
    assert "Traceback" not in second.text
    with urlopen(f"http://127.0.0.1:{port}/admin/login/", timeout=30) as page:
        assert page.status == 200, "the refused start disturbed the first one"

    for part in ("celery --app compliance --quiet worker", "gunicorn", "postgres -D"):
        victim = first.company(part)[0]
        os.kill(victim, signal.SIGKILL)
        assert wait_until(partial(replaced, first, part, victim), SECONDS), part
    assert wait_until(lambda: len(first.company("celery --app compliance --quiet worker")) >= 3, SECONDS)

    first.process.send_signal(signal.SIGTERM)
    assert first.ended() == 0
    assert first.lines[-1] == "Stopped. `make up` continues from here."
    assert first.company() == [], described(first)

    third = start(ALLOWED_HOSTS="tools.example.org")
    third.await_ready()
    assert "password" not in third.text
    assert "Invalid HTTP_HOST" not in (third.data_dir / "log" / "up.log").read_text()
    assert "3 of 3 commits recorded" in third.text
    third.process.send_signal(signal.SIGKILL)
    third.ended()
    assert wait_until(partial(gone, third), GONE_SECONDS), (
        f"something outlived the supervisor:\n{described(third)}"
    )

    fourth = start()
    fourth.await_ready()
    fourth.process.send_signal(signal.SIGINT)
    assert fourth.ended() == 0
    assert fourth.company() == [], described(fourth)


def test_a_port_that_is_taken_is_named_before_anything_starts(start: Start) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = holder.getsockname()[1]
        run = start("--port", str(taken))
        assert run.ended() == 1
        assert f"cannot listen on 127.0.0.1, port {taken}" in run.text
        assert f"PORT={taken + 1}" in run.text
        assert "Traceback" not in run.text
        assert run.company() == []


def test_a_plan_needs_its_repository(start: Start) -> None:
    run = start("--plan", "plan.yaml")
    assert run.ended() == 1
    assert "A plan requires a repository" in run.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://ada:s3cr3t@127.0.0.1:1/x"),
        ("BROKER_URL", "redis://:s3cr3t@127.0.0.1:1/0"),
    ],
)
def test_a_server_that_does_not_answer_is_named(start: Start, name: str, value: str) -> None:
    run = start(**{name: value})
    assert run.ended() == 1
    assert "refused" in run.text
    assert f"Check {name}" in run.text
    assert "Traceback" not in run.text
    assert "s3cr3t" not in run.text
    assert run.company() == []
