"""How many generated values and histories a run tries."""

import os

SHARE = float(os.environ.get("GENERATED", "0.25"))
"""The part that is tried; 1 tries all, which takes minutes more."""


def share(number: int) -> int:
    """Return how many of so many generated values or histories this run tries, at least 5."""
    return min(number, max(5, round(number * SHARE)))
