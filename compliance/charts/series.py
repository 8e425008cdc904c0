"""A repository's trend, with one point per commit, thinned so that the data for years of history remains
small.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef

from compliance.charts import kept_line
from compliance.charts.kept_line import LineQuery
from compliance.lib.field_types import day_in
from compliance.models import PlanVersion, Repository, Snapshot
from compliance.progress.repairs import fixed_by_commit

RANGES = {"30d": timedelta(days=30), "90d": timedelta(days=90), "1y": timedelta(days=365)}
MOST = 1200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ALL = 2**31 - 1
"""Number of points that leaves out no commit."""

VIOLATIONS = "s.violations"
LEFT = "coalesce((jsonb_extract_path(s.by, %(dimension)s, %(key)s) ->> 0)::bigint, 0)"
"""The violations left in one slice, named by `dimension` and `key`."""
# The trend is thinned in the database, because reading every commit of a long history would cost many times
# as much as reading the points that are drawn. Value and position are packed into one number, so that min()
# yields the first position with the lowest value. Values are computed before sorting. IS TRUE and OFFSET 0
# force a hash join and single index lookups, even if the planner's statistics predate the newest rows.
_LINE = """
WITH judged AS MATERIALIZED (
    SELECT c.id, c.position, coalesce(c.placed_at, c.committed_at) AS dated_at,
        s.clean, s.files, s.violations, s.old_sites, s.files_with_violations, ({value})::bigint AS value
    FROM compliance_commit AS c JOIN compliance_snapshot AS s ON s.commit_id = c.id
    WHERE s.plan_id = %(plan)s AND c.repository_id = %(repository)s AND c.position >= %(first)s
        AND coalesce(c.placed_at, c.committed_at) >= coalesce(%(begin)s::timestamptz, '-infinity')
        AND coalesce(c.placed_at, c.committed_at) < coalesce(%(end)s::timestamptz, 'infinity')
), line AS MATERIALIZED (
    SELECT *, max(dated_at) OVER way AS at, row_number() OVER way - 1 AS place
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
    line.position, line.files_with_violations
FROM size, line, LATERAL (SELECT sha FROM compliance_commit WHERE id = line.id OFFSET 0) AS c
WHERE (place IN (SELECT place FROM kept)) IS TRUE
ORDER BY place
"""


class Point(NamedTuple):
    """The figures for one commit. Times are timezone-aware."""

    at: datetime
    sha: str
    clean: int
    files: int
    violations: int
    old_sites: int
    position: int
    files_with_violations: int

    @property
    def unclean_unparsed(self) -> int:
        """Return the number of files that aren't clean although they have no violations."""
        return max(0, self.files - self.clean - self.files_with_violations)


class TrendSeries(NamedTuple):
    """A trend to draw: its points, the value by which each was selected, and the total number of commits.

    `name` stands for the commits up to the last point, which stay the same while it does. It may be empty.
    """

    points: list[Point]
    values: list[int | None]
    commits: int
    name: str = ""


def span(repository: Repository, query: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """Return the start (inclusive) and end (exclusive) of the requested period, each None if unbounded.

    `from` and `to` are dates in UTC, both inclusive, and override `range`. A range ends at the newest commit,
    so that an inactive repository still shows its last period. Invalid values are ignored.
    """
    first, last = day_in(query.get("from", "")), day_in(query.get("to", ""))
    if first or last:
        begin = datetime.combine(first, time(), UTC) if first else None
        end = datetime.combine(last, time(), UTC) + timedelta(days=1) if last else None
        return begin, end
    length = RANGES.get(query.get("range", ""))
    return (repository.head.dated_at - length if length and repository.head else None), None


def read(
    repository: Repository,
    query: Mapping[str, str],
    version: PlanVersion | None = None,
    *,
    value: str = VIOLATIONS,
    names: Mapping[str, str] | None = None,
    most: int = MOST,
    first: int = 0,
) -> TrendSeries:
    """Return about `most` points on the trend, oldest first, in the period that `query` selects, in at most
    four queries.

    A longer history is divided into sections and reduced to its first point and, in each section, the lowest,
    the highest and the last point by `value`. `value` is an SQL expression over the snapshot `s` that yields
    an integer or null. User input must never be part of it; pass it in `names` instead. The figures are those
    of plan version `version`, by default the charted one: the active plan, or the previous one while history
    is being re-evaluated. Times never decrease, although committers' clocks may go backwards. Commits before
    the position `first` are left out.
    """
    begin, end = span(repository, query)
    plan = version.pk if version else repository.drawn_plan_id
    if plan and begin is None and end is None and version is None and most < ALL and _is_long(repository):
        kept = _read_kept(LineQuery(plan, repository.pk, value, names or {}), most, max(0, first - 1))
        if kept is not None:
            return kept
    values = {**(names or {}), "repository": repository.pk, "plan": plan, "begin": begin, "end": end}
    with connection.cursor() as cursor:
        cursor.execute(_LINE.replace("{value}", value), {**values, "most": most, "first": first})
        rows = cursor.fetchall()
    return TrendSeries([Point(*row[2:]) for row in rows], [row[1] for row in rows], rows[0][0] if rows else 0)


def _is_long(repository: Repository) -> bool:
    return repository.history_done and repository.line_length >= kept_line.LEAST


def _read_kept(query: LineQuery, most: int, first: int) -> TrendSeries | None:
    """Return the same as `read` from commit number `first` on, of a line that is kept between drawings.
    Return None if there is no whole line.
    """
    line = kept_line.line_of(query)
    values = line.values_from(first) if line else []
    if line is None or not values:
        return None
    places = kept_line.chosen_places(values, most)
    rows = kept_line.points_at(query, line, [first + place + 1 for place in places])
    if rows is None:
        return None
    kept_line.keep(query, line)
    times = line.times(first)
    points = [
        Point._make((_EPOCH + timedelta(microseconds=times[place]), *row[1:6], row[0], row[6]))
        for place, row in zip(places, rows, strict=True)
    ]
    return TrendSeries(points, [values[place] for place in places], len(values), line.name)


def fixed_until(
    repository: Repository, dimension: str, positions: Sequence[int]
) -> dict[int, dict[str, int]]:
    """Return, for each position in ascending order, how many violations of each key were fixed from the
    baseline up to there, in one query.
    """
    changes = fixed_by_commit(repository.drawn_plan_id, dimension)
    found, sums, place = {}, Counter[str](), 0
    for position in positions:
        while place < len(changes) and changes[place][0] <= position:
            sums[changes[place][1]] += changes[place][2]
            place += 1
        found[position] = dict(sums)
    return found


def ghosts(repository: Repository) -> list[PlanVersion]:
    """Return the plan versions whose trend can be compared with the charted one, newest first, in one
    query.
    """
    judged = Snapshot.objects.filter(plan=OuterRef("pk"), commit__position__isnull=False)
    others = repository.plans.exclude(pk=repository.drawn_plan_id or 0).defer("text")
    if repository.rejudging:
        others = others.exclude(pk=repository.plan_id or 0)
    return list(others.filter(Exists(judged)).order_by("-number"))
