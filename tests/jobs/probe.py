"""A real worker with a short lease and a few kinds of jobs that misbehave; started with `celery -A`."""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import django

from compliance.celery import app

django.setup()

from compliance import tasks  # noqa: E402
from compliance.jobs import JobRun, queue, runner  # noqa: E402

for _module in (queue, runner):
    vars(_module)["LEASE"] = timedelta(seconds=float(os.environ.get("PROBE_LEASE", "3")))
app.conf.beat_schedule = {"sweep": {"task": "compliance.tasks.sweep", "schedule": 1.0}}


def _note(held: JobRun, word: str) -> None:
    folder = Path(held.job.detail["folder"])
    with (folder / f"{held.job.key}.txt").open("a") as file:
        file.write(f"{word} {os.getpid()}\n")


def quick(held: JobRun) -> bool:
    """Done at once."""
    _note(held, "done")
    return True


def long(held: JobRun) -> bool:
    """Many short steps; makes room when asked to."""
    _note(held, "began")
    for step in range(held.job.done_steps, held.job.detail["steps"]):
        if held.should_yield():
            _note(held, "room")
            return False
        time.sleep(0.1)
        held.progress(step + 1, held.job.detail["steps"])
    _note(held, "done")
    return True


def deadly(held: JobRun) -> bool:
    """Kills the process that runs it."""
    _note(held, "began")
    os.kill(os.getpid(), signal.SIGKILL)
    return True


def broken(held: JobRun) -> bool:
    """Raises."""
    raise ValueError(f"no such thing as {held.job.key}")


tasks.KINDS = {**tasks.KINDS, "quick": quick, "long": long, "deadly": deadly, "broken": broken}
