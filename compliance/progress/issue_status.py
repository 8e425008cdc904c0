"""The state of an issue in its tracker compared with the records, and the commits that changed figures."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from compliance.lib.wording import count_of
from compliance.models import Repository

OVER = ("closed", "deleted")
"""States of an issue in the tracker in which nobody works on it any more."""

LEFT, NONE_LEFT = "violations left", "none left"
"""How an issue and the records disagree: it is over with violations left, or open with nothing to do."""


def disagreement(state: str, left: int, fixed: int, open_phases: int | None = None) -> str:
    """Return how the tracker's state and the records disagree, or an empty string if they agree.

    An issue without any violation, of which none was fixed either, isn't compared, and neither is one whose
    state is unknown. An issue is rightly open while one of its phases is, which may wait for an approval or
    for evidence. If all are closed, their criteria tolerate what is left. `open_phases` is None for an issue
    without phases.
    """
    is_done = open_phases == 0 or (open_phases is None and not left)
    if state in OVER and left and not is_done:
        return LEFT
    return NONE_LEFT if state == "open" and fixed and is_done else ""


def disagreement_words(state: str, left: int, fixed: int, open_phases: int | None = None) -> str:
    """Describe the disagreement in a few words, or return an empty string without one."""
    found = disagreement(state, left, fixed, open_phases)
    if found == LEFT:
        return f"{state} with {count_of(left, 'violation')} left"
    if found and left:
        return "open although all its phases are closed"
    return "open with no violations left" if found else ""


@dataclass(frozen=True, slots=True)
class Move:
    """A commit that changed the figures of an issue, and the numbers of violations by cause."""

    sha: str
    subject: str
    at: datetime
    fixed: int
    introduced: int
    suppressed: int
    restored: int


# As in `repairs`, `last` is the position before the commit that ended a lifetime.
_MOVES = """
WITH base AS (
    SELECT p.id AS plan, coalesce(c.position, 2147483647) AS position FROM compliance_planversion AS p
    LEFT JOIN compliance_baseline AS b ON b.plan_id = p.id
    LEFT JOIN compliance_commit AS c ON c.id = b.commit_id
    WHERE p.id = %(plan)s
), moved AS (
    SELECT v.last + 1 AS position, v.{keys} AS keys, true AS is_end, v.silenced AS is_other
    FROM base CROSS JOIN LATERAL (
        SELECT * FROM compliance_violation WHERE plan_id = base.plan AND NOT suppressed
            AND last >= base.position OFFSET 0
    ) AS v
    UNION ALL
    SELECT v.first, v.{keys}, false, v.restored
    FROM base CROSS JOIN LATERAL (
        SELECT * FROM compliance_violation WHERE plan_id = base.plan AND NOT suppressed
            AND first > base.position OFFSET 0
    ) AS v
), summed AS (
    SELECT part.key, moved.position,
        count(*) FILTER (WHERE is_end AND NOT is_other) AS fixed,
        count(*) FILTER (WHERE NOT is_end AND NOT is_other) AS introduced,
        count(*) FILTER (WHERE is_end AND is_other) AS suppressed,
        count(*) FILTER (WHERE NOT is_end AND is_other) AS restored
    FROM moved CROSS JOIN LATERAL jsonb_array_elements_text(moved.keys) AS part(key)
    WHERE part.key = ANY(%(keys)s) GROUP BY 1, 2
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY key ORDER BY position DESC) AS place FROM summed
)
SELECT r.key, c.sha, c.subject, coalesce(c.placed_at, c.committed_at),
    r.fixed, r.introduced, r.suppressed, r.restored
FROM ranked AS r
JOIN compliance_commit AS c ON c.repository_id = %(repository)s AND c.position = r.position
WHERE r.place <= %(most)s ORDER BY r.key, r.position DESC
"""

_COLUMNS = {"issue": "issues", "phase": "phases"}


def last_moves(
    repository: Repository, keys: Collection[str], most: int, dimension: str = "issue"
) -> dict[str, list[Move]]:
    """Return the newest commits after the baseline that changed the figures of each issue or, with the
    dimension `phase`, of each phase, by its key, newest first, in one query.

    Commits that only moved violations into or out of the selectors of an issue are omitted.
    """
    found: dict[str, list[Move]] = {key: [] for key in keys}
    if not keys or repository.plan_id is None:
        return found
    values: dict[str, Any] = {"plan": repository.plan_id, "keys": list(keys)}
    with connection.cursor() as cursor:
        cursor.execute(
            _MOVES.format(keys=_COLUMNS[dimension]), values | {"repository": repository.pk, "most": most}
        )
        for key, *columns in cursor.fetchall():
            found[key].append(Move(*columns))
    return found
