"""The figures of issues that a note states, read from the current records."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from compliance.lib.dates import day_of
from compliance.lib.figures import percent
from compliance.models import Issue, Phase, Repository, Snapshot
from compliance.progress.forecast import when
from compliance.progress.forecast.records import forecasts
from compliance.progress.issue_status import Move, disagreement_words, last_moves
from compliance.progress.repairs import fixed_since_baseline

MOST_MOVES = 5


@dataclass(frozen=True, slots=True)
class PhaseFigures:
    """The figures of a phase of an issue. `expected` is the forecast in words."""

    key: str
    title: str
    fixed: int
    left: int
    files: int
    is_closed: bool
    due: date | None
    expected: str


@dataclass(frozen=True, slots=True)
class IssueFigures:
    """The figures of an issue at the newest commit `head`, committed on the day `as_of`.

    `expected` is the forecast in words, and empty if nothing can be said. `warning` says how the tracker's
    state and the records disagree.
    """

    state: str
    fixed: int
    left: int
    files: int
    expected: str
    warning: str
    head: str
    as_of: date
    phases: tuple[PhaseFigures, ...]
    moves: tuple[Move, ...]

    @property
    def open_phases(self) -> int:
        """Return the number of phases that aren't closed."""
        return _open(self.phases)

    @property
    def total(self) -> int:
        """Return the number of violations that were fixed since the baseline or are left."""
        return self.fixed + self.left

    @property
    def percent(self) -> float | None:
        """Return the percentage of fixed violations, or None if there are none."""
        return percent(self.fixed, self.total)


def _open(phases: Iterable[PhaseFigures]) -> int:
    return sum(not phase.is_closed for phase in phases)


def is_settled(repository: Repository) -> bool:
    """Return true unless history is being read or re-evaluated, which makes figures change without a push."""
    return bool(
        repository.plan_id and repository.head_id and repository.history_done and not repository.rejudging
    )


def figures_of(repository: Repository, issues: Iterable[Issue]) -> dict[int, IssueFigures]:
    """Return the figures of issues of the active plan by their ids, in five queries for all of them.

    Return nothing if no commit was recorded under the active plan. `plan` and `head` must have been selected.
    """
    head = repository.head
    snapshot = Snapshot.objects.filter(plan=repository.plan_id, commit=head).first() if head else None
    if head is None or snapshot is None:
        return {}
    wanted = list(issues)
    fixed = fixed_since_baseline([repository.plan_id])[snapshot.plan_id]
    ahead = forecasts([repository]).get(repository.pk)
    moves = last_moves(repository, [issue.key for issue in wanted], MOST_MOVES)
    phases: dict[int, list[PhaseFigures]] = {}
    for phase in Phase.objects.filter(issue__in=wanted, in_plan=True).order_by("order"):
        outlook = ahead.phases.get(phase.key) if ahead else None
        left, files = snapshot.by.get("phase", {}).get(phase.key, (0, 0))
        done = fixed["phase"].get(phase.key, 0)
        expected = when(outlook) if outlook and left else ""
        found = PhaseFigures(
            phase.key, phase.title, done, left, files, phase.closed_at is not None, phase.due, expected
        )
        phases.setdefault(phase.issue_id, []).append(found)
    figures = {}
    for issue in wanted:
        left, files = snapshot.by.get("issue", {}).get(issue.key, (0, 0))
        done = fixed["issue"].get(issue.key, 0)
        outlook = ahead.issues.get(issue.key) if ahead else None
        own = tuple(phases.get(issue.pk, []))
        figures[issue.pk] = IssueFigures(
            state=issue.tracker_state,
            fixed=done,
            left=left,
            files=files,
            expected=when(outlook) if outlook and left else "",
            warning=disagreement_words(issue.tracker_state, left, done, _open(own)),
            head=head.sha,
            as_of=day_of(head.dated_at),
            phases=own,
            moves=tuple(moves[issue.key]),
        )
    return figures
