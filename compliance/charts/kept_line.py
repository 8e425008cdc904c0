"""The line of a long history, kept between the drawings of a chart, so that a drawing after a push reads only
the commits that the push added.

A snapshot's figures never change: whoever records a commit anew writes a new snapshot. So a kept line is good
as long as its newest commit still has the same snapshot and place, nothing newer was recorded below that
place, and no commit got another date. The newest commit stands for all commits before it, as in git.
"""

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.db import connection

from compliance.lib.http_cache import etag_of

LEAST = 2000
"""Number of commits of a history below which keeping its line saves too little."""

KEPT_SECONDS = 24 * 3600

NOTHING = -(2**63)
"""Stands for a value that a commit doesn't have."""

_ALL = """
SELECT count(*), min(position), max(position), max(id), (array_agg(id ORDER BY position DESC))[1],
    array_agg(at ORDER BY position), array_agg(coalesce(value, %(nothing)s) ORDER BY position)
FROM (
    SELECT s.id, c.position, ({value})::bigint AS value,
        (date_part('epoch', coalesce(c.placed_at, c.committed_at)) * 1000000)::bigint AS at
    FROM compliance_commit AS c JOIN compliance_snapshot AS s ON s.commit_id = c.id
    WHERE s.plan_id = %(plan)s AND c.repository_id = %(repository)s AND c.position IS NOT NULL
    ORDER BY c.position
) AS line
"""
_NEWER = """
SELECT s.id, c.position, (date_part('epoch', coalesce(c.placed_at, c.committed_at)) * 1000000)::bigint,
    coalesce(({value})::bigint, %(nothing)s)
FROM compliance_snapshot AS s JOIN compliance_commit AS c ON c.id = s.commit_id
WHERE s.plan_id = %(plan)s AND (s.id > %(newest)s OR s.id = %(top)s) AND c.repository_id = %(repository)s
    AND c.position IS NOT NULL
ORDER BY c.position
"""
_DATES = """
SELECT coalesce(md5(string_agg(id || ' ' || placed_at, ',' ORDER BY id)), '') FROM compliance_commit
WHERE repository_id = %(repository)s AND placed_at IS NOT NULL
"""
_POINTS = """
SELECT c.position, c.sha, s.clean, s.files, s.violations, s.old_sites,
    s.files_with_violations
FROM compliance_commit AS c JOIN compliance_snapshot AS s ON s.commit_id = c.id
WHERE s.plan_id = %(plan)s AND c.repository_id = %(repository)s AND c.position = ANY(%(positions)s)
"""


@dataclass
class KeptLine:
    """All commits of a line, from the root on: number `n` is at position `n + 1`.

    `dates` are in microseconds since 1970, as recorded. `top` is the snapshot of the last commit and `newest`
    the snapshot that was recorded last. `placed` stands for dates that differ from git's. `points` are the
    rows of the commits that were drawn last, by position. `name` stays the same while the line only grows.
    """

    newest: int
    top: int
    placed: str
    dates: "array[int]"
    values: "array[int]"
    points: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    name: str = field(default_factory=lambda: uuid4().hex)

    def times(self, first: int) -> list[int]:
        """Return the times at which a chart that begins with commit number `first` shows the commits, which
        never decrease.
        """
        return list(accumulate(self.dates[first:], max))

    def values_from(self, first: int) -> list[int | None]:
        """Return the values from commit number `first` on."""
        return [None if value == NOTHING else value for value in self.values[first:]]


@dataclass(frozen=True)
class LineQuery:
    """The line that is wanted: `value` is an SQL expression over the snapshot `s` with parameters `names`."""

    plan: int
    repository: int
    value: str
    names: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Return the key under which the line is kept."""
        return etag_of(f"line 2 {self.plan} {self.value} {sorted(self.names.items())}")

    def rows(self, statement: str, **more: Any) -> list[tuple[Any, ...]]:
        """Return the rows that a statement gives."""
        values = {**self.names, "plan": self.plan, "repository": self.repository, "nothing": NOTHING, **more}
        with connection.cursor() as cursor:
            cursor.execute(statement.replace("{value}", self.value), values)
            return list(cursor.fetchall())


def line_of(query: LineQuery) -> KeptLine | None:
    """Return the whole line in two queries, or None if it doesn't begin with the root."""
    ((placed,),) = query.rows(_DATES)
    line: KeptLine | None = cache.get(query.key)
    if line is None or line.placed != placed or not _extend(line, query):
        line = _read(query, placed)
    return line


def keep(query: LineQuery, line: KeptLine) -> None:
    """Keep a line for the next drawing."""
    cache.set(query.key, line, KEPT_SECONDS)


def points_at(query: LineQuery, line: KeptLine, positions: Sequence[int]) -> list[tuple[Any, ...]] | None:
    """Return the rows of the commits at these positions (position, SHA, clean, files, violations, old_sites,
    files with violations) in at most one query, or None if the line has changed since it was read.
    """
    missing = [position for position in positions if position not in line.points]
    rows = query.rows(_POINTS, positions=missing) if missing else []
    found = line.points | {row[0]: row for row in rows}
    if any(position not in found for position in positions):
        return None
    line.points = {position: found[position] for position in positions}
    return list(line.points.values())


def _extend(line: KeptLine, query: LineQuery) -> bool:
    """Add the commits that were recorded since. Return False if the line has changed otherwise."""
    rows = query.rows(_NEWER, newest=line.newest, top=line.top)
    positions = [position for _, position, _, _ in rows]
    if not rows or rows[0][0] != line.top or positions[0] != len(line.dates):
        return False
    if positions != list(range(positions[0], positions[0] + len(rows))):
        return False
    for snapshot, _, date, number in rows[1:]:
        line.newest, line.top = max(line.newest, snapshot), snapshot
        line.dates.append(date)
        line.values.append(number)
    return True


def _read(query: LineQuery, placed: str) -> KeptLine | None:
    ((count, lowest, highest, newest, top, dates, numbers),) = query.rows(_ALL)
    if lowest != 1 or highest != count:
        return None
    return KeptLine(newest, top, placed, array("q", dates), array("q", numbers))


def chosen_places(values: Sequence[int | None], most: int) -> list[int]:
    """Return the places of about `most` values, in order: the first one and, in each of as many equal
    sections, the first lowest, the first highest and the last one. Missing values are neither.
    """
    count = len(values)
    step = 1 if count <= most else (3 * count + most - 1) // most
    if step == 1:
        return list(range(count))
    chosen = {0}
    for first in range(0, count, step):
        section = values[first : first + step]
        known = [value for value in section if value is not None]
        ends = (min(known), max(known)) if known else (None,)
        chosen |= {first + len(section) - 1, *(first + section.index(value) for value in ends)}
    return sorted(chosen)
