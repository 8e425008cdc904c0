"""Since when a repository has been at its target, in one query that reads the commits since then."""

from datetime import date

from django.db import connection
from django.utils import timezone

from compliance.models import Repository

# Walks from the newest commit back to the newest one below the target. The one after it isn't dated earlier.
_SINCE = """
WITH below AS (
    SELECT c.position FROM compliance_commit AS c
    JOIN compliance_snapshot AS s ON s.commit_id = c.id AND s.plan_id = %(plan)s
    WHERE c.repository_id = %(repository)s AND c.position IS NOT NULL
        AND (s.files > 0 AND 1000 * s.clean::bigint / nullif(s.files, 0) >= %(tenths)s) IS NOT TRUE
    ORDER BY c.position DESC LIMIT 1
)
SELECT max(coalesce(c.placed_at, c.committed_at)) FROM compliance_commit AS c
WHERE c.repository_id = %(repository)s
    AND c.position IN (SELECT position + step FROM below, unnest(ARRAY[0, 1]) AS step)
"""


def reached_since(repository: Repository) -> date | None:
    """Return the day since which every commit has been at the active plan's target.

    Return None if the oldest commit was at the target already, or while history is read or re-evaluated. The
    newest commit must be at the target.
    """
    plan = repository.plan
    if plan is None or not repository.history_done or repository.rejudging:
        return None
    values = {"repository": repository.pk, "plan": plan.pk, "tenths": round(10 * float(plan.target_percent))}
    with connection.cursor() as cursor:
        cursor.execute(_SINCE, values)
        (at,) = cursor.fetchone() or (None,)
    return timezone.localdate(at) if at else None
