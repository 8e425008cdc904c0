"""The recorded line of a repository: one point a commit, thinned so that years of history stay light."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from compliance.models import Repository, Snapshot

RANGES = {"30d": timedelta(days=30), "90d": timedelta(days=90), "1y": timedelta(days=365)}
MOST = 1200


class Point(NamedTuple):
    """The figures of one commit; times are aware."""

    at: datetime
    sha: str
    clean: int
    files: int
    violations: int
    old_sites: int
    new_sites: int
    new: int
    fixed: int
    position: int


def read(repository: Repository, query: Mapping[str, str]) -> list[Point]:
    """The points of the tracked line, oldest first, over the range that `query` names; one query.

    A range ends with the newest commit, so that a line that rests still shows its last stretch. Times never
    run backwards along the line, as committers' clocks do: a point is no earlier than the last.
    """
    rows = Snapshot.objects.filter(plan=repository.plan_id, commit__position__isnull=False)
    span = RANGES.get(query.get("range", ""))
    if span and repository.head:
        rows = rows.filter(commit__committed_at__gte=repository.head.committed_at - span)
    columns = ("commit__committed_at", "commit__sha", *Point._fields[2:-1], "commit__position")
    return list(_forward(rows.order_by("commit__position").values_list(*columns)))


def _forward(rows: Iterable[tuple[Any, ...]]) -> Iterator[Point]:
    latest: datetime | None = None
    for at, *rest in rows:
        latest = at if latest is None else max(latest, at)
        yield Point(latest, *rest)


def thin(points: Sequence[tuple[int, float | None, str]]) -> list[tuple[int, float | None, str]]:
    """At most about MOST points: of each stretch the lowest, the highest and the last."""
    if len(points) <= MOST:
        return list(points)
    kept: list[tuple[int, float | None, str]] = []
    step = -(-3 * len(points) // MOST)
    for start in range(0, len(points), step):
        stretch = range(start, min(start + step, len(points)))
        valued = [i for i in stretch if points[i][1] is not None] or list(stretch)
        ends = {min(valued, key=lambda i: points[i][1] or 0), max(valued, key=lambda i: points[i][1] or 0)}
        kept += [points[i] for i in sorted(ends | {stretch[-1]})]
    return [points[0], *kept] if kept[0] != points[0] else kept
