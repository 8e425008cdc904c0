"""The supervisor: keeps the product's processes running and stops them in order."""

import contextlib
import logging
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Protocol

from compliance.embedded.child_process import spawn

FIRST_DELAY, LONGEST_DELAY = 0.5, 30.0  # seconds before a crashed process is started again
STEADY = 60.0  # seconds of running after which the restart delay is reset
IMPORTANT = ("level=ERROR", "level=CRITICAL", "[ERROR]", "[CRITICAL]")


class Kept(Protocol):
    """A process that a supervisor keeps running."""

    name: str

    def start(self) -> None:
        """Start it and return once it runs. Raises if it can't start."""

    def ended(self) -> int | None:
        """Return its exit code (negative: the signal); None while it runs."""

    def stop(self) -> None:
        """Stop it within its grace period, by force if necessary."""


class Program:
    """A program whose output goes to the shared log; important lines also go to the terminal."""

    def __init__(self, name: str, command: list[str], log: "Log", *, cwd: Path, grace: float = 20.0) -> None:
        """Prepare it; `grace` is the time in seconds between the request to stop and SIGKILL."""
        self.name, self.command, self.log, self.cwd, self.grace = name, command, log, cwd, grace
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it. Raises OSError."""
        self.process = spawn(self.command, subprocess.PIPE, farewell=signal.SIGTERM, cwd=self.cwd)
        threading.Thread(target=self._pump, args=(self.process,), daemon=True).start()

    def ended(self) -> int | None:
        """Return the exit code as `Kept.ended` does; end the rest of its process group too."""
        if self.process is None or not self._exited():
            return None
        return self._bury()

    def stop(self) -> None:
        """Stop it as `Kept.stop` does."""
        if self.process is None:
            return
        if not self._exited():
            self.process.terminate()
            deadline = time.monotonic() + self.grace
            while not self._exited() and time.monotonic() < deadline:
                time.sleep(0.05)
            if not self._exited():
                self.log.tell(f"{self.name} did not stop within {self.grace:g} s and is ended by force.")
        self._bury()

    def _exited(self) -> bool:
        """Return whether it ended. Its pid stays reserved until `_bury`, so no signal hits another one."""
        if self.process is None or self.process.returncode is not None:
            return True
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _bury(self) -> int:
        if self.process is None or self.process.returncode is not None:
            return self.process.returncode if self.process else 0
        with contextlib.suppress(ProcessLookupError):  # no process of the group is left
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()

    def _pump(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is not None:
            for line in process.stdout:
                self.log.write(self.name, line.decode(errors="replace").rstrip())


class Log:
    """The shared log file; important lines also go to the terminal."""

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        """Append to `path`, which is rotated at 10 MB with three older files."""
        self.path, self.tell = path, tell
        self._logger = logging.Logger("up")
        handler = RotatingFileHandler(path, maxBytes=10_000_000, backupCount=3, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(message)s"))
        self._logger.addHandler(handler)
        path.chmod(0o600)

    def write(self, name: str, line: str) -> None:
        """Write one line of one process."""
        self._logger.info("%-8s | %s", name, line)
        if any(word in line for word in IMPORTANT):
            self.tell(f"{name}: {line}")


@dataclass
class _Watched:
    kept: Kept
    began: float = field(default_factory=time.monotonic)
    delay: float = FIRST_DELAY
    due: float | None = None


class Supervisor:
    """Starts processes in order, restarts those that end, stops them in reverse order."""

    def __init__(self, log: Log) -> None:
        """Prepare the list of processes without starting any."""
        self.log = log
        self._watched: list[_Watched] = []

    def start(self, kept: Kept) -> None:
        """Start one more process and keep it running. Raises the errors of its start."""
        self._watched.append(_Watched(kept))  # added first: an interrupted start must be stopped too
        kept.start()

    def watch(self) -> None:
        """Check each process once; restart those that are due."""
        for watched in self._watched:
            now = time.monotonic()
            if watched.due is None:
                self._look(watched, now)
            elif now >= watched.due:
                self._restart(watched, now)

    def run(self) -> None:
        """Check in a loop until an exception ends it, such as one raised by a signal handler."""
        while True:
            self.watch()
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop all in reverse order."""
        while self._watched:
            self._watched[-1].kept.stop()
            self._watched.pop()

    def _look(self, watched: _Watched, now: float) -> None:
        code = watched.kept.ended()
        if code is None:
            return
        if now - watched.began > STEADY:
            watched.delay = FIRST_DELAY
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        self.log.tell(
            f"{watched.kept.name} ended ({how}); starting it again in {watched.delay:g} s. "
            f"See its last output in {self.log.path}"
        )
        watched.due = now + watched.delay
        watched.delay = min(watched.delay * 2, LONGEST_DELAY)

    def _restart(self, watched: _Watched, now: float) -> None:
        watched.began, watched.due = now, None
        try:
            watched.kept.start()
        except Exception as error:  # noqa: BLE001  (whatever it is, the others go on and this is tried again)
            self.log.tell(f"{watched.kept.name} cannot be started again: {error}")
            watched.due = now + watched.delay
            watched.delay = min(watched.delay * 2, LONGEST_DELAY)
