"""Samples the recorded history of repositories daily and computes their forecasts, in one query."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

from django.db import connection
from django.utils import timezone

from compliance.models import PlanVersion, Repository
from compliance.progress.forecast.outlook import DAY, WINDOW, Forecast, estimate
from compliance.progress.forecast.wording import sentence
from compliance.progress.summary import missing_files

DORMANT = timedelta(days=90)
"""Period without commits after which the forecast is computed from the newest commit, and the page says
so.
"""

_COLUMNS = ("at", "files", "clean", "added", "gone", "due", "phases")
# Uses the indexes on time and position, so the cost depends on the number of commits in the window, not on
# the length of history. As in the trend, no commit is dated earlier than its predecessor.
_DAYS = """
WITH wanted AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) AS w(plan, repository, since)
), inside AS MATERIALIZED (
    SELECT w.plan, w.since, c.position, coalesce(c.placed_at, c.committed_at) AS at, s.id,
        s.files_added AS added, s.files_gone AS gone
    FROM wanted AS w
    JOIN compliance_commit AS c ON c.repository_id = w.repository
        AND coalesce(c.placed_at, c.committed_at) >= w.since
    JOIN compliance_snapshot AS s ON s.plan_id = w.plan AND s.commit_id = c.id
    WHERE c.position IS NOT NULL
), scope AS (
    SELECT plan, sum(added) FILTER (WHERE position > 1) AS added,
        sum(gone) FILTER (WHERE position > 1) AS gone
    FROM inside GROUP BY plan
), due AS (
    SELECT w.plan, max(p.due) AS last FROM wanted AS w
    JOIN compliance_issue AS i ON i.repository_id = w.repository AND i.in_plan
    JOIN compliance_phase AS p ON p.issue_id = i.id AND p.in_plan
    GROUP BY w.plan
), daily AS (
    SELECT DISTINCT ON (plan, day) plan, position, at, id FROM (
        SELECT plan, position, at, id, ceil(extract(epoch FROM at - since) / 86400) AS day
        FROM (
            SELECT plan, position, id, since, max(at) OVER (PARTITION BY plan ORDER BY position) AS at
            FROM (
                SELECT plan, position, at, id, since FROM inside
                UNION ALL
                SELECT w.plan, b.position, b.at, b.id, w.since FROM wanted AS w CROSS JOIN LATERAL (
                    SELECT c.position, coalesce(c.placed_at, c.committed_at) AS at, s.id
                    FROM compliance_commit AS c
                    JOIN compliance_snapshot AS s ON s.plan_id = w.plan AND s.commit_id = c.id
                    WHERE c.repository_id = w.repository AND c.position IS NOT NULL
                        AND coalesce(c.placed_at, c.committed_at) < w.since
                    ORDER BY c.position DESC LIMIT 1
                ) AS b
            ) AS both_sides
        ) AS in_order
    ) AS of_days ORDER BY plan, day, position DESC
)
SELECT d.plan, d.at, s.files, s.clean, scope.added, scope.gone, due.last, s.by -> 'phase'
FROM daily AS d JOIN compliance_snapshot AS s ON s.id = d.id
LEFT JOIN scope ON scope.plan = d.plan LEFT JOIN due ON due.plan = d.plan
ORDER BY d.plan, d.position
"""


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """Change in the number of files within the forecast window. It is not part of any pace."""

    added: int = 0
    gone: int = 0
    plan_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class RepositoryForecast:
    """The forecast for a repository as of `as_of`, which is now or, if `dormant`, the time of the newest
    commit.

    `target` counts files until the target percentage is displayed, and `zero` files until no violations are
    left. `phases` counts violations by phase key. `files` is the number of files at the newest commit, and
    `due` the last due date of the plan's phases.
    """

    as_of: datetime
    files: int
    target: Forecast
    zero: Forecast
    phases: Mapping[str, Forecast] = field(default_factory=dict)
    scope: ScopeChange = ScopeChange()
    dormant: bool = False
    due: date | None = None

    @property
    def sentence(self) -> str:
        """Return a sentence about when the target will be reached, which pages, mails and the API share."""
        return sentence(self.target, self.due, dormant=self.dormant)

    def points(self, files: float | None) -> float | None:
        """Convert a number of files to percentage points."""
        return None if files is None or not self.files else 100 * files / self.files


def forecasts(
    repositories: Iterable[Repository], now: datetime | None = None
) -> dict[int, RepositoryForecast]:
    """Return the forecast for each repository by its id, in one query. `head` and `plan` must have been
    selected.

    Repositories are omitted if no commit has been recorded under the active plan, or if re-evaluation hasn't
    covered the forecast window yet.
    """
    now = now or timezone.now()
    known = {r.pk: r for r in repositories if r.plan and r.head}
    if not known:
        return {}
    as_of = {pk: _as_of(r.head.dated_at, now) for pk, r in known.items() if r.head}
    rows = _rows({r.plan_id: (pk, as_of[pk] - WINDOW * DAY) for pk, r in known.items() if r.plan_id})
    return {
        pk: _prospect(repository.plan, rows[repository.plan_id], as_of[pk], dormant=as_of[pk] < now)
        for pk, repository in known.items()
        if repository.plan and _enough(repository, rows[repository.plan_id], as_of[pk])
    }


def _enough(repository: Repository, rows: Sequence[Mapping[str, Any]], as_of: datetime) -> bool:
    """Return true if the rows cover the forecast window. Re-evaluated history is recorded newest first."""
    before = as_of - WINDOW * DAY
    return bool(rows) and (not repository.rejudging or rows[0]["at"] < before)


def _as_of(head: datetime, now: datetime) -> datetime:
    return head if now - head > DORMANT else max(now, head)


def _rows(since: Mapping[int, tuple[int, datetime]]) -> dict[int | None, list[dict[str, Any]]]:
    """Return, for each plan, the last figures of each day since a given time, and the last before, in history
    order.

    `since` maps a plan's id to the repository's id and the time. A day begins at that time of day, which is
    when the forecast takes its samples. If a calendar day has commits both before and after it, the last
    figures of both parts are returned.
    """
    wanted: list[Any] = [[*since], [pk for pk, _ in since.values()], [time for _, time in since.values()]]
    rows: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_DAYS, wanted)
        for plan, *values, phases in cursor.fetchall():
            rows[plan].append(dict(zip(_COLUMNS, (*values, json.loads(phases or "{}")), strict=True)))
    return rows


def _prospect(
    plan: PlanVersion, rows: Sequence[Mapping[str, Any]], as_of: datetime, *, dormant: bool
) -> RepositoryForecast:
    newest = rows[-1]
    times = list(accumulate((row["at"] for row in rows), max))
    dirty = [(at, float(row["files"] - row["clean"])) for at, row in zip(times, rows, strict=True)]
    missing = missing_files(newest["clean"], newest["files"], float(plan.target_percent))
    changed = plan.number > 1 and plan.created_at >= as_of - WINDOW * DAY
    phases = {
        key: estimate(
            [(at, float(row["phases"].get(key, (0, 0))[0])) for at, row in zip(times, rows, strict=True)],
            0,
            as_of,
        )
        for key in newest["phases"]
    }
    return RepositoryForecast(
        as_of,
        newest["files"],
        estimate(dirty, dirty[-1][1] - missing, as_of),
        estimate(dirty, 0, as_of),
        phases,
        ScopeChange(newest["added"] or 0, newest["gone"] or 0, plan.created_at if changed else None),
        dormant,
        newest["due"],
    )
