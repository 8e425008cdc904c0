"""The overall forecast on the overview: a sentence, the current pace and the required pace."""

from datetime import date
from typing import Any

from compliance.lib.dates import span
from compliance.models import Repository
from compliance.progress.forecast import Forecast, State, reason, when
from compliance.progress.forecast.completion import WEEK
from compliance.progress.forecast.reached import reached_since
from compliance.progress.forecast.records import RepositoryForecast


def forecast_context(prospect: RepositoryForecast) -> dict[str, Any]:
    """Return the overall forecast, and the pace required to meet the last due date."""
    needed = prospect.target.needed(prospect.due) if prospect.due else None
    weeks = (prospect.as_of - prospect.target.since) / WEEK if prospect.target.since else None
    return {
        "range": _range(prospect.target),
        "reason": reason(prospect.target),
        "sentence": prospect.sentence,
        "explanation": prospect.explanation,
        "standing": prospect.target.standing(prospect.due) if prospect.due else None,
        "due": prospect.due,
        "kept": prospect.target.pace,
        "kept_weeks": None if weeks is None else max(1, round(weeks)),
        "kept_points": prospect.points(prospect.target.pace),
        "needed": needed,
        "needed_points": prospect.points(needed),
        "reached": prospect.target.state is State.REACHED,
        "left": int(prospect.zero.left),
        "none_left": _none_left(prospect),
        "scope": prospect.scope,
    }


def target_reached_since(
    repository: Repository, prospect: RepositoryForecast | None, most: int | None = None
) -> date | None:
    """Return the day since which the target has been reached, in at most one query of the `most` newest
    commits, or None if it hasn't been reached or the day isn't known.
    """
    if prospect is None or prospect.target.state is not State.REACHED:
        return None
    return reached_since(repository, most)


def _none_left(prospect: RepositoryForecast) -> str:
    """Describe when no files will be left. The reason for no date isn't repeated if it is the target's."""
    why = reason(prospect.zero)
    return "no date" if why and why == reason(prospect.target) else when(prospect.zero)


def _range(target: Forecast) -> str:
    """Return the range of 80% as text, or an empty string without one."""
    return span(target.earliest, target.latest) if target.earliest and target.latest else ""
