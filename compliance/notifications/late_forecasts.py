"""Looks for phases and targets that are forecast after their due dates, and reports each once until it is
back in time.

They are those that pages show as late: the due date has passed, or the whole range of the forecast is after
it. One that is at risk is neither reported nor back in time, so a forecast that changes a little every day
isn't reported again and again.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone

from compliance.events import alerts
from compliance.events.alerts import Condition, Key
from compliance.lib.batches import batches
from compliance.models import Alert, RecordedForecast, Repository
from compliance.progress.forecast import DueStatus, Forecast, State
from compliance.progress.forecast.recording import TOGETHER
from compliance.progress.forecast.records import RepositoryForecast, forecasts
from compliance.progress.phase_status import PhaseStatus, phase_statuses
from compliance.progress.summary import Summary, summaries

TOPIC = "forecast.late"
_TARGET = "target"

_RECENT = timedelta(weeks=4)
"""Age up to which recorded forecasts are read. There is one for each week."""


def follow_forecasts(now: datetime | None = None) -> None:
    """Compare the forecasts of all repositories with the due dates, in a fixed number of queries for each
    100 repositories.

    Repositories whose history is being read or re-evaluated keep their alerts until their pace is known.
    """
    here = timezone.localtime(now, timezone.get_default_timezone())
    rows = Repository.objects.tracked().filter(plan__isnull=False, head__isnull=False, history_done=True)
    for repositories in batches(rows.select_related("plan", "head").order_by("pk"), TOGETHER):
        ahead = forecasts(repositories, here)
        known = [repository for repository in repositories if repository.pk in ahead]
        if known:
            _follow(known, ahead, here)


def _follow(repositories: Sequence[Repository], ahead: dict[int, RepositoryForecast], here: datetime) -> None:
    figures = summaries(repositories)
    statuses = phase_statuses(repositories, figures, ahead)
    recorded = _Recorded([repository.pk for repository in repositories], here.date())
    late: list[Condition] = []
    undecided: set[Key] = set()
    for repository in repositories:
        outlook, summary = ahead[repository.pk], figures[repository.pk]
        for row in statuses.get(repository.pk, ()):
            if row.state == "late":
                late.append(_phase(repository, row, recorded))
            elif row.state != "on time":
                undecided.add((repository.pk, alerts.short_subject(_subject(row.phase.key))))
        status = outlook.target.standing(outlook.due) if outlook.due else None
        if outlook.due and status == DueStatus.LATE:
            late.append(_target(repository, outlook, outlook.due, summary, recorded))
        elif outlook.due and status != DueStatus.ON_TIME:
            undecided.add((repository.pk, _TARGET))
    alerts.follow(TOPIC, late, Alert.objects.filter(repository__in=repositories), undecided=undecided)


def _subject(key: str) -> str:
    return f"phase {key}"


def _phase(repository: Repository, row: PhaseStatus, recorded: "_Recorded") -> Condition:
    phase = row.phase
    return Condition(
        _subject(phase.key),
        repository,
        is_known=recorded.is_late(repository.pk, phase.key, phase.due),
        phases=(phase.key,),
        detail={
            "phase": phase.key,
            "title": phase.title,
            "issue": phase.issue.key,
            "left": row.left,
            **_dates(row.outlook, phase.due),
        },
    )


def _target(
    repository: Repository, outlook: RepositoryForecast, due: date, summary: Summary, recorded: "_Recorded"
) -> Condition:
    return Condition(
        _TARGET,
        repository,
        is_known=recorded.is_late(repository.pk, "", due),
        detail={"target": summary.target, "left": summary.missing, **_dates(outlook.target, due)},
    )


def _dates(outlook: Forecast | None, due: date | None) -> dict[str, Any]:
    earliest, latest = (outlook.earliest, outlook.latest) if outlook else (None, None)
    return {
        "due": due.isoformat() if due else "",
        "earliest": earliest.isoformat() if earliest else "",
        "latest": latest.isoformat() if latest else "",
    }


class _Recorded:
    """The newest recorded forecasts of repositories, which show what was late before alerts were followed.

    A repository without any has just been added, so what is late now isn't news.
    """

    def __init__(self, repositories: Sequence[int], today: date) -> None:
        rows = RecordedForecast.objects.filter(repository__in=repositories)
        recent = rows.filter(week__gt=today - _RECENT)
        newest = recent.order_by("repository_id", "phase", "-week").distinct("repository_id", "phase")
        self._rows = {(row.repository_id, row.phase): row for row in newest}
        wholes = RecordedForecast.objects.filter(repository=OuterRef("pk"), phase="")
        known = Repository.objects.filter(Exists(wholes), pk__in=repositories)
        self._known = set(known.values_list("pk", flat=True))

    def is_late(self, repository: int, phase: str, due: date | None) -> bool:
        """Return true if a phase, or without one the target, was late when it was recorded, or nothing had
        been recorded.
        """
        if repository not in self._known:
            return True
        row = self._rows.get((repository, phase))
        return row is not None and row.due == due and _was_late(row)


def _was_late(row: RecordedForecast) -> bool:
    day = timezone.localtime(row.as_of, timezone.get_default_timezone()).date()
    if row.due is None or row.state == State.REACHED:
        return False
    if row.due < day:
        return True
    if row.state == State.UNDER_WAY:
        return row.earliest_80 is not None and row.earliest_80 > row.due
    return row.state != State.TOO_LITTLE and row.due == day
