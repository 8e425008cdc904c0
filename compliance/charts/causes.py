"""The causes of the steps between the points of a trend, which may be several commits apart."""

from itertools import pairwise
from typing import Any

from django.core.cache import cache
from django.db import connection

from compliance.charts.kept_line import KEPT_SECONDS
from compliance.charts.series import Point
from compliance.models import Repository

COLUMNS = (
    *("commits", "fixed", "fixed_gone", "new", "newly_suppressed", "restored", "moved_in", "moved_out"),
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


def steps(repository: Repository, points: list[Point], name: str = "") -> list[list[int]]:
    """Return, for each point, the numbers in `COLUMNS` for the commits since the previous point, in one
    query. The first point has no step.

    With the `name` of a series, only the steps that its last drawing didn't have are added up.
    """
    if not points:
        return []
    pairs = list(pairwise(point.position for point in points))
    key = f"steps-{len(COLUMNS)}-{name}"
    known: dict[tuple[int, int], list[int]] = (cache.get(key) or {}) if name else {}
    missing = [pair for pair in pairs if pair not in known]
    if missing:
        known |= _sums(repository, [missing[0][0], *(after for _, after in pairs[pairs.index(missing[0]) :])])
        if name:
            cache.set(key, {pair: known[pair] for pair in pairs}, KEPT_SECONDS)
    return [[], *(known[pair] for pair in pairs)]


def _sums(repository: Repository, positions: list[int]) -> dict[tuple[int, int], list[int]]:
    """Return the numbers for the commits after each of these positions up to the next one."""
    values: list[Any] = [positions, repository.drawn_plan_id, repository.pk, positions[0], positions[-1]]
    with connection.cursor() as cursor:
        cursor.execute(_SUMS, values)
        found = {step: list(map(int, numbers)) for step, *numbers in cursor.fetchall()}
    nothing = [0] * len(COLUMNS)
    return {pair: found.get(step, nothing) for step, pair in enumerate(pairwise(positions), 1)}
