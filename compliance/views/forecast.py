"""The forecast page: dates for each goal, what-if, burn-up, and past forecasts with what came."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from compliance.charts import burnup
from compliance.charts.context import ChartContext, chart_context
from compliance.lib.field_types import one_line
from compliance.models import Repository
from compliance.progress.forecast.outlook import LEVELS
from compliance.progress.forecast.records import RepositoryForecast
from compliance.progress.forecast.track_record import PastForecast, past_forecasts, track_record
from compliance.queries.what_if import WhatIf, answer
from compliance.views.csv_response import refuse, stream_csv
from compliance.views.forecast_rows import comparison_rows, date_rows, record_sentence, week_rows
from compliance.views.lookup import find_repository, history
from compliance.views.navigation import NavigationLink
from compliance.views.pace import forecast_context, target_reached_since

ROWS = 26
"""Number of rows of past weeks on the page."""
COLUMNS = (
    *("week", "as_of", "recorded", "plan", "state", "left", "pace", "median"),
    *(f"{end}_{level}" for level in LEVELS for end in ("earliest", "latest")),
    *("due", "chance", "reached", "result"),
)


@require_safe
def forecast(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the page. `phase` selects the goal of the chart, the other pace and the past weeks; all other
    parameters are what-if options.
    """
    repository = find_repository(slug)
    scene = chart_context(repository)
    ahead = scene.prospect
    asked = WhatIf.read(request.GET)
    titles = {phase.key: phase.title for phase in scene.phases}
    key = asked.phase if asked.phase in titles else ""
    context = {
        "repository": repository,
        "section": "forecast",
        "key": key,
        "goal": titles.get(key, "All files"),
        "goals": {"": "All files", **titles},
        "unknown": _unknown(asked.phase, titles),
        "levels": LEVELS,
        "forecast": forecast_context(ahead) if ahead else None,
        "reached_since": target_reached_since(repository, ahead),
        "rows": date_rows(scene, ahead) if ahead else [],
        "history": history(repository),
        "lines": burnup.lines_of(scene, key),
        "chart_query": f"?{urlencode({'phase': key})}" if key else "",
        **(_what_if(request, scene, ahead, asked) if ahead else {}),
        **_past(repository, key),
    }
    return render(request, "forecast/page.html", context)


def _unknown(key: str, titles: dict[str, str]) -> str:
    """Return a sentence if the selected phase isn't in the plan."""
    if not key or key in titles:
        return ""
    return f"“{one_line(key, 60)}” is not a phase of the active plan. All files are shown instead."


def _what_if(
    request: HttpRequest, scene: ChartContext, ahead: RepositoryForecast, asked: WhatIf
) -> dict[str, Any]:
    """Return the form's values and problems, and the answer. Drafts are for people who may see the plan."""
    signed_in = request.user.is_authenticated
    if not signed_in:
        asked = asked.model_copy(update={"draft": None})
    phases = [phase for phase in scene.phases if phase.closed_at is None and phase.key in ahead.phases]
    drafts = scene.repository.drafts.filter(version=None, outcome__isnull=False) if signed_in else None
    found = answer(scene, ahead, asked) if asked.changes_something or asked.fields() else None
    compared, same = comparison_rows(found.comparisons) if found else ([], "")
    outlook = ahead.phases.get(asked.phase) if asked.phase else ahead.target
    return {
        "asked": {name: request.GET.get(name, "") for name in ("pace", "people", "target", "draft")},
        "asked_any": found is not None,
        "without": asked.without,
        "patches": asked.patches,
        "open_phases": phases,
        "drafts": list(drafts.only("pk", "created_at", "person")[:20]) if drafts is not None else [],
        "problems": found.problems if found else {},
        "assumptions": found.assumptions if found else [],
        "compared": [row for row in compared if row.key in ("", asked.phase)],
        "compared_phases": [row for row in compared if row.key not in ("", asked.phase)],
        "same": same,
        "pace_now": outlook.pace if outlook else None,
        "target_now": scene.repository.plan.target_percent if scene.repository.plan else None,
    }


def _past(repository: Repository, key: str) -> dict[str, Any]:
    past = past_forecasts(repository, key)
    shown = list(islice(week_rows(past), ROWS))
    weeks = sum(row.weeks for row in shown)
    recorded = [each for each in past if each.recorded]
    computed = [each for each in past if not each.recorded]
    afterwards = track_record(computed)
    return {
        "weeks": shown,
        "record": record_sentence(track_record(recorded)),
        "any_recorded": bool(recorded),
        "computed": len(computed),
        "computed_record": record_sentence(afterwards) if any(afterwards.final.values()) else "",
        "weeks_note": f"Of {len(past):,} weeks, the newest {weeks:,} are shown." if len(past) > weeks else "",
    }


@require_safe
def forecast_csv(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Return the forecast of each week with what came as CSV, newest first."""
    repository, key = find_repository(slug), request.GET.get("phase", "")
    if key and all(phase.key != key for phase in chart_context(repository).phases):
        return refuse([f"“{one_line(key, 60)}” is not a phase of the active plan."])
    name = f"{slug}-forecast-{key}" if key else f"{slug}-forecast"
    return stream_csv(name, COLUMNS, map(_cells, past_forecasts(repository, key)))


def _cells(past: PastForecast) -> list[Any]:
    def days() -> Iterator[Any]:
        for level in LEVELS:
            yield from past.ranges.get(level, (None, None))

    return [
        past.week,
        past.as_of,
        "yes" if past.recorded else "computed afterwards",
        past.version,
        past.state,
        past.left,
        None if past.pace is None else round(past.pace, 2),
        past.median,
        *days(),
        past.due,
        None if past.chance is None else round(past.chance, 3),
        past.reached,
        str(past.result()),
    ]


NAVIGATION = NavigationLink(25, "Forecast", "forecast")
REPOSITORY_URLS = [
    path("forecast/", forecast, name="forecast"),
    path("forecast.csv", forecast_csv, name="forecast-csv"),
]
