"""The causes of the steps between the points of a trend, which may be several commits apart."""

from typing import Any

from django.db import connection

from compliance.charts.series import Point
from compliance.models import Repository

COLUMNS = (
    *("commits", "fixed", "new", "newly_suppressed", "restored", "moved_in", "moved_out"),
    *("became_clean", "became_unclean", "files_added", "clean_added", "files_gone", "clean_gone"),
)
"""The causes of a step. Renamed files are neither among the added nor among the removed ones."""

_RENAMED = ("files_added", "files_gone")
# Each commit belongs to the step that ends at the first point that isn't before it.
_SUMS = f"""
SELECT width_bucket(c.position - 1, %s::integer[]) AS step, count(*), {
    ", ".join(f"sum(s.{name}{' - s.files_renamed' if name in _RENAMED else ''})" for name in COLUMNS[1:])
}
FROM compliance_snapshot AS s JOIN compliance_commit AS c ON c.id = s.commit_id
WHERE s.plan_id = %s AND c.repository_id = %s AND c.position > %s AND c.position <= %s
GROUP BY step
"""  # noqa: S608  (names of columns alone)


def steps(repository: Repository, points: list[Point]) -> list[list[int]]:
    """Return, for each point, the numbers in `COLUMNS` for the commits since the previous point, in one
    query. The first point has no step.
    """
    if not points:
        return []
    positions = [point.position for point in points]
    values: list[Any] = [positions, repository.drawn_plan_id, repository.pk, positions[0], positions[-1]]
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, values)
        found = {step: list(map(int, numbers)) for step, *numbers in cursor.fetchall()}
    return [[], *(found.get(step, [0] * len(COLUMNS)) for step in range(1, len(points)))]
