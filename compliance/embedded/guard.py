"""A process that outlives the supervisor for as long as needed to end what a killed supervisor leaves behind.

The kernel asks the supervisor's children to stop when the supervisor is killed (`follow_parent`). Without a
supervisor, nobody would kill those that do not stop. The guard knows them by an environment variable, which
descendants inherit even in sessions of their own.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

VARIABLE = "SSOT_SUPERVISOR"
"""The environment variable that marks the processes of one supervisor with its random name."""

PROGRAM_SECONDS = 20.0
"""Seconds after the supervisor's end at which its programs are killed."""

SERVER_QUIT_SECONDS = 30.0
"""Seconds after which Postgres is told to stop without writing a checkpoint."""

SERVER_KILL_SECONDS = 40.0
"""Seconds after which Postgres is killed."""

CHECK_EVERY = 0.2
_SERVER = "postgres"

Starts = dict[int, str]
"""Process ids and when each process was started, in the kernel's clock ticks since the machine's start."""


class Guard:
    """The guard as a process that a supervisor keeps running (`supervisor.Kept`)."""

    name = "guard"

    def __init__(self) -> None:
        """Mark this process's future children, without starting the guard."""
        self._mark = os.environ[VARIABLE] = secrets.token_hex(16)
        self._pipe = -1
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the guard, which waits until this process has ended. Raises OSError if that fails."""
        self._close()
        read_end, self._pipe = os.pipe()
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-P", __file__, str(read_end), self._mark],
                cwd="/",
                env={name: value for name, value in os.environ.items() if name != VARIABLE},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=[read_end],
            )
        finally:
            os.close(read_end)

    def ended(self) -> int | None:
        """Return its exit code (negative for a signal), or None while it is running."""
        return None if self.process is None else self.process.poll()

    def request_stop(self) -> None:
        """Do nothing, because the guard is needed until the other processes have stopped."""

    def stop(self) -> None:
        """End the guard. The processes it guarded have been stopped."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self._close()

    def _close(self) -> None:
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1


def end_all(mark: str, now: Callable[[], float] = time.monotonic) -> None:
    """Wait until no process with this mark and no descendant of one is left, and kill those that are late."""
    began, known = now(), Starts()
    while known := _members(mark, known):
        elapsed = now() - began
        for pid in known:
            for number in _due(_program(pid), elapsed):
                with contextlib.suppress(OSError):  # it has ended meanwhile
                    os.kill(pid, number)
        time.sleep(CHECK_EVERY)


def _due(program: str, elapsed: float) -> tuple[signal.Signals, ...]:
    """Return the signals for a process that is still running after so many seconds."""
    if program != _SERVER:
        return (signal.SIGKILL,) if elapsed >= PROGRAM_SECONDS else (signal.SIGCONT,)
    if elapsed >= SERVER_KILL_SECONDS:
        return (signal.SIGKILL,)
    # a process that was stopped does not react to the kernel's request until it continues
    return (signal.SIGCONT, signal.SIGQUIT) if elapsed >= SERVER_QUIT_SECONDS else (signal.SIGCONT,)


def _members(mark: str, known: Starts) -> Starts:
    """Return the living processes that have the mark, are known, or descend from one of these.

    Postgres's sessions overwrite their environment, and lose their parent if it is killed.
    """
    word = f"{VARIABLE}={mark}".encode()
    parents: dict[int, int] = {}
    starts: Starts = {}
    found: set[int] = set()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or (row := _row(entry)) is None:
            continue
        pid = int(entry.name)
        parents[pid], starts[pid] = row
        if known.get(pid) == starts[pid] or _has(entry, word):
            found.add(pid)
    more = found
    while more:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        found |= more
    return {pid: starts[pid] for pid in found}


def _row(entry: Path) -> tuple[int, str] | None:
    """Return the parent and the start of a process, or None if it has ended."""
    try:
        fields = (entry / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state, parent, start = fields[0], fields[1], fields[19]
    return None if state in "ZX" else (int(parent), start)


def _has(entry: Path, word: bytes) -> bool:
    try:
        return word in (entry / "environ").read_bytes().split(b"\0")
    except OSError:  # it has ended, or belongs to another user
        return False


def _program(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/exe").readlink().name.removesuffix(" (deleted)")
    except OSError:
        return ""


def main(read_end: int, mark: str) -> None:
    """Wait for the end of the process that holds the other end of the pipe, then end what it has left."""
    while os.read(read_end, 1):  # nothing is ever written
        pass
    end_all(mark)


if __name__ == "__main__":
    for request in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(request, signal.SIG_IGN)  # only the supervisor decides when it ends
    main(int(sys.argv[1]), sys.argv[2])
