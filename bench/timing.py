"""Whole processes timed by the operating system's own accounting, two commands in turn."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Command:
    """What to run: argument list, folder, and the file to feed to standard input."""

    arguments: Sequence[str]
    folder: Path
    stdin: Path | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One finished process: wall seconds and the peak resident memory of its largest process, in MB."""

    wall: float
    peak: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two commands run in turn; `ratio` is the median of our wall time over theirs, pair by pair."""

    ours: Run
    theirs: Run
    ratio: float


def run(command: Command, environment: dict[str, str] | None = None) -> Run:
    """Run to the end with output thrown away. Raises RuntimeError on an exit code over 1 or a signal."""
    with (
        (command.stdin or Path(os.devnull)).open("rb") as stdin,
        Path(os.devnull).open("wb") as nowhere,
    ):
        start = time.perf_counter()
        process = subprocess.Popen(
            list(command.arguments),
            cwd=command.folder,
            stdin=stdin,
            stdout=nowhere,
            stderr=nowhere,
            env=os.environ | (environment or {}),
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
    code = os.waitstatus_to_exitcode(status)
    process.returncode = code
    if code not in (0, 1):
        raise RuntimeError(f"{' '.join(command.arguments)} ended with {code}")
    return Run(wall, usage.ru_maxrss / 1024)


def pair(ours: Command, theirs: Command, runs: int, before: Callable[[], None] = lambda: None) -> Pair:
    """Run both in turn after one warm-up each; `before` is called ahead of each run of ours."""
    before()
    run(ours)
    run(theirs)
    measured: list[tuple[Run, Run]] = []
    for _ in range(runs):
        before()
        measured.append((run(ours), run(theirs)))
    return Pair(
        median([a for a, _ in measured]),
        median([b for _, b in measured]),
        statistics.median(a.wall / b.wall for a, b in measured),
    )


def median(runs: Sequence[Run]) -> Run:
    """The medians of wall time and peak memory."""
    return Run(statistics.median(r.wall for r in runs), statistics.median(r.peak for r in runs))


def python(*arguments: str) -> list[str]:
    """A command line for this interpreter."""
    return [sys.executable, *arguments]
