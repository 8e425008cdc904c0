"""Movement chart: the numbers of fixed and of new violations per week.

They are shown separately, because a net change would hide them if they are equal.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from itertools import zip_longest
from typing import Any

from django.db import connection

from compliance.charts.context import ChartContext, Data
from compliance.charts.series import span

NAME = "movement"
TITLE = "Fixed and new by week"
ORDER = 20
WEEK = 7 * 24 * 3600
LONGEST_GAP = 104 * WEEK
"""Gaps without commits that are longer than this are omitted."""

# The database computes the sums. As in the trend, no commit is dated earlier than its predecessor.
_WEEKS = """
SELECT date_trunc('week', at AT TIME ZONE 'UTC')::date AS monday,
    sum(fixed), sum(new), sum(newly_suppressed), sum(restored), sum(fixed_gone)
FROM (
    SELECT max(coalesce(c.placed_at, c.committed_at)) OVER (ORDER BY c.position) AS at, c.position,
        s.fixed, s.new,
        s.newly_suppressed, s.restored, s.fixed_gone
    FROM compliance_snapshot AS s JOIN compliance_commit AS c ON c.id = s.commit_id
    WHERE s.plan_id = %s AND c.position IS NOT NULL
        AND coalesce(c.placed_at, c.committed_at) >= coalesce(%s::timestamptz, '-infinity')
        AND coalesce(c.placed_at, c.committed_at) < coalesce(%s::timestamptz, 'infinity')
) AS line WHERE position > 1 GROUP BY monday
"""


def draw(context: ChartContext) -> Data:
    """Return points `[start of the week, fixed, new, suppressed, counting again, fixed in removed files]`.
    The last number is a `part` of the fixed ones.

    A week starts on Monday in UTC, given in seconds since 1970. The parameters are those of `span`.
    Suppressed violations don't count as fixed, and restored ones don't count as new. The root commit is
    excluded, because its initial content is not a change.
    """
    told = dict(_weeks(context))
    return {
        "kind": "bar",
        "title": TITLE,
        "unit": "",
        "columns": ["Week from", "Fixed", "New", "Suppressed", "Counting again", "Fixed in removed files"],
        "part": {"column": 5, "of": 1, "rest": "Fixed in code"},
        "points": [[monday, *told.get(monday, (0, 0, 0, 0, 0))] for monday in _shown(sorted(told))],
    }


def _shown(mondays: list[int]) -> Iterator[int]:
    """Yield the weeks from the first to the last without long gaps, so that their number depends on the
    number of rows.
    """
    for monday, following in zip_longest(mondays, mondays[1:]):
        yield monday
        if following is None or following - monday > LONGEST_GAP:
            continue
        yield from range(monday + WEEK, following, WEEK)


def _weeks(context: ChartContext) -> list[tuple[int, tuple[int, ...]]]:
    values: list[Any] = [context.repository.drawn_plan_id, *span(context.repository, context.query)]
    with connection.cursor() as cursor:
        cursor.execute(_WEEKS, values)
        return [
            (int(datetime.combine(monday, time(), UTC).timestamp()), tuple(numbers))
            for monday, *numbers in cursor.fetchall()
        ]
