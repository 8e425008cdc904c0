"""How phases stand against their dates, for many repositories at once: which one is most behind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from compliance.models import Phase, Repository
from compliance.verdict import Verdict

DORMANT = timedelta(days=90)
"""A repository without a commit for so long is judged as of its newest commit."""
SOON = 14
"""Days before its due date from which on a phase with something left is at risk."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One phase that is not done: how many violations it has left, and its days to the due date."""

    phase: Phase
    left: int
    files: int
    days: int | None

    @property
    def state(self) -> str:
        """One of: late, at risk, under way."""
        if self.days is None or self.days > SOON:
            return "under way"
        return "late" if self.days < 0 else "at risk"

    @property
    def words(self) -> str:
        """Where the phase stands against its date; to be read after `state`."""
        if self.days is None:
            return "no due date"
        if self.days == 0:
            return "due today"
        number = f"{abs(self.days):,} day{'' if abs(self.days) == 1 else 's'}"
        return f"due in {number}" if self.days > 0 else f"by {number}"

    @property
    def urgency(self) -> tuple[bool, int, int]:
        """Sorts the one most behind first: by days to the due date, then by what is left."""
        return (self.days is None, self.days or 0, -self.left)


def standings(
    repositories: Iterable[Repository], verdicts: Mapping[int, Verdict]
) -> dict[int, list[Standing]]:
    """The phases of each repository that have something left, most behind first; one query."""
    known = {r.pk: r for r in repositories if verdicts[r.pk].snapshot}
    found: dict[int, list[Standing]] = {}
    phases = Phase.objects.filter(
        issue__repository__in=known, issue__in_plan=True, in_plan=True, closed_at__isnull=True
    ).select_related("issue")
    for phase in phases:
        pk = phase.issue.repository_id
        snapshot = verdicts[pk].snapshot
        left, files = snapshot.by.get("phase", {}).get(phase.key, (0, 0)) if snapshot else (0, 0)
        if left:
            days = (phase.due - _as_of(known[pk])).days if phase.due else None
            found.setdefault(pk, []).append(Standing(phase, left, files, days))
    return {pk: sorted(rows, key=lambda row: row.urgency) for pk, rows in found.items()}


def _as_of(repository: Repository) -> date:
    now, head = timezone.now(), repository.head
    dormant = head is not None and now - head.committed_at > DORMANT
    return (head.committed_at if head and dormant else now).date()
