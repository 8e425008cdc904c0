"""The demonstration: a real git repository with a migration under way, the same commits every time.

Its original dates are in August to October 2025. All of them can be moved by the same whole weeks, which
keeps weekdays, hours and offsets from UTC, and brings the newest commit into the week before a moment.
"""

from datetime import datetime
from pathlib import Path

from compliance.demo.fast_import import WriteError, write_repository
from compliance.demo.history import commits, plan_text, snapshots, tags, weeks_until

__all__ = ["WriteError", "build", "commits", "plan_text", "weeks_until"]


def build(path: Path, now: datetime | None = None) -> None:
    """Write the repository, bare, at `path`, which must not hold anything yet.

    With `now` its newest commit lies in the seven days before; without, every date is the original one, and
    so is every SHA. Raises FileExistsError and WriteError, which has git's own words.
    """
    weeks = weeks_until(now) if now else 0
    write_repository(path, snapshots(weeks), tags(weeks))
