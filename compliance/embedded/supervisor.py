"""The supervisor, which keeps the product's processes running and stops them in order."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Protocol

from compliance.embedded.backoff import Backoff
from compliance.embedded.child_process import spawn
from compliance.embedded.pulse import SILENCE, VARIABLE, Pulse

IMPORTANT = ("level=ERROR", "level=CRITICAL", "[ERROR]", "[CRITICAL]")


class Kept(Protocol):
    """A process that a supervisor keeps running."""

    name: str

    def start(self) -> None:
        """Start the process, and return once it is running. Raises an error if it can't be started."""

    def ended(self) -> int | None:
        """Return its exit code (negative for a signal), or None while it is running."""

    def request_stop(self) -> None:
        """Ask the process to stop while other processes are still stopping, unless it must be stopped after
        them.
        """

    def stop(self) -> None:
        """Stop the process, by force if it hasn't ended after its grace period."""


class Program:
    """A program whose output goes to the shared log. Important lines are also written to the terminal."""

    def __init__(
        self,
        name: str,
        command: list[str],
        log: "Log",
        *,
        cwd: Path,
        grace: float = 20.0,
        with_pulse: bool = False,
        in_order: bool = True,
        niceness: int = 0,
    ) -> None:
        """Prepare the program.

        Args:
            grace: seconds between the request to stop and SIGKILL.
            with_pulse: true if the program sends heartbeats (`give_pulse`); it is killed if they stop.
            in_order: true if it must be asked to stop only after all programs started after it have stopped.
            niceness: by how much its scheduling priority, and that of its children, is lower (nice(2)).
        """
        self.in_order, self.niceness = in_order, niceness
        self.name, self.command, self.log, self.cwd, self.grace = name, command, log, cwd, grace
        self.with_pulse = with_pulse
        self.process: subprocess.Popen[bytes] | None = None
        self._pulse: Pulse | None = None

    def start(self) -> None:
        """Start the program. Raises OSError if that fails."""
        environment, files = dict(os.environ), []
        if self.with_pulse:
            self._pulse = Pulse()
            environment[VARIABLE] = str(self._pulse.write_end)
            files.append(self._pulse.write_end)
        try:
            self.process = spawn(
                self.command,
                subprocess.PIPE,
                farewell=signal.SIGTERM,
                cwd=self.cwd,
                environment=environment,
                pass_fds=files,
                niceness=self.niceness,
            )
        finally:
            if self._pulse is not None:
                self._pulse.close_write_end()
        threading.Thread(target=self._pump, args=(self.process,), daemon=True).start()

    def ended(self) -> int | None:
        """Return the exit code like `Kept.ended`, and end the rest of its process group as well.

        A program that sends no heartbeats is killed.
        """
        if self.process is None:
            return None
        if self._exited():
            return self._bury()
        if self._pulse is not None and self._pulse.is_silent():
            self.log.tell(f"{self.name} sent no heartbeat for {SILENCE:g} s and is killed.")
            self._forget_pulse()
            os.killpg(self.process.pid, signal.SIGKILL)
        return None

    def request_stop(self) -> None:
        """Ask the program to stop, as described in `Kept.request_stop`."""
        if not self.in_order and not self._exited():
            self._terminate()

    def _terminate(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.send_signal(signal.SIGCONT)  # it may have been stopped

    def stop(self) -> None:
        """Stop the program, as described in `Kept.stop`."""
        if self.process is None:
            return
        if not self._exited():
            self._terminate()
            deadline = time.monotonic() + self.grace
            while not self._exited() and time.monotonic() < deadline:
                time.sleep(0.05)
            if not self._exited():
                self.log.tell(f"{self.name} did not stop within {self.grace:g} s and is ended by force.")
        self._bury()

    def _exited(self) -> bool:
        """Return true if the process has ended. Its pid stays reserved until `_bury` is called, so no signal
        can reach an unrelated process.
        """
        if self.process is None or self.process.returncode is not None:
            return True
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _forget_pulse(self) -> None:
        if self._pulse is not None:
            self._pulse.close()
            self._pulse = None

    def _bury(self) -> int:
        self._forget_pulse()
        if self.process is None or self.process.returncode is not None:
            return self.process.returncode if self.process else 0
        with contextlib.suppress(ProcessLookupError):  # no process in the group is left
            os.killpg(self.process.pid, signal.SIGKILL)
        return self.process.wait()

    def _pump(self, process: subprocess.Popen[bytes]) -> None:
        if process.stdout is not None:
            # must continue despite logging errors, because a program whose output isn't read would block
            for line in process.stdout:
                self.log.write(self.name, line.decode(errors="replace").rstrip())


class _LogFile(RotatingFileHandler):
    """A log file that reports once if it can't be written and, once it can be written again, how many lines
    were lost.
    """

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        super().__init__(path, maxBytes=10_000_000, backupCount=3, encoding="utf-8")
        self._tell, self._lost = tell, 0

    def emit(self, record: logging.LogRecord) -> None:
        before = self._lost
        super().emit(record)
        if before and self._lost == before:
            self._lost = 0
            self._tell(f"{self.baseFilename} is written again; {before} lines were lost.")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802  (the library's name)
        if not self._lost:
            self._tell(f"{self.baseFilename} cannot be written: {sys.exc_info()[1]}. Its lines are lost.")
        self._lost += 1


class Log:
    """The shared log file. Important lines are also written to the terminal."""

    def __init__(self, path: Path, tell: Callable[[str], None]) -> None:
        """Append to `path`, which is rotated at 10 MB, keeping three older files."""
        self.path, self.tell = path, tell
        self._logger = logging.Logger("up")
        handler = _LogFile(path, tell)
        handler.setFormatter(logging.Formatter("%(message)s"))
        self._logger.addHandler(handler)
        path.chmod(0o600)

    def write(self, name: str, line: str) -> None:
        """Write one line of a process's output."""
        self._logger.info("%-8s | %s", name, line)
        if any(word in line for word in IMPORTANT):
            self.tell(f"{name}: {line}")


@dataclass
class _Watched:
    kept: Kept
    backoff: Backoff = field(default_factory=Backoff)
    due: float | None = None


class Supervisor:
    """Starts processes in order, restarts those that end, and stops them all in reverse order."""

    def __init__(
        self, log: Log, held: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext
    ) -> None:
        """Prepare an empty list of processes without starting any.

        Args:
            log: the log to which it reports.
            held: a context manager that defers signals, so that no started process is lost.
        """
        self.log, self._held = log, held
        self._watched: list[_Watched] = []

    def start(self, kept: Kept) -> None:
        """Start another process and keep it running. Raises the error if it can't be started."""
        self._watched.append(
            _Watched(kept)
        )  # Added before it is started, so that a partially started process is stopped as well.
        with self._held():
            kept.start()

    def watch(self) -> None:
        """Check each process once, and restart those that are due."""
        for watched in self._watched:
            now = time.monotonic()
            with self._held():
                if watched.due is None:
                    self._look(watched, now)
                elif now >= watched.due:
                    self._restart(watched, now)

    def run(self) -> None:
        """Check the processes repeatedly until an exception, such as one raised by a signal handler, ends the
        loop.
        """
        while True:
            self.watch()
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop all processes in reverse order. If one cannot be stopped, the others are still stopped."""
        for watched in self._watched:
            watched.kept.request_stop()
        while self._watched:
            kept = self._watched.pop().kept
            try:
                kept.stop()
            except Exception as error:  # noqa: BLE001  (the others must still be stopped)
                self.log.tell(f"{kept.name} could not be stopped: {error}")

    def _look(self, watched: _Watched, now: float) -> None:
        code = watched.kept.ended()
        if code is None:
            return
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        delay = watched.backoff.next_delay()
        self.log.tell(
            f"{watched.kept.name} ended ({how}); starting it again in {delay:g} s. "
            f"See its last output in {self.log.path}"
        )
        watched.due = now + delay

    def _restart(self, watched: _Watched, now: float) -> None:
        watched.due = None
        watched.backoff.begin()
        try:
            watched.kept.start()
        except Exception as error:  # noqa: BLE001  (the other processes must continue, and the start is retried)
            self.log.tell(f"{watched.kept.name} cannot be started again: {error}")
            watched.due = now + watched.backoff.next_delay()
