"""Forecasts under other assumptions, and the forecasts of past weeks with what came."""

from datetime import date
from http import HTTPStatus

from django.http import Http404, HttpRequest
from ninja import Query, Router, Schema
from ninja.errors import HttpError

from compliance.api.authentication import repository_of
from compliance.api.pagination import Page
from compliance.api.phases import RangeOut
from compliance.charts.context import chart_context
from compliance.lib.field_types import Sought
from compliance.models import Repository
from compliance.progress.forecast import ranges_by_level, reason
from compliance.progress.forecast.alternatives import Comparison, Outcome
from compliance.progress.forecast.track_record import PastForecast, past_forecasts
from compliance.queries.what_if import WhatIf, answer

router = Router(tags=["forecasts"])


class ForecastOutcomeOut(Schema):
    """A forecast: the units left until the goal, the pace in units per week, and the ranges of dates.

    `median` is the day that is as likely too early as too late, and `chance` the probability of meeting the
    due date. Without dates, `reason` says why.
    """

    state: str
    left: int
    pace: float | None
    median: date | None
    ranges: list[RangeOut]
    due: date | None
    chance: float | None
    reason: str


class ForecastComparisonOut(Schema):
    """The forecast of the whole (`phase` is empty) or of a phase, now and under the assumptions. A side is
    null if its plan lacks the phase or the phase is left out.
    """

    phase: str
    title: str
    before: ForecastOutcomeOut | None
    after: ForecastOutcomeOut | None


class WhatIfOut(Schema):
    """Forecasts before and after. `assumptions` says in sentences what is assumed. Nothing is stored."""

    assumptions: list[str]
    whole: ForecastComparisonOut
    phases: list[ForecastComparisonOut]


class PastForecastOut(Schema):
    """The forecast of one week, which begins on the Monday `week`, and what came.

    `recorded` is false for a week before recording began: its forecast is computed afterwards from the
    commits up to then under the active plan, without a due date. `reached` is the day on which the goal was
    reached, or null. `result` compares it with the range of 80%: inside the range, sooner, later, open, or
    no date.
    """

    week: date
    as_of: date
    recorded: bool
    plan: int | None
    state: str
    left: int
    pace: float | None
    median: date | None
    ranges: list[RangeOut]
    due: date | None
    chance: float | None
    reached: date | None
    result: str


class OfPhase(Schema):
    """Selects a phase of the active plan by its key. Without one, forecasts are for the target."""

    phase: Sought = ""


@router.get("/{slug}/forecast/what-if", response=WhatIfOut, summary="Forecast under other assumptions")
def what_if(request: HttpRequest, slug: str, asked: Query[WhatIf]) -> WhatIfOut:
    """Compute the forecasts for another pace, other people, without phases, with all patches applied, for
    another target, or under a plan draft.
    """
    scene = chart_context(repository_of(request, slug))
    ahead = scene.prospect
    if ahead is None:
        raise Http404("Nothing has been recorded yet. Wait for the first scan to finish.")
    found = answer(scene, ahead, asked)
    if found.problems:
        words = " ".join(f"{name}: {problem}" for name, problem in found.problems.items())
        raise HttpError(HTTPStatus.UNPROCESSABLE_ENTITY, words)
    whole, *phases = map(_comparison, found.comparisons)
    return WhatIfOut(assumptions=found.assumptions, whole=whole, phases=phases)


@router.get(
    "/{slug}/forecast/weeks", response=Page[PastForecastOut], summary="List past forecasts with what came"
)
def weeks(request: HttpRequest, slug: str, asked: Query[OfPhase]) -> Page[PastForecastOut]:
    """List the forecast of each week, newest first. A week in which the goal had been reached has none."""
    repository = repository_of(request, slug)
    if asked.phase and not _has_phase(repository, asked.phase):
        raise Http404(f"The active plan has no phase “{asked.phase}”.")
    return Page(items=[_past(past) for past in past_forecasts(repository, asked.phase)])


def _has_phase(repository: Repository, key: str) -> bool:
    return any(phase.key == key for phase in chart_context(repository).phases)


def _comparison(found: Comparison) -> ForecastComparisonOut:
    before, after = _outcome(found.before), _outcome(found.after)
    return ForecastComparisonOut(phase=found.key, title=found.title, before=before, after=after)


def _outcome(found: Outcome | None) -> ForecastOutcomeOut | None:
    if found is None:
        return None
    outlook = found.outlook
    return ForecastOutcomeOut(
        state=str(outlook.state),
        left=round(outlook.left),
        pace=None if outlook.pace is None else round(outlook.pace, 2),
        median=outlook.median,
        ranges=[RangeOut.model_validate(row) for row in ranges_by_level(outlook)],
        due=found.due,
        chance=None if found.chance is None else round(found.chance, 3),
        reason=reason(outlook),
    )


def _past(past: PastForecast) -> PastForecastOut:
    return PastForecastOut(
        week=past.week,
        as_of=past.as_of,
        recorded=past.recorded,
        plan=past.version,
        state=past.state,
        left=past.left,
        pace=None if past.pace is None else round(past.pace, 2),
        median=past.median,
        ranges=[
            RangeOut(level=level, earliest=low, latest=high) for level, (low, high) in past.ranges.items()
        ],
        due=past.due,
        chance=None if past.chance is None else round(past.chance, 3),
        reached=past.reached,
        result=str(past.result()),
    )
