"""Plausible dates for commits, which charts need because git records whatever a committer's clock says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from compliance.lib.field_types import READABLE_SINCE, READABLE_UNTIL
from scanner import Repository as GitRepository
from scanner import Revision

PLAUSIBLE_SINCE = datetime(1971, 1, 1, tzinfo=UTC)
"""Earlier dates are implausible, because a clock that was reset says 1970."""

_AHEAD = timedelta(days=366)
"""How far a committer's or this machine's clock may be off. A chart is extended by no more than this."""

_RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
"""Earliest plausible time on this machine, so that a clock that was reset doesn't make every commit
implausible.
"""


def storable_date(date: datetime) -> datetime:
    """Return a date in UTC, or the nearest date that can be recorded."""
    try:
        return min(max(date.astimezone(UTC), READABLE_SINCE), READABLE_UNTIL)
    except OverflowError:
        return READABLE_SINCE if date.year < PLAUSIBLE_SINCE.year else READABLE_UNTIL


def latest_plausible() -> datetime:
    """Return the latest time at which a commit can have been made."""
    return max(timezone.now(), _RELEASED) + _AHEAD


class CommitDates:
    """The dates at which charts show one branch's commits, regardless of the order in which they are
    requested.
    """

    def __init__(self, git: GitRepository, tip: str) -> None:
        self._git, self._tip = git, tip
        self._latest = latest_plausible()
        self._known: dict[str, datetime] = {}

    def of(self, revision: Revision) -> datetime:
        """Return when a commit was made, as plausibly stated by its committer, its author or the nearest
        older commit.

        If no older commit has a plausible date, the nearest younger one decides.
        """
        own = self._plausible(revision)
        if own is not None:
            return own
        if revision.sha not in self._known:
            found, passed = self._first(self._git.line(revision.sha))
            if found is None:
                found, _ = self._first(self._git.line(self._tip, oldest_first=True))
            self._known |= dict.fromkeys(passed, found or PLAUSIBLE_SINCE)
        return self._known[revision.sha]

    def _first(self, line: Iterator[Revision]) -> tuple[datetime | None, list[str]]:
        """Return the first plausible time in a chain of commits, and the commits before it."""
        passed: list[str] = []
        for revision in line:
            found = self._plausible(revision) or self._known.get(revision.sha)
            if found is not None:
                return found, passed
            passed.append(revision.sha)
        return None, passed

    def _plausible(self, revision: Revision) -> datetime | None:
        dates = (revision.committed_at, revision.authored_at)
        found = next((date for date in dates if PLAUSIBLE_SINCE <= date <= self._latest), None)
        # Postgres accepts offsets up to 15:59 only, and git any.
        return found.astimezone(UTC) if found else None
