"""Child processes that never outlive their parent, even if it is killed."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import IO

from compliance.embedded.paths import Account

PR_SET_PDEATHSIG = 1  # linux/prctl.h
END_SECONDS = 10.0
"""Seconds between SIGTERM and SIGKILL."""


def spawn(
    command: Sequence[str | os.PathLike[str]],
    output: IO[bytes] | int,
    *,
    farewell: signal.Signals,
    source: IO[bytes] | int = subprocess.DEVNULL,
    errors: IO[bytes] | int = subprocess.STDOUT,
    account: Account | None = None,
    cwd: str | os.PathLike[str] = "/",
    environment: Mapping[str, str] | None = None,
    pass_fds: Sequence[int] = (),
    niceness: int = 0,
) -> subprocess.Popen[bytes]:
    """Start `command` in its own session, so that this process controls the order of shutdown on Ctrl-C.

    Call this from the main thread, because the kernel sends `farewell` when the thread that started the child
    ends.

    Args:
        output: the target of its standard output.
        source: what it reads from its standard input.
        errors: the target of its standard error, which is `output` unless given.
        farewell: the signal that it receives when this process ends for any reason (Linux only; see
            PR_SET_PDEATHSIG in prctl(2)).
        account: the user under which it runs, or None for the current one.
        pass_fds: open files that it inherits.
        niceness: by how much its scheduling priority is lower than this process's (nice(2)).

    Raises:
        OSError: if it cannot be started.
    """
    return subprocess.Popen(
        [os.fspath(word) for word in command],
        cwd=cwd,
        env=environment,
        stdin=source,
        stdout=output,
        stderr=errors,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        pass_fds=pass_fds,
        preexec_fn=partial(_begin, os.getpid(), farewell, niceness),  # noqa: PLW1509  (three system calls)
    )


def end(child: "subprocess.Popen[bytes]") -> None:
    """End a child if it is still running, at first with SIGTERM: pg_dump then cancels its query."""
    child.terminate()
    try:
        child.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _begin(parent: int, farewell: signal.Signals, niceness: int) -> None:
    follow_parent(parent, farewell)
    if niceness:
        os.nice(niceness)


_PRCTL = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


def follow_parent(parent: int, farewell: signal.Signals) -> None:
    """Ask the kernel to send `farewell` to this new process when its parent ends (Linux only)."""
    # Until another program is executed, the parent's handler would be run, and the request would be lost.
    signal.signal(farewell, signal.SIG_DFL)
    if _PRCTL is not None:
        _PRCTL(PR_SET_PDEATHSIG, farewell)
    if os.getppid() != parent:  # the parent ended before the kernel was asked
        os._exit(1)
