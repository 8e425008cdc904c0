"""Clones and fetches as part of a job: they have their own time limit, and pages show their progress."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from compliance.jobs import StoppedError, current_run, stopping
from compliance.jobs.limits import time_limit
from scanner import Watch


@contextmanager
def watching(what: str) -> Iterator[Watch]:
    """Yield what a clone or a fetch is watched with, and suspend the limits of the task meanwhile.

    `what` says what is being done, for example "cloning". Nothing is shown outside of a job, as in a command.
    """
    run, seconds = current_run(), float(settings.CLONE_TIME_LIMIT)
    told = ""

    def tell(progress: str) -> None:
        nonlocal told
        if stopping.value:
            raise StoppedError
        words = f"{what}, {progress}" if progress else what
        if run and words != told:
            told = words
            run.tell(words)

    with time_limit.replaced(seconds):
        yield Watch(seconds, tell)
    if run and told:
        run.tell("")
