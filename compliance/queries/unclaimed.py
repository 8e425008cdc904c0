"""The files of a phase that have violations left and that nobody has claimed."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from compliance.models import Repository

MOST_FILES = 20
"""The number of files of each phase whose owners are looked up: those with the most violations left."""

# The files are those that the list of files shows for the phase, with and without `who=nobody`.
_UNCLAIMED = """
SELECT wanted.key, count(*), count(*) FILTER (WHERE NOT taken),
    (array_agg(path ORDER BY left_to_fix DESC, path COLLATE "C") FILTER (WHERE NOT taken))[:%(most)s]
FROM unnest(%(keys)s::text[]) AS wanted(key)
CROSS JOIN LATERAL (
    SELECT file.path, file.violations - file.waived AS left_to_fix, file.violations <= file.waived OR EXISTS (
        SELECT FROM compliance_claim WHERE file_id = file.id AND state = 'active'
    ) AS taken
    FROM compliance_file AS file
    WHERE file.repository_id = %(repository)s AND file.status <> 'gone' AND file.id IN (
        SELECT file_id FROM compliance_violation
        WHERE plan_id = %(plan)s AND last IS NULL AND NOT suppressed
            AND phases @> jsonb_build_array(wanted.key)
    )
) AS found
GROUP BY wanted.key
"""


class PhaseFiles(NamedTuple):
    """The files with violations left in a phase: their number, the number of those that nobody has claimed
    and that have violations that aren't waived, and the paths of up to `MOST_FILES` of the latter.
    """

    files: int
    unclaimed: int
    paths: Sequence[str]


def unclaimed_files(repository: Repository, keys: Sequence[str]) -> dict[str, PhaseFiles]:
    """Return the files of each of these phases by its key, in one query, without phases that have none."""
    if not keys:
        return {}
    values: dict[str, Any] = {
        "keys": list(keys),
        "repository": repository.pk,
        "plan": repository.plan_id,
        "most": MOST_FILES,
    }
    with connection.cursor() as cursor:
        cursor.execute(_UNCLAIMED, values)
        return {key: PhaseFiles(files, free, paths or ()) for key, files, free, paths in cursor.fetchall()}
