"""The processes are kept alive, stopped in order, and never left behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from compliance.embedded.lock import Lock, RunningError
from compliance.embedded.supervisor import Log, Program, Supervisor

from .conftest import ROOT, wait_until

pytestmark = pytest.mark.slow

Python = Callable[[str], "subprocess.Popen[str]"]


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def log(tmp_path: Path, told: list[str]) -> Log:
    return Log(tmp_path / "up.log", told.append)


def program(log: Log, source: str, *, grace: float = 5.0, name: str = "part") -> Program:
    return Program(name, [sys.executable, "-u", "-c", source], log, cwd=ROOT, grace=grace)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_program_has_the_priority_that_was_chosen_for_it(log: Log, tmp_path: Path) -> None:
    said = tmp_path / "said"
    source = f"import os, time; print(os.nice(0), file=open({str(said)!r}, 'w')); time.sleep(60)"
    nicer = Program("part", [sys.executable, "-u", "-c", source], log, cwd=ROOT, niceness=3)
    nicer.start()
    try:
        assert wait_until(lambda: said.exists() and said.read_text() != "")
    finally:
        nicer.stop()
    assert int(said.read_text()) == os.nice(0) + 3


def test_a_process_that_exits_is_restarted_with_backoff(log: Log, told: list[str], tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    source = f"import time; print(time.monotonic(), file=open({str(starts)!r}, 'a')); raise SystemExit(3)"
    began = time.monotonic()
    supervisor = Supervisor(log)
    supervisor.start(program(log, source))

    def times() -> list[float]:
        supervisor.watch()
        return [float(line) for line in starts.read_text().splitlines()] if starts.exists() else []

    try:
        assert wait_until(lambda: len(times()) == 3)
    finally:
        supervisor.stop()
    _, second, third = times()
    assert second - began >= 0.5  # the delays are lower limits, whatever the machine does meanwhile
    assert third - began >= 1.5
    assert "part ended (exit code 3); starting it again in 0.5 s" in told[0]
    assert "in 1 s" in told[1]


def test_lines_go_to_the_log_and_errors_to_the_person_too(log: Log, told: list[str]) -> None:
    part = program(log, "print('level=INFO fine'); print('level=ERROR it broke')", name="worker")
    part.start()
    assert wait_until(lambda: len(told) == 1)
    assert told == ["worker: level=ERROR it broke"]
    assert "worker   | level=INFO fine" in log.path.read_text()
    part.stop()


def test_the_last_one_started_is_stopped_first(log: Log, tmp_path: Path) -> None:
    order = tmp_path / "order"
    supervisor = Supervisor(log)
    for name in ("first", "second"):
        source = (
            "import signal, sys, time\n"
            f"def end(*_): open({str(order)!r}, 'a').write('{name} '); sys.exit()\n"
            "signal.signal(signal.SIGTERM, end)\n"
            "print('level=ERROR ready'); time.sleep(60)"
        )
        supervisor.start(program(log, source, name=name))
    assert wait_until(lambda: log.path.read_text().count("ready") == 2)
    supervisor.stop()
    assert order.read_text() == "second first "


def test_a_process_that_ignores_sigterm_is_killed_with_its_children(log: Log, told: list[str]) -> None:
    source = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('child', child.pid, flush=True); time.sleep(60)"
    )
    part = program(log, source, grace=0.5)
    part.start()
    assert wait_until(lambda: "child" in log.path.read_text())
    child = int(log.path.read_text().split("child ")[1].split()[0])
    part.stop()
    assert "ended by force" in told[0]
    assert wait_until(lambda: not alive(child))


def test_children_end_when_the_supervisor_is_killed(tmp_path: Path, python: Python) -> None:
    parent = python(
        "import sys, time; from pathlib import Path\n"
        "from compliance.embedded.supervisor import Log, Program\n"
        f"log = Log(Path({str(tmp_path / 'log')!r}), print)\n"
        "part = Program('part', [sys.executable, '-c', 'import time; time.sleep(60)'], log, cwd=Path('/'))\n"
        "part.start(); print(part.process.pid, flush=True); time.sleep(60)"
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert alive(child)
    parent.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not alive(child))


def test_one_start_at_a_time_and_the_lock_goes_with_its_holder(tmp_path: Path, python: Python) -> None:
    path = tmp_path / "up.lock"
    holder = python(
        "import time; from pathlib import Path; from compliance.embedded.lock import Lock\n"
        f"lock = Lock(Path({str(path)!r})); lock.note('http://127.0.0.1:8000/'); print('held', flush=True)\n"
        "time.sleep(60)"
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(RunningError, match=f"process {holder.pid}, http://127.0.0.1:8000/"):
        Lock(path)
    holder.kill()
    holder.wait()
    Lock(path)
