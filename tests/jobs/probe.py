"""A real worker with a short lease and a few kinds of jobs that misbehave; started with `celery -A`."""

import json
import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import django
from celery.signals import beat_init
from django.db import connection

from compliance.celery import app

django.setup()

from compliance import tasks  # noqa: E402
from compliance.jobs import JobRun, queue, runner  # noqa: E402
from compliance.jobs.limits import SOFT  # noqa: E402

for _module in (queue, runner):
    vars(_module)["LEASE"] = timedelta(seconds=float(os.environ.get("PROBE_LEASE", "3")))
app.conf.beat_schedule = {"sweep": {"task": "compliance.tasks.sweep", "schedule": 1.0}}


def _note(held: JobRun, word: str) -> None:
    folder = Path(held.job.detail["folder"])
    with (folder / f"{held.job.key}.txt").open("a") as file:
        file.write(f"{word} {os.getpid()}\n")


def limits() -> str:
    """The limits and the name of this process's session, as JSON."""
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "application_name")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(names)])
        return json.dumps(dict(cursor.fetchall()))


@beat_init.connect
def _tell_limits(**_: object) -> None:
    if path := os.environ.get("PROBE_BEAT"):
        Path(path).write_text(limits())


def tell_limits(held: JobRun) -> bool:
    """Write the limits of the worker's session to a file."""
    (Path(held.job.detail["folder"]) / f"{held.job.key}.json").write_text(limits())
    return True


def asleep(held: JobRun) -> bool:
    """Run a statement that does not end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(600)")
    return True


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


def stuck(held: JobRun) -> bool:
    """Computes without an end, and cannot be interrupted by Python."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {SOFT})
    time.sleep(600)
    return True


def sleepy(held: JobRun) -> bool:
    """Sleeps for long."""
    time.sleep(600)
    return True


tasks.KINDS = {
    **tasks.KINDS,
    "limits": tell_limits,
    "asleep": asleep,
    "quick": quick,
    "long": long,
    "deadly": deadly,
    "broken": broken,
}
tasks.KINDS = {**tasks.KINDS, "stuck": stuck, "sleepy": sleepy}
for _name, _variable in (
    ("task_time_limit", "PROBE_TIME_LIMIT"),
    ("task_soft_time_limit", "PROBE_SOFT_LIMIT"),
):
    if _variable in os.environ:
        setattr(app.conf, _name, float(os.environ[_variable]))
