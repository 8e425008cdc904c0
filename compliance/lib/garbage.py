"""How often a process looks for cyclic garbage."""

import atexit
import gc

ALLOCATIONS = 10_000
"""Number of new objects after which Python looks for garbage among them."""

WHILE_LOADING = (50_000, 20, 100)
"""Python's three thresholds for a process that still imports the product, which makes no garbage."""


def load_and_end_fast() -> None:
    """Let a process import the product, and end, without looking for garbage among its 2,000 modules, which
    took nearly half of the time of a command that does nothing else.

    Call it first of all.
    """
    gc.set_threshold(*WHILE_LOADING)
    atexit.register(gc.freeze)


def collect_rarely() -> None:
    """Exclude everything that is loaded from collections, and collect less often: a full collection of the
    product's modules takes 0.2 s and stops all threads, and drawing a list of 1,000 repositories causes one.

    Call it once everything is imported, and before processes are forked.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, 10, 10)
