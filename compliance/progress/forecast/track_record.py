"""Compares the forecasts of past weeks with what came.

A week's forecast is the one that was recorded then. For weeks before recording began, it is computed
afterwards from the commits up to the week's beginning, evaluated under the active plan, and never stored.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple

from django.db import connection
from django.utils import timezone

from compliance.models import RecordedForecast, Repository
from compliance.progress.forecast.outlook import LEVELS, SHOWN, Forecast, State, estimate
from compliance.progress.forecast.recording import monday_of
from compliance.progress.summary import missing_files

# Reads each commit once, without its figures, and then the figures at the ends of weeks and at the first
# commit. No commit is dated earlier than its predecessor, as in the trend.
_WEEKS = """
WITH line AS (
    SELECT c.id, c.position, max(coalesce(c.placed_at, c.committed_at)) OVER (ORDER BY c.position) AS at
    FROM compliance_commit AS c WHERE c.repository_id = %(repository)s AND c.position IS NOT NULL
), ends AS (
    SELECT DISTINCT ON (date_trunc('week', at AT TIME ZONE %(zone)s)) id, position, at FROM line
    ORDER BY date_trunc('week', at AT TIME ZONE %(zone)s), position DESC
), chosen AS (
    SELECT * FROM ends UNION SELECT * FROM (SELECT * FROM line ORDER BY position LIMIT 1) AS oldest
)
SELECT e.at, s.files, s.clean, coalesce((jsonb_extract_path(s.by, 'phase', %(phase)s) ->> 0)::int, 0)
FROM chosen AS e JOIN compliance_snapshot AS s ON s.commit_id = e.id AND s.plan_id = %(plan)s
ORDER BY e.position
"""
# Returns the commits at which a goal was reached, or no longer was, unlike at the commit before.
_CHANGES = """
WITH line AS (
    SELECT c.position, max(coalesce(c.placed_at, c.committed_at)) OVER (ORDER BY c.position) AS at,
        CASE WHEN %(phase)s = ''
            THEN s.files > 0 AND 1000 * s.clean::bigint / nullif(s.files, 0) >= %(tenths)s
            ELSE coalesce((jsonb_extract_path(s.by, 'phase', %(phase)s) ->> 0)::int, 0) = 0
        END AS reached
    FROM compliance_commit AS c
    JOIN compliance_snapshot AS s ON s.commit_id = c.id AND s.plan_id = %(plan)s
    WHERE c.repository_id = %(repository)s AND c.position IS NOT NULL
), steps AS (
    SELECT at, position, reached, lag(reached) OVER (ORDER BY position) AS before FROM line
)
SELECT at, reached FROM steps WHERE reached IS DISTINCT FROM before ORDER BY position
"""


class Result(StrEnum):
    """How a forecast compares with what came. The first three are final."""

    INSIDE = "inside the range"
    SOONER = "sooner"
    LATER = "later"
    OPEN = "open"
    NO_DATE = "no date"


class Figures(NamedTuple):
    """The figures at the last commit of a week: files, clean files, and the violations of one phase."""

    at: datetime
    files: int
    clean: int
    phase: int

    def left(self, phase: str, target: float) -> int:
        """Return the units left until the goal."""
        return self.phase if phase else missing_files(self.clean, self.files, target)


@dataclass(frozen=True, slots=True)
class PastForecast:
    """The forecast of one week, and what came.

    `recorded` is false if it was computed afterwards; then the due date of that time isn't known. `version`
    is the number of the plan version under which it was made. `reached` is the day on which the goal was
    reached, or None if it hasn't been.
    """

    week: date
    as_of: date
    recorded: bool
    version: int | None
    state: str
    left: int
    pace: float | None
    ranges: Mapping[int, tuple[date, date]]
    median: date | None
    due: date | None
    chance: float | None
    reached: date | None
    today: date

    def result(self, level: int = SHOWN) -> Result:
        """Compare the range of `level` percent with what came."""
        if level not in self.ranges:
            return Result.NO_DATE
        earliest, latest = self.ranges[level]
        if self.reached is None:
            return Result.LATER if latest < self.today else Result.OPEN
        if self.reached < earliest:
            return Result.SOONER
        return Result.INSIDE if self.reached <= latest else Result.LATER


def past_forecasts(repository: Repository, phase: str = "", today: date | None = None) -> list[PastForecast]:
    """Return the forecast of each week for the whole or for a phase of the active plan, newest first, in
    three queries and one for each target percentage.

    A week in which the goal had already been reached has none.
    """
    plan = repository.plan
    if plan is None or repository.head is None:
        return []
    zone = timezone.get_default_timezone()
    today = today or timezone.localdate(timezone=zone)
    stored = RecordedForecast.objects.filter(repository=repository, phase=phase).select_related("plan")
    rows = {row.week: row for row in stored}
    line = [] if repository.rejudging else _weekly(repository, phase)
    goal = float(plan.target_percent)
    targets = {float(row.target) for row in rows.values() if row.target is not None}
    changes = {target: _changes(repository, phase, target) for target in {goal, *targets}}
    begin = min(rows, default=monday_of(today) + timedelta(weeks=1))
    found = [
        _from_row(row, changes[goal if row.target is None else float(row.target)], today)
        for row in rows.values()
    ]
    for week, outlook in _outlooks(line, phase, goal, begin):
        came = _reached(changes[goal], datetime.combine(week, time(), zone))
        found.append(_computed(week, plan.number, outlook, came, today))
    asked = (past for past in found if past.state != State.REACHED)
    return sorted(asked, key=lambda past: past.week, reverse=True)


def _weekly(repository: Repository, phase: str) -> list[Figures]:
    values = {
        "repository": repository.pk,
        "plan": repository.plan_id,
        "phase": phase,
        "zone": timezone.get_default_timezone_name(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WEEKS, values)
        return [Figures(*row) for row in cursor.fetchall()]


def _changes(repository: Repository, phase: str, target: float) -> list[tuple[datetime, bool]]:
    values = {
        "repository": repository.pk,
        "plan": repository.drawn_plan_id,
        "phase": phase,
        "tenths": round(10 * target),
    }
    with connection.cursor() as cursor:
        cursor.execute(_CHANGES, values)
        return [(at, reached) for at, reached in cursor.fetchall()]


def _from_row(row: RecordedForecast, changes: Sequence[tuple[datetime, bool]], today: date) -> PastForecast:
    as_of = timezone.localtime(row.as_of, timezone.get_default_timezone()).date()
    ranges = {
        level: (getattr(row, f"earliest_{level}"), getattr(row, f"latest_{level}"))
        for level in LEVELS
        if row.median
    }
    return PastForecast(
        week=row.week,
        as_of=as_of,
        recorded=True,
        version=row.plan.number if row.plan else None,
        state=row.state,
        left=row.left,
        pace=row.pace,
        ranges=ranges,
        median=row.median,
        due=row.due,
        chance=row.chance,
        reached=_reached(changes, row.as_of),
        today=today,
    )


def _outlooks(
    line: Sequence[Figures], phase: str, target: float, end: date
) -> Iterator[tuple[date, Forecast]]:
    """Yield the forecast that the commits up to each week's beginning give, for the weeks before `end`."""
    zone = timezone.get_default_timezone()
    times = [row.at for row in line]
    units = [(row.at, float(row.phase if phase else row.files - row.clean)) for row in line]
    week = monday_of(times[0].astimezone(zone).date()) + timedelta(weeks=1) if line else end
    while week < end:
        as_of = datetime.combine(week, time(), zone)
        place = bisect_left(times, as_of)
        left = line[place - 1].left(phase, target)
        yield week, estimate(units[:place], units[place - 1][1] - left, as_of)
        week += timedelta(weeks=1)


