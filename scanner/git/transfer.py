"""Runs the git commands that copy a repository: with a time limit of their own and visible progress, and
without leaving a process behind.
"""

import ctypes
import os
import re
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from git.cmd import Git
from git.exc import GitCommandNotFound

from scanner.git.command import GitError, GitMissingError, command_line, environment

_TELL_EVERY = 1.0
_LOOK_EVERY = 0.25
_PATIENCE = 10.0
"""Seconds for git to end and to remove its files after it was told to, before it is killed."""

_LONGEST_MESSAGE = 1 << 16
_PART_BYTES = 1 << 16
# git's helpers wait for the server and don't notice that git has ended. Therefore, a shell ends all processes
# of the group once git has removed its files. It says nothing, because nobody may be left to hear it.
_GUARD = (
    'trap "exec 2>/dev/null; kill -TERM \\$child; while kill -0 \\$child; do wait \\$child; done; '
    'kill -KILL 0" TERM; "$@" & child=$!; wait $child'
)
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None
# "Receiving objects:  45% (450/1000), 12.00 MiB | 2.00 MiB/s" and "remote: Enumerating objects: 5, done."
_PROGRESS = re.compile(r"(?:remote: )?(?P<step>[A-Z][a-z]+(?: [a-z]+)*): +(?P<much>\d.*)")
_CLOSING = re.compile(r"(?:remote: Total |Cloning into )")


def _say_nothing(_: str) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Watch:
    """The limit of a transfer in seconds, and a function that is told git's progress about once a second,
    whether or not it has changed.

    An exception from the function ends the transfer.
    """

    seconds: float = 3600.0
    tell: Callable[[str], None] = _say_nothing


def transfer(
    arguments: Sequence[str],
    watch: Watch,
    *,
    git_dir: str | None = None,
    config: Sequence[str] = (),
    secret_config: Mapping[str, str] | None = None,
    ssh_options: Sequence[str] = (),
) -> None:
    """Run one git command that accepts `--progress`. The settings are those of `scanner.git.command.run`.

    Raises `GitError` with git's own message if the command fails or takes too long.
    """
    command = command_line([arguments[0], "--progress", *arguments[1:]], git_dir, config)
    with _running(command, environment(secret_config or {}, ssh_options)) as process:
        complaint = _Complaint()
        _follow(process, watch, complaint)
        status = process.wait()
    if status != 0:
        raise GitError(complaint.text() or f"git ended with status {status}")


class _Complaint:
    """What git wrote to standard error: its newest progress, and the messages between its progress."""

    def __init__(self) -> None:
        self.progress = ""
        self._lines: list[str] = []
        self._rest = b""

    def add(self, part: bytes) -> None:
        """Split the output into lines. git ends lines about progress with a carriage return."""
        *lines, self._rest = re.split(rb"[\r\n]", self._rest + part)
        for line in lines:
            self._take(line)
        self._rest = self._rest[-_LONGEST_MESSAGE:]

    def _take(self, line: bytes) -> None:
        words = line.decode("utf-8", "replace").strip()
        if progress := _PROGRESS.fullmatch(words):
            self.progress = f"{progress['step'].lower()}: {progress['much'].strip()}"
        elif words and not _CLOSING.match(words):
            self._lines.append(words)
            while sum(map(len, self._lines)) > _LONGEST_MESSAGE:
                del self._lines[0]

    def text(self) -> str:
        """Return the messages."""
        self._take(self._rest)
        self._rest = b""
        return "\n".join(self._lines)


def _follow(process: "subprocess.Popen[bytes]", watch: Watch, complaint: _Complaint) -> None:
    """Read the output until it ends. Raises `GitError` at the time limit."""
    told_at = time.monotonic()
    until = told_at + watch.seconds
    with selectors.DefaultSelector() as selector:
        selector.register(process.stderr.fileno(), selectors.EVENT_READ)  # type: ignore[union-attr]
        while True:
            for ready, _ in selector.select(_LOOK_EVERY):
                if not (part := os.read(ready.fd, _PART_BYTES)):
                    return
                complaint.add(part)
            now = time.monotonic()
            if now > until:
                raise GitError(f"git did not complete in {watch.seconds:g} seconds, the limit for a transfer")
            if now - told_at > _TELL_EVERY:
                told_at = now
                watch.tell(complaint.progress)


@contextmanager
def _running(command: list[str], variables: Mapping[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a command in a process group of its own, none of which is left after the block or this process."""
    try:
        handle: Any = Git(os.sep).execute(
            ["sh", "-c", _GUARD, "sh", *command],
            as_process=True,
            with_stdout=False,
            env=dict(variables),
            start_new_session=True,
            preexec_fn=partial(_follow_parent, os.getpid()),
        )
    except GitCommandNotFound as error:
        raise GitMissingError from error
    process: subprocess.Popen[bytes] = handle.proc
    try:
        yield process
    finally:
        _end(process)
        handle.proc = None


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the processes of a group. git removes an incomplete clone when it is told to end."""
    if process.poll() is None:
        _signal(process, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
    _signal(process, signal.SIGKILL)
    process.wait()
    if process.stderr is not None:
        process.stderr.close()


def _signal(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _follow_parent(parent: int) -> None:
    """Ask the kernel to end this new process when its parent is killed (Linux only)."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the parent's handler would lose the request
    if _PRCTL is not None:
        _PRCTL(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # the parent ended before the kernel was asked
        os._exit(1)
