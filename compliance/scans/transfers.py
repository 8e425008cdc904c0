"""Clones and fetches as part of a job: they have their own time limit, and pages show their progress."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings

from compliance.jobs import StoppedError, current_run, stopping
from compliance.jobs.limits import time_limit
from scanner import Watch

LONG_AFTER = 2.0
"""Seconds after which a transfer counts as long."""


_STEPS = {
    "enumerating objects": "step 1 of 5, listing objects",
    "counting objects": "step 2 of 5, counting objects",
    "compressing objects": "step 3 of 5, compressing objects",
    "receiving objects": "step 4 of 5, receiving objects",
    "resolving deltas": "step 5 of 5, resolving deltas",
}
"""What git does in a transfer, by its own names, in this order. Each step has a percentage of its own."""

_IS_DONE = "100%"


def in_steps(progress: str) -> str:
    """Return git's progress with the number of the step, so that 100 % of one isn't taken for the end."""
    name, _, figures = progress.partition(": ")
    step = _STEPS.get(name)
    if step is None:
        return progress
    if not figures.startswith(_IS_DONE):
        return f"{step}: {figures}"
    follows = "git checks what has arrived" if name == "resolving deltas" else "the next step begins"
    return f"{step}: done; {follows}"


@contextmanager
def watching(what: str, when_long: Callable[[], None] = lambda: None) -> Iterator[Watch]:
    """Yield what a clone or a fetch is watched with, and suspend the limits of the task meanwhile.

    `what` says what is being done, for example "cloning". Nothing is shown outside of a job, as in a command.
    `when_long` is called once, if the transfer takes long.
    """
    run, seconds = current_run(), float(settings.CLONE_TIME_LIMIT)
    told, is_long = "", False
    began = time.monotonic()

    def tell(progress: str) -> None:
        nonlocal told, is_long
        if stopping.value:
            raise StoppedError
        if not is_long and time.monotonic() - began >= LONG_AFTER:
            is_long = True
            when_long()
        words = f"{what}, {in_steps(progress)}" if progress else what
        if run and words != told:
            told = words
            run.tell(words)

    with time_limit.replaced(seconds):
        yield Watch(seconds, tell)
    if run and told:
        run.tell("")
