"""The recorded line of a repository: one point a commit, thinned so that years of history stay light."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef

from compliance.models import PlanVersion, Repository, Snapshot

RANGES = {"30d": timedelta(days=30), "90d": timedelta(days=90), "1y": timedelta(days=365)}
MOST = 1200
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
VIOLATIONS = "s.violations"
# Thinned where the rows are: reading every commit of a long line costs many times what is drawn of it.
# A value and its place share one number, so that the least of them is the first of the lowest. Values are
# taken before anything is sorted; IS TRUE and OFFSET 0 ask for a table of hashes and for single look-ups,
# whatever the planner believes of rows that came a moment ago.
_LINE = """
WITH judged AS MATERIALIZED (
    SELECT c.id, c.position, c.committed_at, s.clean, s.files, s.violations, s.old_sites,
        ({value})::bigint AS value
    FROM compliance_commit AS c JOIN compliance_snapshot AS s ON s.commit_id = c.id
    WHERE s.plan_id = %(plan)s AND c.repository_id = %(repository)s AND c.position IS NOT NULL
        AND c.committed_at >= coalesce(%(begin)s::timestamptz, '-infinity')
        AND c.committed_at < coalesce(%(end)s::timestamptz, 'infinity')
), line AS MATERIALIZED (
    SELECT *, max(committed_at) OVER way AS at, row_number() OVER way - 1 AS place
    FROM judged WINDOW way AS (ORDER BY position)
), size AS (
    SELECT count(*) AS commits,
        CASE WHEN count(*) <= %(most)s THEN 1 ELSE (3 * count(*) + %(most)s - 1) / %(most)s END AS step
    FROM line
), stretches AS (
    SELECT min(place) AS first, max(place) AS last, min((value << 31) + place) & 2147483647 AS lowest,
        2147483647 - (max((value << 31) + 2147483647 - place) & 2147483647) AS highest
    FROM line, size GROUP BY place / step
), kept AS (
    SELECT 0 AS place
    UNION SELECT unnest(ARRAY[last, coalesce(lowest, first), coalesce(highest, first)]) FROM stretches
)
SELECT size.commits, line.value, line.at, c.sha, line.clean, line.files, line.violations, line.old_sites,
    line.position
FROM size, line, LATERAL (SELECT sha FROM compliance_commit WHERE id = line.id OFFSET 0) AS c
WHERE (place IN (SELECT place FROM kept)) IS TRUE
ORDER BY place
"""


class Point(NamedTuple):
    """The figures of one commit; times are aware."""

    at: datetime
    sha: str
    clean: int
    files: int
    violations: int
    old_sites: int
    position: int


class Line(NamedTuple):
    """What is shown of a line: points, the value that chose each, and how many commits there are in all."""

    points: list[Point]
    values: list[int | None]
    commits: int


def day(text: str) -> date | None:
    """The day that an address names as YYYY-MM-DD (ISO 8601); None for anything else."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def span(repository: Repository, query: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """The first moment that a query takes and the first after it; None where it has no bound.

    `from` and `to` are days in UTC, both included, and win over `range`. A range ends with the newest commit,
    so that a line that rests still shows its last stretch. What is no day or no known range bounds nothing.
    """
    first, last = day(query.get("from", "")), day(query.get("to", ""))
    if first or last:
        begin = datetime.combine(first, time(), UTC) if first else None
        end = datetime.combine(last, time(), UTC) + timedelta(days=1) if last and last < date.max else None
        return begin, end
    length = RANGES.get(query.get("range", ""))
    return (repository.head.committed_at - length if length and repository.head else None), None


def read(
    repository: Repository,
    query: Mapping[str, str],
    version: PlanVersion | None = None,
    *,
    value: str = VIOLATIONS,
    names: Mapping[str, str] | None = None,
    most: int = MOST,
) -> Line:
    """The tracked line, oldest first, over the span that `query` names: about `most` points; one query.

    A longer line shows its first point, and of each stretch the lowest, highest and last by `value`: an SQL
    expression of the snapshot `s`, a whole number or null, never a reader's text, which goes by `names`.
    Judged by `version`, by default the one that is drawn: the plan in force, or the one before while history
    is judged again. Times never run backwards along the line, as committers' clocks do.
    """
    begin, end = span(repository, query)
    plan = version.pk if version else repository.drawn_plan_id
    values = {**(names or {}), "repository": repository.pk, "plan": plan, "begin": begin, "end": end}
    with connection.cursor() as cursor:
        cursor.execute(_LINE.replace("{value}", value), {**values, "most": most})
        rows = cursor.fetchall()
    return Line([Point(*row[2:]) for row in rows], [row[1] for row in rows], rows[0][0] if rows else 0)


def ghosts(repository: Repository) -> list[PlanVersion]:
    """The versions of the plan whose lines can be shown beside the one drawn, newest first; one query."""
    judged = Snapshot.objects.filter(plan=OuterRef("pk"), commit__position__isnull=False)
    others = repository.plans.exclude(pk=repository.drawn_plan_id or 0).defer("text")
    if repository.rejudging:
        others = others.exclude(pk=repository.plan_id or 0)
    return list(others.filter(Exists(judged)).order_by("-number"))
