"""The figures of issues that a note states, read from the current records."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from compliance.integrations.issue_notes.subjects import Subject
from compliance.lib.dates import day_of
from compliance.lib.figures import percent
from compliance.models import Phase, Repository, Snapshot
from compliance.progress.forecast import when
from compliance.progress.forecast.records import RepositoryForecast, forecasts
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
    def open_phases(self) -> int | None:
        """Return the number of phases that aren't closed, or None without phases."""
        return _open(self.phases)

    @property
    def total(self) -> int:
        """Return the number of violations that were fixed since the baseline or are left."""
        return self.fixed + self.left

    @property
    def percent(self) -> float | None:
        """Return the percentage of fixed violations, or None if there are none."""
        return percent(self.fixed, self.total)


def _open(phases: Collection[PhaseFigures]) -> int | None:
    return sum(not phase.is_closed for phase in phases) if phases else None


def is_settled(repository: Repository) -> bool:
    """Return true unless history is being read or re-evaluated, which makes figures change without a push."""
    return bool(
        repository.plan_id and repository.head_id and repository.history_done and not repository.rejudging
    )


def figures_of(repository: Repository, subjects: Collection[Subject]) -> dict[str, IssueFigures]:
    """Return the figures of issues of the active plan by their keys, in five queries for all of them, and
    one more if some were created from phases: these have the figures of their phase.

    Return nothing if no commit was recorded under the active plan. `plan` and `head` must have been selected.
    """
    head = repository.head
    snapshot = Snapshot.objects.filter(plan=repository.plan_id, commit=head).first() if head else None
    if head is None or snapshot is None:
        return {}
    fixed = fixed_since_baseline([repository.plan_id])[snapshot.plan_id]
    ahead = forecasts([repository]).get(repository.pk)
    phases = _phase_figures(subjects, snapshot, fixed["phase"], ahead)
    moves = {
        name: last_moves(repository, keys, MOST_MOVES, name)
        for name in ("issue", "phase")
        if (keys := [_part(subject)[1] for subject in subjects if _part(subject)[0] == name])
    }
    found = {}
    for subject in subjects:
        name, key = _part(subject)
        left, files = snapshot.by.get(name, {}).get(key, (0, 0))
        done = fixed[name].get(key, 0)
        outlook = (ahead.phases if subject.phase else ahead.issues).get(key) if ahead else None
        own = tuple(phase for phase in phases.get(subject.issue.pk, ()) if subject.phase in ("", phase.key))
        found[subject.key] = IssueFigures(
            state=subject.state,
            fixed=done,
            left=left,
            files=files,
            expected=when(outlook) if outlook and left else "",
            warning=disagreement_words(subject.state, left, done, _open(own)),
            head=head.sha,
            as_of=day_of(head.dated_at),
            phases=own,
            moves=tuple(moves[name][key]),
        )
    return found


def _part(subject: Subject) -> tuple[str, str]:
    """Return the dimension and the key in it of which an issue has the figures."""
    return ("phase", subject.phase) if subject.phase else ("issue", subject.key)


def _phase_figures(
    subjects: Iterable[Subject],
    snapshot: Snapshot,
    fixed: Mapping[str, int],
    ahead: RepositoryForecast | None,
) -> dict[int, list[PhaseFigures]]:
    """Return the figures of the phases of the plan's issues by the ids of these."""
    found: dict[int, list[PhaseFigures]] = {}
    issues = {subject.issue.pk for subject in subjects}
    for phase in Phase.objects.filter(issue__in=issues, in_plan=True).order_by("order"):
        outlook = ahead.phases.get(phase.key) if ahead else None
        left, files = snapshot.by.get("phase", {}).get(phase.key, (0, 0))
        figures = PhaseFigures(
            key=phase.key,
            title=phase.title,
            fixed=fixed.get(phase.key, 0),
            left=left,
            files=files,
            is_closed=phase.closed_at is not None,
            due=phase.due,
            expected=when(outlook) if outlook and left else "",
        )
        found.setdefault(phase.issue_id, []).append(figures)
    return found
