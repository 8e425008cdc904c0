"""Records the forecasts of every repository once a week, so that they can be compared with what comes.

A week's rows are written on its first day, or as soon as the repository's history is complete, and never
changed. It is safe to run this concurrently, because a second row for the same week is not inserted.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from compliance.lib.batches import batches
from compliance.models import Phase, RecordedForecast, Repository
from compliance.progress.forecast.outlook import Forecast
from compliance.progress.forecast.records import RepositoryForecast, forecasts

TOGETHER = 100
"""Maximum number of repositories whose forecasts are computed in one query."""


def monday_of(day: date) -> date:
    """Return the first day of a date's week."""
    return day - timedelta(days=day.weekday())


def record_forecasts(now: datetime | None = None) -> None:
    """Record this week's forecasts of the repositories that have none yet.

    Repositories whose history is still being read or re-evaluated have to wait, because their pace isn't
    known.
    """
    here = timezone.localtime(now, timezone.get_default_timezone())
    week = monday_of(here.date())
    known = RecordedForecast.objects.filter(repository=OuterRef("pk"), phase="", week=week)
    waiting = (
        Repository.objects.tracked()
        .filter(~Exists(known), plan__isnull=False, head__isnull=False, history_done=True)
        .select_related("plan", "head")
    )
    for repositories in batches(waiting.order_by("pk"), TOGETHER):
        ahead = forecasts(repositories, here)
        due = _due_dates(list(ahead))
        rows = [
            row
            for repository in repositories
            if repository.pk in ahead
            for row in _rows(repository, ahead[repository.pk], due.get(repository.pk, {}), week)
        ]
        RecordedForecast.objects.bulk_create(rows, ignore_conflicts=True)


def _due_dates(repositories: list[int]) -> dict[int, dict[str, date | None]]:
    """Return the due dates of each repository's open phases by phase key."""
    found: dict[int, dict[str, date | None]] = {}
    rows = Phase.objects.filter(
        issue__repository__in=repositories, issue__in_plan=True, in_plan=True, closed_at__isnull=True
    )
    for repository, key, due in rows.values_list("issue__repository", "key", "due"):
        found.setdefault(repository, {})[key] = due
    return found


def _rows(
    repository: Repository, ahead: RepositoryForecast, due: dict[str, date | None], week: date
) -> Iterator[RecordedForecast]:
    whole = _row(repository, ahead.target, ahead.due, week)
    whole.target = repository.plan.target_percent if repository.plan else None
    yield whole
    for key, outlook in ahead.phases.items():
        if key in due:
            row = _row(repository, outlook, due[key], week)
            row.phase = key
            yield row


def _row(repository: Repository, outlook: Forecast, due: date | None, week: date) -> RecordedForecast:
    dates = {
        f"{end}_{level}": day
        for level, days in outlook.ranges.items()
        for end, day in zip(("earliest", "latest"), days, strict=True)
    }
    return RecordedForecast(
        repository=repository,
        plan_id=repository.plan_id,
        week=week,
        as_of=outlook.as_of,
        state=outlook.state,
        left=round(outlook.left),
        pace=outlook.pace,
        due=due,
        chance=outlook.chance(due) if due else None,
        median=outlook.median,
        **dates,
    )
