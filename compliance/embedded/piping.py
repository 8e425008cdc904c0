"""Passes what one program of Postgres writes to another one, such as a dump to psql."""

import signal
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import IO

from compliance.embedded.child_process import end, spawn

Command = Sequence[str | Path]
Child = subprocess.Popen[bytes]
PassOn = Callable[[Child, IO[bytes], Child, IO[bytes]], bool]
"""Copies the output of the first program to the input of the second one, and returns true if it failed. Both
streams are closed afterwards unless it has closed them.
"""


def pipe(read: Command, write: Command, environment: Mapping[str, str], pass_on: PassOn) -> str | None:
    """Run two programs, which are ended if anything goes wrong.

    Returns:
        what they complained about if they failed, or None.

    Raises:
        OSError: if one of them cannot be started.
    """
    with tempfile.TemporaryFile() as complaints:
        start = partial(spawn, errors=complaints, farewell=signal.SIGTERM, environment=environment)
        reader = start(read, subprocess.PIPE)
        writer = start(write, subprocess.DEVNULL, source=subprocess.PIPE)
        try:
            failed = _passed(reader, writer, pass_on)
        finally:
            for child in (reader, writer):
                end(child)
        return written(complaints) if failed else None


def _passed(reader: Child, writer: Child, pass_on: PassOn) -> bool:
    if reader.stdout is None or writer.stdin is None:
        raise OSError("The programs of Postgres cannot be started.")
    with reader.stdout as source:
        try:
            with writer.stdin as target:
                return pass_on(reader, source, writer, target)
        except BrokenPipeError:
            return True


def written(complaints: IO[bytes]) -> str:
    """Return what programs have written to a file of theirs."""
    complaints.seek(0)
    return complaints.read().decode(errors="replace").strip()
