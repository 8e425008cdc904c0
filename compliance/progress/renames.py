"""Determines, from the recorded renames and lifetimes, the new file for each file that was renamed."""

from collections.abc import Iterable

from django.db import connection
from django.db.models import Q

from compliance.lib.batches import batches, index_plans
from compliance.models import File, PlanVersion, Rename, Repository

# A rename applies to a file if it is the newest rename of that path, and the path has not been recreated
# since. As in file_status, lateral subqueries run once for each file, regardless of the planner's statistics.
_DERIVE = """
WITH link AS MATERIALIZED (
    SELECT file.id, file.renamed_to_id AS former,
        CASE WHEN later.id IS NULL THEN newest.new_id END AS target
    FROM unnest(%(ids)s::bigint[]) AS named(id)
    CROSS JOIN LATERAL (SELECT * FROM compliance_file WHERE id = named.id OFFSET 0) AS file
    LEFT JOIN LATERAL (
        SELECT rename.new_id, rename.position
        FROM (SELECT * FROM compliance_rename WHERE old_id = file.id OFFSET 0) AS rename
        WHERE rename.plan_id = %(plan)s
        ORDER BY rename.position DESC LIMIT 1
    ) AS newest ON true
    LEFT JOIN LATERAL (
        SELECT said.id FROM (SELECT * FROM compliance_filestate WHERE file_id = file.id OFFSET 0) AS said
        WHERE said.plan_id = %(plan)s
            AND (said.last IS NULL OR said.last >= newest.position)
        LIMIT 1
    ) AS later ON true
)
UPDATE compliance_file AS file SET renamed_to_id = link.target
FROM link
WHERE file.id = link.id AND file.id = ANY(%(ids)s) AND link.former IS DISTINCT FROM link.target
RETURNING link.former, link.target
"""
_DOWNSTREAM = """
WITH RECURSIVE chain AS (
    SELECT unnest(%(ids)s::bigint[]) AS id
  UNION
    SELECT file.renamed_to_id FROM chain
    CROSS JOIN LATERAL (SELECT * FROM compliance_file WHERE id = chain.id OFFSET 0) AS file
    WHERE file.renamed_to_id IS NOT NULL
)
SELECT id FROM chain
"""


def derive(repository: Repository, version: PlanVersion, files: Iterable[int] | None = None) -> set[int]:
    """Update `renamed_to` of these files, or of all files if none are given. Return the files whose past has
    changed.

    These are the old and new targets of each changed link, and the files to which those were renamed in turn.
    """
    if files is None:
        renamed = Rename.objects.filter(plan=version).values("old")
        linked = File.objects.filter(Q(renamed_to__isnull=False) | Q(pk__in=renamed), repository=repository)
        files = linked.values_list("pk", flat=True)
    changed: set[int] = set()
    for batch in batches(sorted(files)):
        with index_plans(), connection.cursor() as cursor:
            cursor.execute(_DERIVE, {"plan": version.pk, "ids": batch})
            changed.update(pk for link in cursor.fetchall() for pk in link if pk is not None)
    return {pk for batch in batches(sorted(changed)) for pk in _downstream(batch)}


def _downstream(files: list[int]) -> list[int]:
    with index_plans(), connection.cursor() as cursor:
        cursor.execute(_DOWNSTREAM, {"ids": files})
        return [pk for (pk,) in cursor.fetchall()]
