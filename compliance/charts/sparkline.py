"""A repository's sparkline, drawn with a fixed number of index lookups, regardless of the length of
history.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from compliance.lib.dates import written
from compliance.lib.figures import percent
from compliance.models import Repository

MOST = 64
WIDTH, HEIGHT = 120, 28
_EDGE = 2.5

_DOTS = """
SELECT wanted.repository, coalesce(c.placed_at, c.committed_at), s.clean, s.files
FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) AS wanted(repository, plan, position)
JOIN compliance_commit AS c ON c.repository_id = wanted.repository AND c.position = wanted.position
JOIN compliance_snapshot AS s ON s.plan_id = wanted.plan AND s.commit_id = c.id
ORDER BY wanted.repository, c.position
"""


class Dot(NamedTuple):
    """The figures for one commit: its time, clean files and counted files."""

    at: datetime
    clean: int
    files: int


class Spark(NamedTuple):
    """The geometry of a sparkline (size, line, end point and target height) and its text alternative."""

    width: int
    height: int
    points: str
    end: tuple[float, float]
    goal: float | None
    words: str


def _positions(length: int, most: int) -> list[int]:
    """Return at most `most` evenly spaced positions in a history, including the first and the last."""
    if length <= most:
        return list(range(1, length + 1))
    return [1 + round(step * (length - 1) / (most - 1)) for step in range(most)]


def dots(repositories: Iterable[Repository], most: int = MOST) -> dict[int, list[Dot]]:
    """Return the thinned history of each repository by its id, oldest first, in one query.

    `head` must have been selected. Positions are looked up in the index, so a history of 14,000 commits costs
    no more than one of `most`.
    """
    wanted = [
        (repository.pk, repository.drawn_plan_id, position)
        for repository in repositories
        if repository.drawn_plan_id and repository.head
        for position in _positions(repository.head.position or 0, most)
    ]
    found: dict[int, list[Dot]] = {}
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(_DOTS, [list(column) for column in zip(*wanted, strict=True)])
            for pk, *values in cursor.fetchall():
                found.setdefault(pk, []).append(Dot(*values))
    return found


def dots_for_sum(repositories: Sequence[Repository]) -> dict[int, list[Dot]]:
    """Return the histories of repositories whose sum is drawn, with fewer points each if there are many, so
    that the sum of 1,000 costs no more than that of 64.
    """
    return dots(repositories, min(MOST, max(2, MOST * MOST // max(1, len(repositories)))))


def summed(lines: Sequence[Sequence[Dot]]) -> list[Dot]:
    """Add up several histories: each point has the sum of their latest figures, starting when all of them
    have begun. At most MOST points are returned, the first and the last among them.
    """
    if not lines or not all(lines):
        return []
    last: dict[int, Dot] = {}
    total: list[Dot] = []
    clean = files = 0
    for at, number, dot in sorted((dot.at, number, dot) for number, line in enumerate(lines) for dot in line):
        before = last.get(number)
        last[number] = dot
        clean += dot.clean - (before.clean if before else 0)
        files += dot.files - (before.files if before else 0)
        if len(last) == len(lines):
            total.append(Dot(at, clean, files))
    return [total[position - 1] for position in _positions(len(total), MOST)]


def spark(
    line: Sequence[Dot], width: int = WIDTH, height: int = HEIGHT, target: float | None = None
) -> Spark | None:
    """Return a sparkline with the given size in pixels, or None with fewer than two points.

    The x axis is time, which never decreases. The y axis is the percentage, from the lowest value to the
    highest value, or to the target if it is drawn. It spans at least two percentage points, so that tiny
    changes don't look large.
    """
    known = [(dot, value) for dot in line if (value := percent(dot.clean, dot.files)) is not None]
    if len(known) < 2:
        return None
    values = [value for _, value in known]
    least, most = min(values), max(values)
    if target is not None:
        least, most = min(least, target), max(most, target)
    middle, span = (least + most) / 2, max(most - least, 2.0)
    begin = known[0][0].at

    def up(value: float) -> float:
        return round(height / 2 - (height - 2 * _EDGE) * (value - middle) / span, 1)

    length = max((dot.at - begin).total_seconds() for dot, _ in known) or 1.0
    places: list[tuple[float, float]] = []
    for dot, value in known:
        across = _EDGE + (width - 2 * _EDGE) * max(0.0, (dot.at - begin).total_seconds()) / length
        places.append((round(max(across, places[-1][0] if places else 0.0), 1), up(value)))
    words = f"From {values[0]:.1f}% on {written(begin)} to {values[-1]:.1f}% on {written(known[-1][0].at)}"
    words += "" if target is None else f"; the dashed line is the target of {target:g}%"
    goal = None if target is None else up(target)
    return Spark(width, height, " ".join(f"{x},{y}" for x, y in places), places[-1], goal, words)
