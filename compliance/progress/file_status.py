"""Derives the status of each file, and all regressions, from the recorded lifetimes of violations.

Everything before the baseline belongs to the state in which the migration started.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from compliance.lib.batches import batches, index_plans
from compliance.models import Change, Commit, File, PlanVersion, Repository, Risk
from compliance.progress import baseline, renames

# Both statements run in the transaction that has just written the rows, so the planner has statistics for a
# smaller table or none at all. When they were written as joins over whole sets, they took quadratic time: for
# a commit that added 10,000 files, they hadn't finished after 280 s. Each lookup is therefore a subquery that
# `OFFSET 0` keeps apart, with one condition that only one index serves: without that, a table believed to
# have one row is read in full through any index. The derived rows are materialized and `= ANY(ids)` bounds
# the rows of the updated table, because the planner may join the two in either order: if it believes that the
# updated table has one row, it evaluates the other side once for each of its rows. The cost for each file is
# therefore constant, regardless of the statistics.
_LINEAGE = """
    WITH RECURSIVE lineage AS (
        SELECT file.id AS member
      UNION
        SELECT former.id FROM lineage CROSS JOIN LATERAL (
            SELECT id FROM compliance_file WHERE renamed_to_id = lineage.member OFFSET 0
        ) AS former
    )
    SELECT array_agg(member) AS members FROM lineage"""
_FIXED = """
    SELECT FROM (
        SELECT * FROM compliance_violation WHERE file_id = ANY(lineage.members) OFFSET 0
    ) AS ended
    WHERE plan_id = %(plan)s AND NOT suppressed AND NOT silenced AND last >= %(baseline)s"""
_REFRESH = """
WITH derived AS MATERIALIZED (
    SELECT file.id,
        CASE
            WHEN now.id IS NULL THEN 'gone'
            WHEN NOT judged.bad AND alive.waived > 0 THEN 'waived'
            WHEN NOT judged.bad AND now.suppressed > 0 THEN 'suppressed'
            WHEN judged.bad AND (past.was_right OR past.was_good AND NOT alive.restored) THEN 'regressed'
            WHEN judged.bad AND held.claimed AND EXISTS (_FIXED) THEN 'in progress'
            WHEN judged.bad AND held.claimed THEN 'claimed'
            WHEN judged.bad THEN 'open'
            WHEN past.ever THEN 'migrated'
            ELSE 'clean'
        END AS status,
        coalesce(now.category, file.category) AS category,
        coalesce(now.violations, 0) AS violations,
        CASE WHEN now.id IS NULL THEN 0 ELSE alive.waived END AS waived,
        coalesce(now.suppressed, 0) AS suppressed,
        coalesce((%(risks)s::text[])[CASE WHEN now.id IS NOT NULL THEN alive.worst END], '') AS worst_risk,
        coalesce(changed.placed_at, changed.committed_at) AS changed_at
    FROM unnest(%(ids)s::bigint[]) AS named(id)
    CROSS JOIN LATERAL (SELECT * FROM compliance_file WHERE id = named.id OFFSET 0) AS file
    CROSS JOIN LATERAL (_LINEAGE) AS lineage
    CROSS JOIN LATERAL (
        SELECT bool_or(violations > 0) AS ever,
            bool_or(good AND (last IS NULL OR last >= %(baseline)s)) AS was_good,
            bool_or(good AND suppressed = 0 AND (last IS NULL OR last >= %(baseline)s)) AS was_right,
            max(last) FILTER (WHERE file_id = file.id) + 1 AS ended
        FROM (
            SELECT *, violations = 0 AND NOT tainted AND skipped = '' AS good FROM compliance_filestate
            WHERE file_id = ANY(lineage.members) OFFSET 0
        ) AS said
        WHERE plan_id = %(plan)s
    ) AS past
    LEFT JOIN LATERAL (
        SELECT * FROM (SELECT * FROM compliance_filestate WHERE file_id = file.id OFFSET 0) AS said
        WHERE plan_id = %(plan)s AND last IS NULL LIMIT 1
    ) AS now ON true
    CROSS JOIN LATERAL (
        SELECT count(waiver_id) AS waived,
            coalesce(bool_and(restored OR waiver_id IS NOT NULL), false) AS restored,
            min(array_position(%(risks)s::text[], risk::text)) AS worst
        FROM (SELECT * FROM compliance_violation WHERE file_id = file.id OFFSET 0) AS violation
        WHERE plan_id = %(plan)s AND last IS NULL AND NOT suppressed
    ) AS alive
    CROSS JOIN LATERAL (
        SELECT now.violations > alive.waived OR now.tainted OR now.skipped <> '' AS bad,
            CASE WHEN now.id IS NULL THEN past.ended ELSE now.first END AS position
    ) AS judged
    CROSS JOIN LATERAL (
        SELECT EXISTS (
            SELECT FROM compliance_claim WHERE file_id = file.id AND state = 'active'
        ) AS claimed
    ) AS held
    LEFT JOIN LATERAL (
        SELECT * FROM compliance_commit
        WHERE (repository_id, position) >= (file.repository_id, judged.position)
        ORDER BY repository_id, position LIMIT 1
    ) AS changed ON changed.repository_id = file.repository_id AND changed.position = judged.position
)
UPDATE compliance_file AS file SET
    status = derived.status, category = derived.category, violations = derived.violations,
    suppressed = derived.suppressed, waived = derived.waived,
    worst_risk = derived.worst_risk, changed_at = derived.changed_at
