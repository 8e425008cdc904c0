"""A repository's sparkline, drawn with a fixed number of index lookups, regardless of the length of
history.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import connection

from compliance.lib.dates import written
from compliance.lib.figures import percent
from compliance.lib.sql_arrays import columns
from compliance.models import Repository

MOST = 64
WIDTH, HEIGHT = 120, 28
_EDGE = 2.5

# OFFSET 0 keeps the planner from reading all commits of all repositories instead of looking positions up.
_FIGURES = """
CROSS JOIN LATERAL (
    SELECT id, position, coalesce(placed_at, committed_at) AS at FROM compliance_commit
    WHERE repository_id = wanted.repository AND position = wanted.position OFFSET 0
) AS c
CROSS JOIN LATERAL (
    SELECT clean, files FROM compliance_snapshot
    WHERE plan_id = wanted.plan AND commit_id = c.id OFFSET 0
) AS s
"""
_DOTS = f"""
SELECT wanted.repository, c.at, s.clean, s.files
FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) AS wanted(repository, plan, position)
{_FIGURES}
ORDER BY wanted.repository, c.position
"""  # noqa: S608  (made of constants)

# `step` is by how much a commit changes its repository's figures, and `whole` begins where all members have.
# A bigint's sum is numeric, hence the casts.
_TOTALS = f"""
WITH step AS (
    SELECT wanted.total, wanted.members, wanted.repository, c.position, c.at,
        s.clean - coalesce(lag(s.clean) OVER line, 0) AS clean,
        s.files - coalesce(lag(s.files) OVER line, 0) AS files,
        (row_number() OVER line = 1)::int AS begins
    FROM unnest(%s::int[], %s::int[], %s::bigint[], %s::bigint[], %s::int[])
        AS wanted(total, members, repository, plan, position)
    {_FIGURES}
    WINDOW line AS (PARTITION BY wanted.total, wanted.repository ORDER BY c.position)
), running AS (
    SELECT total, members, repository, position, at, sum(clean) OVER sofar AS clean,
        sum(files) OVER sofar AS files, sum(begins) OVER sofar AS begun
    FROM step
    WINDOW sofar AS (PARTITION BY total ORDER BY at, repository, position)
), whole AS (
    SELECT total, at, clean::bigint, files::bigint,
        row_number() OVER (PARTITION BY total ORDER BY at, repository, position) AS number,
        count(*) OVER (PARTITION BY total) AS length
    FROM running WHERE begun = members
), thinned AS (
    SELECT *, round((number - 1) * (most - 1)::numeric / greatest(length - 1, 1)) AS place
    FROM whole, (SELECT %s::int AS most) AS limits
)
SELECT total, at, clean, files FROM thinned
WHERE length <= most OR number = 1 + round(place * (length - 1)::numeric / (most - 1))
ORDER BY total, number
"""  # noqa: S608  (made of constants)


class Dot(NamedTuple):
    """The figures for one commit: its time, clean files and counted files."""

    at: datetime
    clean: int
    files: int


class History(NamedTuple):
    """A repository and the version of its plan under which its history is charted, by their ids, and the
    number of commits. Nothing is charted without a plan.
    """

    repository: int
    plan: int | None
    length: int


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


def history(repository: Repository) -> History:
    """Return the history that is charted for a repository. `head` must have been selected."""
    length = repository.head.position if repository.head else 0
    return History(repository.pk, repository.drawn_plan_id, length or 0)


def _places(histories: Iterable[History], most: int) -> list[tuple[int, int, int]]:
    """Return the repository, the plan and the position of each point of these histories."""
    return [
        (each.repository, each.plan, position)
        for each in histories
        if each.plan
        for position in _positions(each.length, most)
    ]


def dots(histories: Iterable[History], most: int = MOST) -> dict[int, list[Dot]]:
    """Return the thinned history of each repository by its id, oldest first, in one query.

    Positions are looked up in the index, so a history of 14,000 commits costs no more than one of `most`.
    """
    wanted = _places(histories, most)
    found: dict[int, list[Dot]] = {}
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(_DOTS, columns(wanted))
            for pk, *values in cursor.fetchall():
                found.setdefault(pk, []).append(Dot(*values))
    return found


def totals(groups: Mapping[str, Sequence[History]], most: int = MOST) -> dict[str, list[Dot]]:
    """Return the sum of the histories of each group of repositories, oldest first, in one query.

    Each point has the sum of the members' latest figures. The first one is that at which the history of the
    last member begins, so a group with a member that has none is left out. At most `most` points are
    returned, the first and the last among them. With many members, fewer points of each are added up, so that
    the total of 1,000 costs no more than that of `most`.
    """
    members = sum(map(len, groups.values()))
    each = min(most, max(2, most * most // max(1, members)))
    keys = list(groups)
    wanted = [
        (number, len(groups[key]), *place)
        for number, key in enumerate(keys)
        for place in _places(groups[key], each)
    ]
    found: dict[str, list[Dot]] = {}
    if wanted:
        with connection.cursor() as cursor:
            cursor.execute(_TOTALS, [*columns(wanted), most])
            for number, *values in cursor.fetchall():
                found.setdefault(keys[number], []).append(Dot(*values))
    return found


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
