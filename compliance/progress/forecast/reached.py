"""Since when a repository has been at its target, in one query that reads the commits since then."""

from datetime import date

from django.db import connection
from django.utils import timezone

from compliance.models import Repository

# Walks from the newest commit back to the newest one below the target. The one after it isn't dated earlier.
_SINCE = """
WITH below AS (
    SELECT newest.position FROM (
        SELECT c.id, c.position FROM compliance_commit AS c
        WHERE c.repository_id = %(repository)s AND c.position IS NOT NULL
        ORDER BY c.position DESC LIMIT %(most)s::bigint
    ) AS newest
    JOIN compliance_snapshot AS s ON s.commit_id = newest.id AND s.plan_id = %(plan)s
    WHERE (s.files > 0 AND 1000 * s.clean::bigint / nullif(s.files, 0) >= %(tenths)s) IS NOT TRUE
    ORDER BY newest.position DESC LIMIT 1
)
SELECT max(coalesce(c.placed_at, c.committed_at)) FROM compliance_commit AS c
WHERE c.repository_id = %(repository)s
    AND c.position IN (SELECT position + step FROM below, unnest(ARRAY[0, 1]) AS step)
"""


QUICK = 10_000
"""Number of commits whose figures are read in about 30 ms."""


def reached_since(repository: Repository, most: int | None = None) -> date | None:
    """Return the day since which every commit has been at the active plan's target.

    Return None if the oldest commit was at the target already, or the oldest of the `most` newest ones, and
    while history is read or re-evaluated. The newest commit must be at the target.
    """
    plan = repository.plan
    if plan is None or not repository.history_done or repository.rejudging:
        return None
    tenths = round(10 * float(plan.target_percent))
    values = {"repository": repository.pk, "plan": plan.pk, "tenths": tenths, "most": most}
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, values)
        (at,) = cursor.fetchone() or (None,)
    return timezone.localdate(at) if at else None
