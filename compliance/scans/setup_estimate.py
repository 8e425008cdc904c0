"""Says how long the first scan of a repository will take, before it begins."""

from datetime import UTC, datetime
from typing import Any

from scanner import Estimate

BYTES_PER_SECOND = 5_000_000
"""The rate of a clone whose server didn't send enough to measure it."""

SECONDS_PER_COMMIT = (0.004, 0.03)
"""Time to evaluate one commit of the history, in a small and in a large repository (docs/measurements.md)."""


def describe_estimate(found: Estimate, free: int) -> dict[str, Any]:
    """Return what is shown and stored of an estimate: the size and the free space in bytes, the number of
    commits, the date of the first one, and the shortest and longest time in seconds. What is unknown is null.
    """
    commits = len(found.times) if found.times is not None else None
    clone = found.size / (found.rate or BYTES_PER_SECOND) if found.size is not None else None
    seconds = None
    if commits is not None and clone is not None:
        low, high = SECONDS_PER_COMMIT
        seconds = [round(clone + commits * low), round(clone * 1.5 + commits * high) + 5]
    first = min(found.times) if found.times else None
    return {
        "size": found.size,
        "commits": commits,
        "since": datetime.fromtimestamp(first, UTC).date().isoformat() if first is not None else None,
        "seconds": seconds,
        "free": free,
    }
