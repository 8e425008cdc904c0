"""What a killed supervisor leaves behind ends within a limit, even if it ignores the request to stop."""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from compliance.embedded import guard
from compliance.embedded.paths import PostgresPaths
from compliance.embedded.postgres import Postgres
from compliance.embedded.server_processes import processes

from .conftest import wait_until

pytestmark = pytest.mark.slow

Python = Callable[[str], "subprocess.Popen[str]"]
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True)\n"
SLEEP = "time.sleep(600)"


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@pytest.fixture
def mark(monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a supervisor, which this test's children inherit."""
    name = secrets.token_hex(16)
    monkeypatch.setenv(guard.VARIABLE, name)
    return name


@pytest.fixture
def cleanup() -> Iterator[list[int]]:
    """Process ids that are killed after the test."""
    pids: list[int] = []
    yield pids
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


class Clock:
    """A clock that stands still at each of these seconds until the guard has looked several times."""

    def __init__(self, *stops: float) -> None:
        self.looks, self._stops = 0, stops
        self.seen: dict[float, list[bool]] = {}
        self.probe: Callable[[], bool] = bool

    def __call__(self) -> float:
        self.looks += 1
        if self.looks == 1:
            return 0.0
        second = self._stops[min((self.looks - 2) // 3, len(self._stops) - 1)]
        self.seen.setdefault(second, []).append(self.probe())
        return second


def test_a_guard_sees_that_the_supervisor_was_killed(
    python: Python, tmp_path: Path, cleanup: list[int]
) -> None:
    parent = python(
        "import sys, time; from pathlib import Path\n"
        "from compliance.embedded.guard import Guard\n"
        "from compliance.embedded.supervisor import Log, Program, Supervisor\n"
        f"supervisor = Supervisor(Log(Path({str(tmp_path / 'log')!r}), print)); guard = Guard()\n"
        "supervisor.start(guard)\n"
        "part = Program('part', [sys.executable, '-c', 'import time; time.sleep(600)'], supervisor.log,"
        " cwd=Path('/'))\n"
        "supervisor.start(part); print(guard.process.pid, part.process.pid, flush=True); time.sleep(600)"
    )
    assert parent.stdout is not None
    watching, part = map(int, parent.stdout.readline().split())
    cleanup += [watching, part]
    # A stopped program doesn't react to the kernel's request before something lets it continue.
    os.kill(part, signal.SIGSTOP)
    parent.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not alive(part), 60)
    assert wait_until(lambda: not alive(watching), 60)


def test_a_killed_guard_is_replaced_and_a_stopped_one_is_gone(python: Python, tmp_path: Path) -> None:
    parent = python(
        "import os, signal, time; from pathlib import Path\n"
        "from compliance.embedded.guard import Guard\n"
        "from compliance.embedded.supervisor import Log, Supervisor\n"
        f"supervisor = Supervisor(Log(Path({str(tmp_path / 'log')!r}), lambda line: None)); guard = Guard()\n"
        "supervisor.start(guard); first = guard.process.pid; os.kill(first, signal.SIGTERM)\n"
        "assert guard.ended() is None; os.kill(first, signal.SIGKILL)\n"
        "while guard.process.pid == first: supervisor.watch(); time.sleep(0.05)\n"
        "files = len(os.listdir('/proc/self/fd')); second = guard.process.pid\n"
        "os.kill(second, signal.SIGKILL)\n"
        "while guard.process.pid == second: supervisor.watch(); time.sleep(0.05)\n"
        "assert len(os.listdir('/proc/self/fd')) == files, 'the pipe of the earlier guard is open'\n"
        "third = guard.process.pid; supervisor.stop(); print(os.path.exists(f'/proc/{third}'), flush=True)"
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "False\n"


def test_programs_that_ignore_the_request_are_killed_with_their_descendants(
    mark: str, cleanup: list[int]
) -> None:
    child = f"['env', '-i', sys.executable, '-c', {STUBBORN + SLEEP!r}]"
    source = (
        f"{STUBBORN}import subprocess, sys\n"
        f"print(subprocess.Popen({child}, start_new_session=True).pid, flush=True); {SLEEP}"
    )
    part = subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True)
    other = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)"],
        env={**os.environ, guard.VARIABLE: secrets.token_hex(16)},
    )
    cleanup += [part.pid, other.pid]
    assert part.stdout is not None
    words = [part.stdout.readline().strip() for _ in range(3)]
    grandchild = next(int(word) for word in words if word.isdigit())
    cleanup.append(grandchild)
    assert words.count("ready") == 2
    clock = Clock(0.0, guard.PROGRAM_SECONDS - 0.1, guard.PROGRAM_SECONDS)
    clock.probe = lambda: alive(part.pid) and alive(grandchild)
    guard.end_all(mark, clock)
    assert clock.seen[guard.PROGRAM_SECONDS - 0.1] == [True] * 3
    assert not alive(part.pid)
    assert not alive(grandchild)
    assert alive(other.pid), "a process of another supervisor was killed"
    part.wait()
    part.stdout.close()
    other.kill()
    other.wait()


def test_a_server_is_told_to_stop_at_once_and_then_killed(
    mark: str, paths: PostgresPaths, tmp_path: Path
) -> None:
    server = Postgres(paths, tmp_path / "log", durable=False)
    server.start()
    assert server.process is not None
    clock = Clock(guard.PROGRAM_SECONDS, guard.SERVER_QUIT_SECONDS - 0.1, guard.SERVER_QUIT_SECONDS)
    clock.probe = lambda: alive(server.process.pid)  # type: ignore[union-attr]
    guard.end_all(mark, clock)
    assert clock.seen[guard.PROGRAM_SECONDS] == [True] * 3
    assert clock.seen[guard.SERVER_QUIT_SECONDS - 0.1] == [True] * 3
    assert server.process.wait() >= 0, "it was killed instead of told to stop"
    assert "immediate shutdown" in (tmp_path / "log").read_text()
    assert not processes(paths.data)

    server.start()
    assert guard.SERVER_KILL_SECONDS > guard.SERVER_QUIT_SECONDS
    guard.end_all(mark, Clock(guard.SERVER_KILL_SECONDS))
    assert server.process.wait() == -signal.SIGKILL
    assert not processes(paths.data)


def test_the_kernels_request_is_not_lost_in_a_handler_of_the_parent(
    python: Python, cleanup: list[int]
) -> None:
    parent = python(
        "import os, signal, time; from compliance.embedded.child_process import follow_parent\n"
        "signal.signal(signal.SIGTERM, lambda *_: None); us = os.getpid(); pid = os.fork()\n"
        "if pid == 0: follow_parent(us, signal.SIGTERM); print(os.getpid(), flush=True)\n"
        f"{SLEEP}\n{SLEEP}"
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    cleanup.append(child)
    parent.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not alive(child), 60)
