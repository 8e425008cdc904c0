"""How often a process looks for cyclic garbage."""

import gc

ALLOCATIONS = 10_000
"""Number of new objects after which Python looks for garbage among them."""


def collect_rarely() -> None:
    """Exclude everything that is loaded from collections, and collect less often: a full collection of the
    product's modules takes 0.2 s and stops all threads, and drawing a list of 1,000 repositories causes one.

    Call it once everything is imported, and before processes are forked.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(ALLOCATIONS, 10, 10)
