"""Status of phases relative to their dates, and the most urgent phases of many repositories."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from compliance.lib.dates import span
from compliance.lib.wording import count_of
from compliance.models import Phase, Repository
from compliance.progress.forecast import Forecast, percentage
from compliance.progress.forecast.records import RepositoryForecast
from compliance.progress.repairs import fixed_since_baseline
from compliance.progress.summary import Summary

_BEHIND = ("late", "at risk", "under way", "on time", "not known yet", "not started")


def state(
    phase: Phase, left: int, fixed: int, outlook: Forecast | None, today: date, *, is_final: bool = True
) -> str:
    """Return a phase's status on the date `today`. Unless it `is_final`, older commits may have fixed more.

    A phase is done once it has been closed on evidence, unless there is nothing in it. It is late once its
    due date has passed or if the entire forecast range is after the due date, and on time if the entire range
    is before it.
    """
    if left == fixed == 0 and all(criterion["kind"] == "violations" for criterion in phase.criteria):
        return "nothing in this phase"
    if phase.closed_at:
        return "done"
    if left == 0:
        return "nothing left"
    if phase.due and phase.due < today:
        return "late"
    if fixed == 0 or (phase.start and phase.start > today):
        is_ahead = phase.start is not None and phase.start > today
        return "not started" if is_final or is_ahead else "not known yet"
    standing = outlook.standing(phase.due) if outlook and phase.due else None
    return str(standing) if standing else "under way"


def days_late(phase: Phase) -> int:
    """Return how many days after its due date a phase was closed, or 0 if it was on time or isn't closed."""
    if phase.closed_at is None or phase.due is None:
        return 0
    return max(0, (timezone.localtime(phase.closed_at).date() - phase.due).days)


@dataclass(frozen=True, slots=True)
class PhaseStatus:
    """A phase with violations left: its state, its number of violations, and the number of days until it is
    due.
    """

    phase: Phase
    state: str
    left: int
    files: int
    days: int | None
    outlook: Forecast | None

    @property
    def words(self) -> str:
        """Describe the due date and the forecast, to be used in a sentence after `state`."""
        if self.days is None:
            due = "no due date"
        elif self.days == 0:
            due = "due today"
        else:
            number = count_of(abs(self.days), "day")
            due = f"due in {number}" if self.days > 0 else f"by {number}"
        chance = self.outlook.chance(self.phase.due) if self.outlook and self.phase.due else None
        if chance is not None and (self.days or 0) >= 0:
            due += f" ({percentage(chance)} chance)"
        if self.outlook and self.outlook.earliest and self.outlook.latest:
            return f"{due}, expected {span(self.outlook.earliest, self.outlook.latest)}"
        return due

    @property
    def urgency(self) -> tuple[int, bool, int, int]:
        """Sort key, most urgent first: by state, days until the due date, and violations left."""
        return (_BEHIND.index(self.state), self.days is None, self.days or 0, -self.left)


def phase_statuses(
    repositories: Iterable[Repository],
    summaries: Mapping[int, Summary],
    ahead: Mapping[int, RepositoryForecast],
) -> dict[int, list[PhaseStatus]]:
    """Return each repository's open phases with violations left, most urgent first, in two queries.

    `ahead` contains the forecast for each repository.
    """
    known = {r.pk: r for r in repositories}
    now = {pk: s for pk in known if (s := summaries[pk].recorded) and pk in ahead}
    fixed = fixed_since_baseline(s.plan_id for s in now.values())
    found: dict[int, list[PhaseStatus]] = {}
    for phase in Phase.objects.filter(
        issue__repository__in=now, issue__in_plan=True, in_plan=True, closed_at__isnull=True
    ).select_related("issue"):
        pk = phase.issue.repository_id
        left, files = now[pk].by.get("phase", {}).get(phase.key, (0, 0))
        if left:
            today, outlook = ahead[pk].as_of.date(), ahead[pk].phases.get(phase.key)
            done = fixed[now[pk].plan_id]["phase"].get(phase.key, 0)
            stands = state(phase, left, done, outlook, today, is_final=known[pk].history_done)
            days = (phase.due - today).days if phase.due else None
            found.setdefault(pk, []).append(PhaseStatus(phase, stands, left, files, days, outlook))
    return {pk: sorted(rows, key=lambda row: row.urgency) for pk, rows in found.items()}
