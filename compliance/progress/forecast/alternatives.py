"""Computes forecasts under other assumptions: another pace, scope, target or plan. Nothing is stored.

The pace stays what it has been unless another one is given, because nobody knows how fast other work would
go. More people are assumed to fix proportionally more.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from compliance.models import Phase, Repository
from compliance.progress.forecast.outlook import Forecast, project
from compliance.progress.forecast.records import RepositoryForecast
from compliance.progress.summary import missing_files

# A violation would be gone if it belongs to a phase that is left out or if a patch for the newest commit
# fixes it. A patch that an earlier release created doesn't name what it fixes, so it must fix all of a file.
_GONE = """
WITH here AS (
    SELECT v.file_id, v.counted, v.phases, count(*) OVER (PARTITION BY v.file_id) AS of,
        v.phases ?| %(without)s::text[] AS left_out, p.fixed, p.fixes ? v.fingerprint AS patched
    FROM compliance_violation AS v
    LEFT JOIN compliance_patch AS p ON %(patches)s::boolean AND p.file_id = v.file_id
        AND p.plan_id = v.plan_id AND p.commit_id = %(head)s AND p.text <> ''
    WHERE v.plan_id = %(plan)s AND v.last IS NULL AND NOT v.suppressed
), judged AS (
    SELECT *, left_out OR coalesce(patched, fixed >= of, false) AS gone FROM here
), clean AS (
    SELECT file_id FROM judged WHERE counted GROUP BY file_id HAVING bool_and(gone)
)
SELECT '', count(*) FROM clean JOIN compliance_filestate AS s
    ON s.file_id = clean.file_id AND s.plan_id = %(plan)s AND s.last IS NULL AND NOT s.tainted
UNION ALL
SELECT part.key, count(*) FROM judged CROSS JOIN LATERAL jsonb_array_elements_text(phases) AS part(key)
    WHERE gone GROUP BY part.key
"""
_PATCHES = """
SELECT count(DISTINCT v.file_id) FILTER (WHERE p.id IS NOT NULL), count(DISTINCT v.file_id)
FROM compliance_violation AS v LEFT JOIN compliance_patch AS p ON p.file_id = v.file_id
    AND p.plan_id = v.plan_id AND p.commit_id = %(head)s AND p.text <> ''
WHERE v.plan_id = %(plan)s AND v.last IS NULL AND NOT v.suppressed
"""


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """What a plan draft would make of the newest commit: clean files, files, the target, the violations of
    each phase, and the due dates of the phases that aren't closed.
    """

    clean: int
    files: int
    target: float
    phases: Mapping[str, int]
    due: Mapping[str, date | None]
    titles: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What a forecast is computed for instead of the present. The defaults change nothing.

    `pace` replaces the net pace of the whole or, if `phase` is given, of that phase, in units per week.
    `people` multiplies every pace. `without` are phases whose violations leave the scope, and `patches`
    is true if all patches for the newest commit are applied today.
    """

    phase: str = ""
    pace: float | None = None
    people: float = 1.0
    without: tuple[str, ...] = ()
    patches: bool = False
    target: float | None = None
    plan: PlanFigures | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A forecast with its due date."""

    outlook: Forecast
    due: date | None

    @property
    def chance(self) -> float | None:
        """Return the probability of meeting the due date, or None if nothing can be said."""
        return self.outlook.chance(self.due) if self.due else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The forecast of the whole (with an empty key) or of a phase, before and after. One of them is None if
    only the other plan has the phase, or if the phase is left out.
    """

    key: str
    title: str
    before: Outcome | None
    after: Outcome | None


@dataclass(frozen=True, slots=True)
class Alternative:
    """The comparisons, the whole first, and what would be gone at once: files that would become clean (with
    an empty key), and violations by phase.
    """

    comparisons: Sequence[Comparison]
    gone: Mapping[str, int]


def compare(
    repository: Repository, ahead: RepositoryForecast, phases: Sequence[Phase], assumed: Assumptions
) -> Alternative:
    """Return the forecasts of the whole and of each phase that isn't closed, before and after."""
    gone = _gone(repository, assumed) if assumed.without or assumed.patches else {}
    known = {phase.key: phase for phase in phases if phase.closed_at is None and phase.key in ahead.phases}
    due = dict(assumed.plan.due) if assumed.plan else {key: phase.due for key, phase in known.items()}
    due = {key: day for key, day in due.items() if key not in assumed.without}
    last = max((day for day in due.values() if day), default=None)
    whole = _with_pace("", _whole(repository, ahead, assumed, gone.get("", 0)), assumed)
    found = [Comparison("", "", Outcome(ahead.target, ahead.due), Outcome(whole, last))]
    for key in dict.fromkeys((*known, *due)):
        now = ahead.phases.get(key) or project(1, None, ahead.as_of)
        left = assumed.plan.phases.get(key, 0) if assumed.plan else now.left - gone.get(key, 0)
        then = _with_pace(key, now.with_left(left), assumed)
        found.append(
            Comparison(
                key,
                known[key].title if key in known else assumed.plan.titles[key] if assumed.plan else key,
                Outcome(now, known[key].due) if key in known else None,
                Outcome(then, due[key]) if key in due else None,
            )
        )
    return Alternative(found, gone)


def _whole(repository: Repository, ahead: RepositoryForecast, assumed: Assumptions, cleaned: int) -> Forecast:
    """Return the forecast of the whole for the assumed scope and target, at the same pace."""
    if assumed.plan:
        target = assumed.plan.target if assumed.target is None else assumed.target
        return ahead.zero.with_left(missing_files(assumed.plan.clean, assumed.plan.files, target))
    target = float(repository.plan.target_percent) if repository.plan else 0.0
    return ahead.toward(target if assumed.target is None else assumed.target, cleaned)


def _with_pace(key: str, outlook: Forecast, assumed: Assumptions) -> Forecast:
    if assumed.pace is not None and assumed.phase == key:
        outlook = outlook.at_pace(assumed.pace)
    return outlook.scaled(assumed.people)


def _gone(repository: Repository, assumed: Assumptions) -> dict[str, int]:
    """Return how many files would become clean (with an empty key), and how many violations of each phase
    would be gone.
    """
    values = {
        "plan": repository.plan_id,
        "head": repository.head_id,
        "without": list(assumed.without),
        "patches": assumed.patches,
    }
    with connection.cursor() as cursor:
        cursor.execute(_GONE, values)
        return dict(cursor.fetchall())


def files_with_patches(repository: Repository) -> tuple[int, int]:
    """Return how many files with violations have a patch for the newest commit, and how many there are."""
    with connection.cursor() as cursor:
        cursor.execute(_PATCHES, {"plan": repository.plan_id, "head": repository.head_id})
        with_patch, files = cursor.fetchone() or (0, 0)
    return with_patch, files
