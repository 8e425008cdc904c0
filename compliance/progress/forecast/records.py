"""Reads the recorded figures that the forecasts of repositories are based on, in one query."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from compliance.models import PlanVersion, Repository
from compliance.progress.forecast.completion import DAY, WINDOW
from compliance.progress.forecast.outlook import Forecast, estimate
from compliance.progress.forecast.wording import explanation, sentence
from compliance.progress.summary import missing_files

DORMANT = timedelta(days=90)
"""Period without commits after which the forecast says when the latest commit was."""
SCOPE = 56 * DAY
"""Period over which added and deleted files are counted."""

_COLUMNS = ("at", "files", "clean", "added", "gone", "due", "phases", "issues")
# Reads two snapshots a plan: at the newest commit and before the first commit that is dated in the window or,
# if history begins later, at its first commit. As in the trend, no commit is dated earlier than its
# predecessor, so the commits after the first one in the window are in it too, whatever their date. Uses the
# indexes on time and position; without the `+ 0`, min() would read history from its oldest commit on.
_ENDS = """
WITH wanted AS (
    SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
        AS w(plan, repository, head, since, scope)
), edge AS (
    SELECT w.*, (
        SELECT min(c.position + 0) FROM compliance_commit AS c WHERE c.repository_id = w.repository
            AND coalesce(c.placed_at, c.committed_at) > w.since AND c.position IS NOT NULL
    ) AS inside
    FROM wanted AS w
), before AS (
    SELECT e.plan, found.* FROM edge AS e CROSS JOIN LATERAL (
        SELECT c.position, e.since AS at, s.id FROM compliance_commit AS c
        JOIN compliance_snapshot AS s ON s.plan_id = e.plan AND s.commit_id = c.id
        WHERE c.repository_id = e.repository AND c.position < coalesce(e.inside, 2147483647)
        ORDER BY c.position DESC LIMIT 1
    ) AS found
), oldest AS (
    SELECT e.plan, found.* FROM edge AS e CROSS JOIN LATERAL (
        SELECT c.position, coalesce(c.placed_at, c.committed_at) AS at, s.id FROM compliance_commit AS c
        JOIN compliance_snapshot AS s ON s.plan_id = e.plan AND s.commit_id = c.id
        WHERE c.repository_id = e.repository AND c.position >= e.inside
        ORDER BY c.position LIMIT 1
    ) AS found
    WHERE NOT EXISTS (SELECT FROM before WHERE before.plan = e.plan)
), newest AS (
    SELECT w.plan, c.position, coalesce(c.placed_at, c.committed_at) AS at, s.id FROM wanted AS w
    JOIN compliance_commit AS c ON c.id = w.head
    JOIN compliance_snapshot AS s ON s.plan_id = w.plan AND s.commit_id = c.id
), scope AS (
    SELECT w.plan, sum(s.files_added) AS added, sum(s.files_gone) AS gone FROM wanted AS w
    JOIN compliance_commit AS c ON c.repository_id = w.repository
        AND coalesce(c.placed_at, c.committed_at) >= w.scope AND c.position > 1
    JOIN compliance_snapshot AS s ON s.plan_id = w.plan AND s.commit_id = c.id
    GROUP BY w.plan
), due AS (
    SELECT w.plan, max(p.due) AS last FROM wanted AS w
    JOIN compliance_issue AS i ON i.repository_id = w.repository AND i.in_plan
    JOIN compliance_phase AS p ON p.issue_id = i.id AND p.in_plan AND p.closed_at IS NULL
    GROUP BY w.plan
), ends AS (
    SELECT 1 AS which, * FROM before UNION ALL SELECT 2, * FROM oldest UNION ALL SELECT 3, * FROM newest
)
SELECT ends.plan, ends.at, s.files, s.clean, scope.added, scope.gone, due.last,
    s.by -> 'phase', s.by -> 'issue'
