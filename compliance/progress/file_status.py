"""Derives each file's status and the regressions from recorded lifetimes.

Everything before the baseline belongs to the state in which the migration started.
"""

from datetime import UTC, datetime, time

from django.db import connection
from django.db.models import Min

from compliance.models import Commit, Phase, PlanVersion, Repository, Risk, Snapshot

_REFRESH = """
WITH RECURSIVE lineage AS (
    SELECT id AS file, id AS member FROM compliance_file
    WHERE repository_id = %(repository)s AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))
  UNION
    SELECT lineage.file, former.id
    FROM lineage JOIN compliance_file AS former ON former.renamed_to_id = lineage.member
), said AS (
    SELECT *, violations > 0 OR tainted OR skipped <> '' AS bad
    FROM compliance_filestate WHERE plan_id = %(plan)s
), past AS (
    SELECT lineage.file,
        bool_or(said.violations > 0) AS ever,
        bool_or(NOT said.bad AND (said.last IS NULL OR said.last >= %(baseline)s)) AS was_good,
        bool_or(NOT said.bad AND said.suppressed = 0 AND (said.last IS NULL OR said.last >= %(baseline)s))
            AS was_right
    FROM lineage JOIN said ON said.file_id = lineage.member GROUP BY lineage.file
), ended AS (
    SELECT file_id, max(last) + 1 AS position FROM said GROUP BY file_id
), alive AS (
    SELECT file_id, count(waiver_id) AS waived, bool_and(restored OR waiver_id IS NOT NULL) AS restored,
        min(array_position(%(risks)s::text[], risk::text))
            FILTER (WHERE waiver_id IS NULL) AS worst
    FROM compliance_violation WHERE plan_id = %(plan)s AND last IS NULL AND NOT suppressed GROUP BY file_id
), less AS (
    SELECT DISTINCT lineage.file
    FROM lineage JOIN compliance_violation AS violation ON violation.file_id = lineage.member
    WHERE violation.plan_id = %(plan)s AND NOT violation.suppressed AND NOT violation.silenced
        AND violation.last >= %(baseline)s
), claimed AS (
    SELECT file_id FROM compliance_claim WHERE state = 'active'
), current AS (
    SELECT said.*, said.violations - coalesce(alive.waived, 0) AS unwaived,
        coalesce(alive.waived, 0) AS waived, alive.worst, coalesce(alive.restored, false) AS restored,
        said.violations > coalesce(alive.waived, 0) OR said.tainted OR said.skipped <> '' AS bad_now
    FROM said LEFT JOIN alive ON alive.file_id = said.file_id WHERE said.last IS NULL
), derived AS (
    SELECT file.id,
        CASE
            WHEN now.id IS NULL THEN 'gone'
            WHEN NOT now.bad_now AND now.waived > 0 THEN 'waived'
            WHEN NOT now.bad_now AND now.suppressed > 0 THEN 'suppressed'
            WHEN now.bad_now AND (past.was_right OR past.was_good AND NOT now.restored) THEN 'regressed'
            WHEN now.bad_now AND less.file IS NOT NULL THEN 'in progress'
            WHEN now.bad_now AND claimed.file_id IS NOT NULL THEN 'claimed'
            WHEN now.bad_now THEN 'open'
            WHEN past.ever THEN 'migrated'
            ELSE 'clean'
        END AS status,
        coalesce(now.category, file.category) AS category,
        coalesce(now.unwaived, 0) AS violations,
        coalesce(now.waived, 0) AS waived,
        coalesce(now.suppressed, 0) AS suppressed,
        coalesce((%(risks)s::text[])[now.worst], '') AS worst_risk,
        commit.committed_at AS changed_at
    FROM compliance_file AS file
    LEFT JOIN current AS now ON now.file_id = file.id
    LEFT JOIN ended ON ended.file_id = file.id
    LEFT JOIN past ON past.file = file.id
    LEFT JOIN less ON less.file = file.id
    LEFT JOIN claimed ON claimed.file_id = file.id
    LEFT JOIN compliance_commit AS commit ON commit.repository_id = file.repository_id
        AND commit.position = CASE WHEN now.id IS NULL THEN ended.position ELSE now.first END
    WHERE file.repository_id = %(repository)s AND (%(ids)s::bigint[] IS NULL OR file.id = ANY(%(ids)s))
)
UPDATE compliance_file AS file SET
    status = derived.status, category = derived.category, violations = derived.violations,
    suppressed = derived.suppressed, waived = derived.waived,
    worst_risk = derived.worst_risk, changed_at = derived.changed_at
FROM derived
WHERE file.id = derived.id
    AND (file.status, file.category, file.violations, file.suppressed, file.waived, file.worst_risk,
         file.changed_at)
    IS DISTINCT FROM (derived.status, derived.category, derived.violations, derived.suppressed,
                      derived.waived, derived.worst_risk, derived.changed_at)
"""

