"""Whole processes timed by the operating system's own accounting, two of them in turn."""

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.memory import NOTHING, Memory, Sampler


@dataclass(frozen=True, slots=True)
class Run:
    """One finished run: seconds by the clock, seconds of computing, memory.

    What git computes below our reading children is not in it: they leave without waiting for git.
    """

    wall: float
    cpu: float
    memory: Memory = NOTHING


@dataclass(frozen=True, slots=True)
class Command:
    """What to run: argument list, folder, and the file to feed to standard input."""

    arguments: Sequence[str]
    folder: Path
    stdin: Path | None = None

    def __call__(self, *, sampled: bool = False) -> Run:
        """Run to the end with output thrown away; `sampled` watches memory, at a few hundredths of the time.

        Raises RuntimeError on an exit code over 1 or a signal.
        """
        with (
            (self.stdin or Path(os.devnull)).open("rb") as stdin,
            Path(os.devnull).open("wb") as nowhere,
        ):
            start = time.perf_counter()
            process = subprocess.Popen(
                list(self.arguments), cwd=self.folder, stdin=stdin, stdout=nowhere, stderr=nowhere
            )
            sampler = Sampler(process.pid) if sampled else None
            _, status, usage = os.wait4(process.pid, 0)
            wall = time.perf_counter() - start
        memory = sampler.stop() if sampler else NOTHING
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            raise RuntimeError(f"{' '.join(self.arguments)} ended with {process.returncode}")
        return Run(wall, usage.ru_utime + usage.ru_stime, memory)


Work = Callable[[], Run]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two works run in turn; `ratio` is the median of our wall time over theirs, pair by pair."""

    ours: Run
    theirs: Run
    ratio: float


def pair(ours: Command, theirs: Command, runs: int, before: Callable[[], None]) -> Pair:
    """Run both in turn; `before` is called ahead of each run of ours.

    First comes a warm-up of each, in which our memory is looked at. With one run only, that is the run.
    """
    before()
    if runs == 1:
        theirs()
        only = ours(sampled=True), theirs()
        return Pair(*only, only[0].wall / only[1].wall)
    memory = ours(sampled=True).memory
    theirs()
    measured: list[tuple[Run, Run]] = []
    for _ in range(runs):
        before()
        measured.append((ours(), theirs()))
    ratio = statistics.median(a.wall / b.wall for a, b in measured)
    return Pair(median([a for a, _ in measured], memory), median([b for _, b in measured]), ratio)


def median(runs: Sequence[Run], memory: Memory = NOTHING) -> Run:
    """The medians of wall time and of computing."""
    return Run(statistics.median(r.wall for r in runs), statistics.median(r.cpu for r in runs), memory)


def python(*arguments: str) -> list[str]:
    """A command line for this interpreter."""
    return [sys.executable, *arguments]