def _computed(week: date, version: int, outlook: Forecast, reached: date | None, today: date) -> PastForecast:
    return PastForecast(
        week=week,
        as_of=week,
        recorded=False,
        version=version,
        state=str(outlook.state),
        left=round(outlook.left),
        pace=outlook.pace,
        ranges=outlook.ranges,
        median=outlook.median,
        due=None,
        chance=None,
        reached=reached,
        today=today,
    )


def _reached(changes: Sequence[tuple[datetime, bool]], as_of: datetime) -> date | None:
    """Return the day on which the goal was reached first after a forecast.

    If it had been reached by then, return that day: the commits are older than their push, which came later.
    """
    place = bisect_right(changes, as_of, key=lambda change: change[0])
    start = place - 1 if place and changes[place - 1][1] else place
    found = next((at for at, reached in changes[start:] if reached), None)
    return found and timezone.localtime(found, timezone.get_default_timezone()).date()


@dataclass(frozen=True, slots=True)
class TrackRecord:
    """How many forecasts have a final result at each level, and how many of these came inside the range.

    A forecast whose range of 80% was missed may still be open at 95%. `sooner` and `later` are about the
    range of 80%. `reached` is true if any of the forecasts is about a goal that was reached since.
    """

    weeks: int
    final: Mapping[int, int]
    inside: Mapping[int, int]
    sooner: int
    later: int
    reached: bool


def track_record(past: Sequence[PastForecast]) -> TrackRecord:
    """Count the results of these forecasts. A range that has passed without the goal being reached is
    final.
    """
    results = {level: Counter(forecast.result(level) for forecast in past) for level in LEVELS}
    final = (Result.INSIDE, Result.SOONER, Result.LATER)
    return TrackRecord(
        len(past),
        {level: sum(counted[result] for result in final) for level, counted in results.items()},
        {level: counted[Result.INSIDE] for level, counted in results.items()},
        results[SHOWN][Result.SOONER],
        results[SHOWN][Result.LATER],
        any(forecast.reached for forecast in past),
    )