_REGRESSIONS = """
UPDATE compliance_change AS change SET regression = NOT change.regression
FROM compliance_commit AS commit
WHERE commit.id = change.commit_id AND change.plan_id = %(plan)s AND change.kind = 'new'
    AND commit.position IS NOT NULL AND (%(first)s::int IS NULL OR commit.position >= %(first)s)
    AND change.regression IS DISTINCT FROM (commit.position > %(baseline)s AND EXISTS (
        SELECT FROM compliance_file AS file JOIN compliance_filestate AS said ON said.file_id = file.id
        WHERE file.repository_id = %(repository)s AND file.path = change.path AND said.plan_id = %(plan)s
            AND said.violations = 0 AND NOT said.tainted AND said.skipped = ''
            AND (said.first IS NULL OR said.first < commit.position)
            AND (said.last IS NULL OR said.last >= commit.position - 1)))
"""


def baseline(repository: Repository, version: PlanVersion) -> int:
    """Return the baseline position, from which progress is measured; 0 when nothing is recorded.

    It is the last commit before the plan's earliest phase starts (midnight UTC). If no phase has a start
    date, or no recorded commit is that old, it is the first commit with the most violations; until this
    version has evaluated history far enough, the charted version's figures are used.
    """
    phases = Phase.objects.filter(issue__repository=repository, issue__in_plan=True, in_plan=True)
    start = phases.aggregate(start=Min("start"))["start"]
    if start is not None:
        line = Commit.objects.filter(repository=repository, position__isnull=False)
        before = line.filter(committed_at__lt=datetime.combine(start, time.min, UTC))
        if position := before.order_by("-position").values_list("position", flat=True).first():
            return position
    drawn = repository.line_plan_id or version.pk
    whole = drawn == version.pk or _lowest(version.pk) <= _lowest(drawn)
    figures = Snapshot.objects.filter(plan=version if whole else drawn, commit__position__isnull=False)
    worst = figures.order_by("-violations", "commit__position").values_list("commit__position", flat=True)
    return worst.first() or 0


def _lowest(version: int) -> int:
    figures = Snapshot.objects.filter(plan=version, commit__position__isnull=False)
    found = figures.order_by("commit__position").values_list("commit__position", flat=True).first()
    return found or 0


def refresh(repository: Repository, version: PlanVersion, files: list[int] | None = None) -> None:
    """Derive the status and figures of these files (all if none are given) from the recorded lifetimes.

    With given files, only the newest commit is checked for regressions.
    """
    values = {
        "repository": repository.pk,
        "plan": version.pk,
        "ids": files,
        "risks": Risk.values,
        "baseline": baseline(repository, version),
        "first": None,
    }
    if files is not None:
        line = Commit.objects.filter(repository=repository, position__isnull=False)
        values["first"] = line.order_by("-position").values_list("position", flat=True).first()
    with connection.cursor() as cursor:
        if files is None:
            # Without fresh statistics after a bulk insert, the planner assumes empty tables: minutes, not a
            # second.
            cursor.execute("ANALYZE compliance_file, compliance_filestate, compliance_violation")
        cursor.execute(_REFRESH, values)
        cursor.execute(_REGRESSIONS, values)