FROM ends JOIN compliance_snapshot AS s ON s.id = ends.id
LEFT JOIN scope ON scope.plan = ends.plan LEFT JOIN due ON due.plan = ends.plan
WHERE ends.plan IN (SELECT plan FROM newest)
ORDER BY ends.plan, ends.which
"""


@dataclass(frozen=True, slots=True)
class ScopeChange:
    """Change in the number of files within SCOPE. It is not part of any pace."""

    added: int = 0
    gone: int = 0
    plan_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class RepositoryForecast:
    """The forecast for a repository as of `as_of`, which is now, in the time zone whose days count.

    `target` counts files until the target percentage is displayed, and `zero` files until no violations are
    left. `phases` and `issues` count violations by key. `files` and `clean` are numbers of files at the
    newest commit, and `due` is the last due date of the phases that are not closed. `latest_commit` is set if
    the repository is dormant.
    """

    as_of: datetime
    files: int
    clean: int
    target: Forecast
    zero: Forecast
    phases: Mapping[str, Forecast] = field(default_factory=dict)
    issues: Mapping[str, Forecast] = field(default_factory=dict)
    scope: ScopeChange = ScopeChange()
    latest_commit: datetime | None = None
    due: date | None = None

    @property
    def dormant(self) -> bool:
        """Return true if no commit has been made for the period DORMANT."""
        return self.latest_commit is not None

    @property
    def sentence(self) -> str:
        """Return a sentence about when the target will be reached, which pages, mails and the API share."""
        latest = timezone.localdate(self.latest_commit) if self.latest_commit else None
        return sentence(self.target, self.due, latest_commit=latest)

    @property
    def explanation(self) -> str:
        """Explain the range in plain words, or return an empty string if the sentence has none."""
        return explanation(self.target, "files")

    @property
    def chance(self) -> float | None:
        """Return the probability that the target is reached by the due date, or None without one."""
        return self.target.chance(self.due) if self.due else None

    def points(self, files: float | None) -> float | None:
        """Convert a number of files to percentage points."""
        return None if files is None or not self.files else 100 * files / self.files

    def toward(self, percent: float, cleaned: int = 0) -> Forecast:
        """Return the forecast for another target percentage, after `cleaned` files have become clean."""
        return self.zero.with_left(missing_files(self.clean + cleaned, self.files, percent))


def forecasts(
    repositories: Iterable[Repository], now: datetime | None = None
) -> dict[int, RepositoryForecast]:
    """Return the forecast for each repository by its id, in one query. `head` and `plan` must have been
    selected.

    Repositories are omitted if no commit has been recorded under the active plan, or if re-evaluation hasn't
    covered the forecast window yet.
    """
    now = timezone.localtime(now)
    known = {r.pk: r for r in repositories if r.plan and r.head}
    if not known:
        return {}
    as_of = {pk: max(now, timezone.localtime(r.head.dated_at)) for pk, r in known.items() if r.head}
    rows = _rows(list(known.values()), as_of)
    return {
        pk: _prospect(repository, repository.plan, rows[repository.plan_id], as_of[pk])
        for pk, repository in known.items()
        if repository.plan and _enough(repository, rows[repository.plan_id], as_of[pk])
    }


def _enough(repository: Repository, rows: Sequence[Mapping[str, Any]], as_of: datetime) -> bool:
    """Return true if the rows cover the forecast window, or all of a shorter history. History is recorded
    newest first, and a newest commit without a position has no beginning.
    """
    is_whole = repository.history_done and not repository.rejudging
    return len(rows) == 2 and (is_whole or rows[0]["at"] <= as_of - WINDOW)


def _rows(
    repositories: Sequence[Repository], as_of: Mapping[int, datetime]
) -> dict[int | None, list[dict[str, Any]]]:
    """Return, for each plan, the figures at the beginning of the window, or of history, and the newest."""
    wanted: list[Any] = [
        [repository.plan_id for repository in repositories],
        [repository.pk for repository in repositories],
        [repository.head_id for repository in repositories],
        [as_of[repository.pk] - WINDOW for repository in repositories],
        [as_of[repository.pk] - SCOPE for repository in repositories],
    ]
    rows: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_ENDS, wanted)
        for plan, *values, phases, issues in cursor.fetchall():
            sliced = (json.loads(slices or "{}") for slices in (phases, issues))
            rows[plan].append(dict(zip(_COLUMNS, (*values, *sliced), strict=True)))
    return rows


def _prospect(
    repository: Repository, plan: PlanVersion, rows: Sequence[Mapping[str, Any]], as_of: datetime
) -> RepositoryForecast:
    newest = rows[-1]
    times = [min(timezone.localtime(rows[0]["at"]), as_of), as_of]
    dirty = [(at, float(row["files"] - row["clean"])) for at, row in zip(times, rows, strict=True)]
    missing = missing_files(newest["clean"], newest["files"], float(plan.target_percent))
    changed = plan.number > 1 and plan.created_at >= as_of - SCOPE
    phases, issues = (
        {
            key: estimate(
                [(at, float(row[sliced].get(key, (0, 0))[0])) for at, row in zip(times, rows, strict=True)],
                0,
                as_of,
            )
            for key in newest[sliced]
        }
        for sliced in ("phases", "issues")
    )
    latest = repository.head.dated_at if repository.head else as_of
    target, zero = estimate(dirty, dirty[-1][1] - missing, as_of), estimate(dirty, 0, as_of)
    if latest <= as_of - WINDOW:
        target, zero = target.without_commits_since(latest), zero.without_commits_since(latest)
        phases, issues = (
            {key: each.without_commits_since(latest) for key, each in of.items()} for of in (phases, issues)
        )
    return RepositoryForecast(
        as_of,
        newest["files"],
        newest["clean"],
        target,
        zero,
        phases,
        issues,
        ScopeChange(newest["added"] or 0, newest["gone"] or 0, plan.created_at if changed else None),
        latest if as_of - latest > DORMANT else None,
        newest["due"],
    )
