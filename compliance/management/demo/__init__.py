"""The demonstration: a real git repository in the middle of a migration, generated deterministically.

Its original dates are in August to October 2025. All of them can be shifted by the same number of whole
weeks, so that the newest commit is in the week before a given time. This preserves weekdays, hours and UTC
offsets.
"""

from datetime import datetime
from pathlib import Path

from compliance.management.demo.fast_import import WriteError, write_repository
from compliance.management.demo.history import commits, plan_text, snapshots, tags, weeks_until
from compliance.management.demo.pull_requests import heads

__all__ = ["WriteError", "build", "commits", "plan_text", "weeks_until"]


def build(path: Path, now: datetime | None = None) -> None:
    """Write the bare repository to `path`, which must not exist or must be empty.

    With `now`, the newest commit is dated in the seven days before it. Otherwise, all dates and SHAs are the
    original ones. Raises FileExistsError, or WriteError with git's message.
    """
    weeks = weeks_until(now) if now else 0
    write_repository(path, [*snapshots(weeks), *heads(weeks)], tags(weeks))