FROM derived
WHERE file.id = derived.id AND file.id = ANY(%(ids)s)
    AND (file.status, file.category, file.violations, file.suppressed, file.waived, file.worst_risk,
         file.changed_at)
    IS DISTINCT FROM (derived.status, derived.category, derived.violations, derived.suppressed,
                      derived.waived, derived.worst_risk, derived.changed_at)
""".replace("_LINEAGE", _LINEAGE).replace("_FIXED", _FIXED)
_HOLD = """
WITH derived AS MATERIALIZED (
    SELECT file.id, CASE WHEN EXISTS (_FIXED) THEN 'in progress' ELSE 'claimed' END AS status
    FROM unnest(%(ids)s::bigint[]) AS file(id)
    CROSS JOIN LATERAL (_LINEAGE) AS lineage
)
UPDATE compliance_file AS file SET status = derived.status
FROM derived
WHERE file.id = derived.id AND file.id = ANY(%(ids)s) AND file.status = 'open'
""".replace("_LINEAGE", _LINEAGE).replace("_FIXED", _FIXED)

_REGRESSIONS = """
WITH judged AS MATERIALIZED (
    SELECT change.id, change.regression, commit.position > %(baseline)s AND EXISTS (
        SELECT FROM (SELECT * FROM compliance_file WHERE path = change.path OFFSET 0) AS file
        CROSS JOIN LATERAL (SELECT * FROM compliance_filestate WHERE file_id = file.id OFFSET 0) AS said
        WHERE file.repository_id = %(repository)s AND said.plan_id = %(plan)s
            AND said.violations = 0 AND NOT said.tainted AND said.skipped = ''
            AND (said.first IS NULL OR said.first < commit.position)
            AND (said.last IS NULL OR said.last >= commit.position - 1)) AS broke
    FROM unnest(%(ids)s::bigint[]) AS named(id)
    CROSS JOIN LATERAL (SELECT * FROM compliance_change WHERE id = named.id OFFSET 0) AS change
    CROSS JOIN LATERAL (SELECT * FROM compliance_commit WHERE id = change.commit_id OFFSET 0) AS commit
)
UPDATE compliance_change AS change SET regression = NOT change.regression
FROM judged
WHERE change.id = judged.id AND change.id = ANY(%(ids)s) AND judged.broke <> judged.regression
"""


def refresh(repository: Repository, version: PlanVersion, files: Iterable[int] | None = None) -> None:
    """Derive the status and figures of these files, or of all files if none are given, from the recorded
    lifetimes.

    If files are given, only the newest commit is checked for regressions.
    """
    files = None if files is None else list(files)
    affected = renames.derive(repository, version, files)
    values = {
        "repository": repository.pk,
        "plan": version.pk,
        "risks": Risk.values,
        "baseline": baseline.position_of(repository, version),
    }
    commits = Commit.objects.filter(repository=repository, position__isnull=False)
    new = Change.objects.filter(plan=version, kind=Change.Kind.NEW)
    if files is None:
        files = File.objects.filter(repository=repository).values_list("pk", flat=True)
        new = new.filter(commit__in=commits)
    else:
        new = new.filter(commit__in=list(commits.order_by("-position").values_list("pk", flat=True)[:1]))
    _run(_REFRESH, values, {*files, *affected})
    _run(_REGRESSIONS, values, new.order_by().values_list("pk", flat=True))


def hold(repository: Repository, files: Iterable[int]) -> None:
    """Update the status of open files that somebody has just claimed. The caller must have checked that."""
    if version := repository.plan:
        position = baseline.position_of(repository, version)
        _run(_HOLD, {"plan": version.pk, "baseline": position}, files)


def let_go(files: Iterable[int]) -> None:
    """Update the status of files whose claim has just ended."""
    held = (File.Status.CLAIMED, File.Status.IN_PROGRESS)
    File.objects.filter(pk__in=files, status__in=held).update(status=File.Status.OPEN)


def _run(statement: str, values: Mapping[str, Any], ids: Iterable[int]) -> None:
    """Run a statement for the rows with these ids, a batch at a time."""
    for batch in batches(sorted(ids)):
        with index_plans(), connection.cursor() as cursor:
            cursor.execute(statement, {**values, "ids": batch})
