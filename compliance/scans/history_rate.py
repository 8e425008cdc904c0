"""Measures how fast this installation records history, from the times at which commits were recorded."""

from typing import NamedTuple

from django.db import connection

from compliance.lib.single_flight import once
from compliance.models import Repository

PAUSE = 10.0
"""A longer time in seconds between two recorded commits is a pause, in which other work was done."""

WHOLE = 20_000
"""Number of commits that the rate of an earlier scan is measured over at most."""

FEWEST, MOST = 400, 5_000
"""The rate of a running scan is measured over the newer half of what is recorded, within these limits: over
fewer commits, each large one would change the time that is left by minutes.
"""

LEAST = 50
"""Number of commits without which there is no rate."""

LEAST_EXPERIENCE = 1_000
"""Number of recorded commits without which a history says nothing about others: that of a small repository,
such as the demonstration's, takes as long as the job's beginning and its few transactions.
"""

MARGIN = 1.6
"""Factor by which the time for a commit of another repository may differ in both directions."""

REPOSITORIES = 5
"""Number of repositories, the newest ones, whose scans say what to expect of the next one."""


KEEP = 3600.0
"""Seconds for which a process keeps the rate of a complete history."""


class Rate(NamedTuple):
    """How many commits were recorded in how many seconds of work."""

    commits: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Return the number of commits recorded in a second."""
        return self.commits / self.seconds

    @property
    def per_commit(self) -> float:
        """Return the time for one commit in seconds."""
        return self.seconds / self.commits


# Commits that are written together have the same time, so the first ones of the period don't count.
_RATE = """
SELECT coalesce(sum(number) FILTER (WHERE gap <= %(pause)s), 0),
    coalesce(sum(gap) FILTER (WHERE gap <= %(pause)s), 0)
FROM (
    SELECT number, extract(epoch FROM recorded_at - lag(recorded_at) OVER (ORDER BY recorded_at)) AS gap
    FROM (
        SELECT recorded_at, count(*) AS number FROM (
            SELECT recorded_at FROM compliance_snapshot WHERE plan_id = %(plan)s
            ORDER BY id {order} LIMIT %(most)s
        ) AS rows GROUP BY recorded_at
    ) AS written
) AS steps
"""


def recent_rate(repository: Repository, recorded: int = 0) -> Rate | None:
    """Return the rate at which the newest rows of the active plan were recorded; None if they are too few.

    `recorded` is the number of commits that are recorded.
    """
    most = min(max(recorded // 2, FEWEST), MOST)
    return _rate(repository.plan_id, most, "DESC") if repository.plan_id else None


def seconds_left(repository: Repository, left: int, recorded: int = 0) -> float | None:
    """Return how long the rest of the history takes at the present rate, or None if it isn't known yet.

    Args:
        left: number of commits that are to be recorded.
        recorded: number of those that are.
    """
    rate = recent_rate(repository, recorded) if left else None
    return left * rate.per_commit if rate else None


def seconds_per_commit() -> tuple[float, float] | None:
    """Return the shortest and the longest time for one commit in the histories recorded lately, each
    with a margin, because repositories and plans differ; None without any.
    """
    rows = Repository.objects.filter(plan__isnull=False).order_by("-pk")[:REPOSITORIES]
    rates = [rate for rate in map(_whole_rate, rows) if rate.commits >= LEAST_EXPERIENCE]
    if not rates:
        return None
    times = [rate.per_commit for rate in rates]
    return min(times) / MARGIN, max(times) * MARGIN


def _whole_rate(repository: Repository) -> Rate:
    """Return the rate of a repository's history, without commits if there is none yet. That of a complete
    history is kept, because forms show it after each key that is pressed.
    """

    def read() -> Rate:
        return (_rate(repository.plan_id, WHOLE, "ASC") if repository.plan_id else None) or Rate(0, 0.0)

    if not repository.history_done:
        return read()
    return once(f"history-rate-{repository.plan_id}-{repository.line_length}", read, KEEP)


def _rate(plan: int, most: int, order: str) -> Rate | None:
    with connection.cursor() as cursor:
        cursor.execute(_RATE.format(order=order), {"plan": plan, "most": most, "pause": PAUSE})
        commits, seconds = cursor.fetchone()
    return Rate(int(commits), float(seconds)) if commits >= LEAST and seconds > 0 else None
