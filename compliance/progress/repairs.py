"""Counts the violations of each phase and issue that were fixed since the baseline of a plan version.

Until a baseline is stored, everything fixed in the history recorded so far counts; if history is complete,
the migration hasn't begun, and nothing does.
"""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Subquery
from django.db.models.functions import Coalesce

from compliance.models import Baseline, PlanVersion, Repository

LAST = 2**31 - 1
"""A position after every commit."""

Fixed = dict[str, dict[str, int]]
"""Maps `phase` and `issue` to keys, and each key to a number of violations."""

# `last` is the position before the commit that fixed the violation. OFFSET 0 makes the planner look the rows
# up by it, although it doesn't know the position of the baseline, instead of reading all violations.
_SINCE = """
SELECT v.plan_id, part.dimension, part.key, {what}
FROM compliance_planversion AS p JOIN compliance_repository AS r ON r.id = p.repository_id
LEFT JOIN compliance_baseline AS b ON b.plan_id = p.id
LEFT JOIN compliance_commit AS c ON c.id = b.commit_id
CROSS JOIN LATERAL (
    SELECT *, {removed} AS removed FROM compliance_violation AS lifetime
    WHERE plan_id = p.id AND NOT suppressed AND NOT silenced
        AND last >= coalesce(c.position, CASE WHEN r.history_done THEN 2147483647 ELSE 0 END) OFFSET 0
) AS v
CROSS JOIN LATERAL (
    SELECT 'phase' AS dimension, jsonb_array_elements_text(v.phases) AS key
    UNION ALL SELECT 'issue', jsonb_array_elements_text(v.issues)
) AS part
WHERE p.id = ANY(%s)
"""
_REMOVED = """EXISTS (
        SELECT FROM compliance_change WHERE violation_id = lifetime.id AND kind = 'fixed' AND file_gone
    )"""
_TOTALS = _SINCE.replace("{removed}", "NULL").replace("{what}", "count(*)") + "GROUP BY 1, 2, 3"
_BOTH = (
    _SINCE.replace("{removed}", _REMOVED).replace("{what}", "count(*), count(*) FILTER (WHERE v.removed)")
    + "GROUP BY 1, 2, 3"
)
_BY_COMMIT = (
    _SINCE.replace("{removed}", "NULL").replace("{what}", "v.last + 1 AS position, count(*)")
    + "AND part.dimension = %s GROUP BY 1, 2, 3, 4 ORDER BY position"
)


def fixed_since_baseline(plans: Iterable[int | None]) -> dict[int, Fixed]:
    """Return the numbers for each of these plan versions by its id, in one query."""
    wanted = [plan for plan in plans if plan]
    found: dict[int, Fixed] = {plan: {"phase": {}, "issue": {}} for plan in wanted}
    for plan, dimension, key, number in _rows(_TOTALS, [wanted]):
        found[plan][dimension][key] = number
    return found


def fixed_and_removed(plan: int) -> tuple[Fixed, Fixed]:
    """Return the numbers for one plan version, and how many of them were in files that were removed, in one
    query.
    """
    fixed: Fixed = {"phase": {}, "issue": {}}
    removed: Fixed = {"phase": {}, "issue": {}}
    for _, dimension, key, number, gone in _rows(_BOTH, [[plan]]):
        fixed[dimension][key], removed[dimension][key] = number, gone
    return fixed, removed


def baseline_position(
    repository: Repository, version: PlanVersion | None = None, *, begin: int = 0
) -> Coalesce:
    """Return the position of the baseline of a plan version, by default the active one, as an expression.

    While history is being read, a baseline that isn't stored yet is at `begin`; later, it is after every
    commit, because the migration hasn't begun.
    """
    plan = version.pk if version else repository.plan_id
    stored = Baseline.objects.filter(plan=plan, commit__position__isnull=False)
    unknown = LAST if repository.history_done else begin
    return Coalesce(Subquery(stored.values("commit__position")[:1]), unknown)


def fixed_by_commit(plan: int | None, dimension: str) -> list[tuple[int, str, int]]:
    """Return the position of each commit after the baseline that fixed violations, a key of the dimension,
    and the number of violations, by position, in one query.
    """
    rows = _rows(_BY_COMMIT, [[plan] if plan else [], dimension])
    return [(position, key, number) for _, _, key, position, number in rows]


def _rows(query: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
