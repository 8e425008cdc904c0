"""Finds and ends the processes of a Postgres server by the data folder in which they work."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from compliance.embedded.paths import PostgresPaths

STOP_SECONDS = 30.0


def processes(data: Path) -> list[int]:
    """Return every process of this data folder's server, identified by its program and working folder.

    `postmaster.pid` is not reliable: after a crash, its process id may belong to another program.
    """
    return [pid for pid, folder in _servers() if _is_same(folder, data)]


def processes_within(home: Path) -> list[int]:
    """Return every process of a server that works anywhere in this folder."""
    inside = home.resolve()
    return [pid for pid, folder in _servers() if _is_inside(folder, inside)]


def end_predecessor(paths: PostgresPaths) -> None:
    """Stop a server that an earlier start has left running, then remove its lock files.

    Lock files contain process ids that may have been reused, which would prevent Postgres from starting.
    Without lock files, however, Postgres wouldn't notice sessions that outlived their server, so those are
    ended first.
    """
    deadline = time.monotonic() + STOP_SECONDS
    asked = False
    while left := processes(paths.data):
        late = time.monotonic() > deadline
        if not asked or late:
            end(left, _postmaster(paths.data), signal.SIGKILL if late else signal.SIGINT)
            asked = True
        time.sleep(0.05)
    (paths.data / "postmaster.pid").unlink(missing_ok=True)
    paths.socket_file.unlink(missing_ok=True)
    paths.socket_file.with_name(f"{paths.socket_file.name}.lock").unlink(missing_ok=True)


def end(pids: list[int], postmaster: int | None, request: signal.Signals) -> None:
    """Signal the server, which then ends its sessions. If the server no longer exists, signal the sessions
    directly.
    """
    if request is not signal.SIGKILL:
        pids = [postmaster] if postmaster in pids else pids
        request = request if postmaster in pids else signal.SIGTERM
    for pid in pids:
        try:
            os.kill(pid, request)
        except ProcessLookupError:
            continue


def _servers() -> Iterator[tuple[int, Path]]:
    """Yield the processes of all servers, each with the link to its working folder."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            program = (entry / "exe").readlink().name.removesuffix(" (deleted)")
        except OSError:
            continue  # the process has ended or belongs to another user
        if program == "postgres":
            yield int(entry.name), entry / "cwd"


def _is_same(link: Path, data: Path) -> bool:
    try:
        return link.samefile(data)
    except OSError:
        return False


def _is_inside(link: Path, home: Path) -> bool:
    try:
        return link.readlink().is_relative_to(home)
    except OSError:
        return False


def _postmaster(data: Path) -> int | None:
    try:
        return int((data / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
