"""The recorded line of a repository: one point a commit, thinned so that years of history stay light."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef

from compliance.models import PlanVersion, Repository, Snapshot

RANGES = {"30d": timedelta(days=30), "90d": timedelta(days=90), "1y": timedelta(days=365)}
MOST = 1200
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


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


def day(text: str) -> date | None:
    """The day that an address names as YYYY-MM-DD (ISO 8601); None for anything else."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def span(repository: Repository, query: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """The first moment that a query takes and the first after it; None where it has no bound.

    `from` and `to` are days in UTC, both included, and win over `range`. A range ends with the newest commit,
    so that a line that rests still shows its last stretch. What is no day or no known range bounds nothing.
    """
    first, last = day(query.get("from", "")), day(query.get("to", ""))
    if first or last:
        begin = datetime.combine(first, time(), UTC) if first else None
        end = datetime.combine(last, time(), UTC) + timedelta(days=1) if last and last < date.max else None
        return begin, end
    length = RANGES.get(query.get("range", ""))
    return (repository.head.committed_at - length if length and repository.head else None), None


def read(repository: Repository, query: Mapping[str, str], version: PlanVersion | None = None) -> list[Point]:
    """The points of the tracked line, oldest first, over the span that `query` names; one query.

    They are judged by `version`, by default the one that is drawn: the plan in force, or the one before while
    history is judged again. Times never run backwards along the line, as
    committers' clocks do: a point is no earlier than the last.
    """
    plan = version.pk if version else repository.drawn_plan_id
    rows = Snapshot.objects.filter(plan=plan, commit__position__isnull=False)
    begin, end = span(repository, query)
    if begin:
        rows = rows.filter(commit__committed_at__gte=begin)
    if end:
        rows = rows.filter(commit__committed_at__lt=end)
    columns = ("commit__committed_at", "commit__sha", *Point._fields[2:-1], "commit__position")
    return list(_forward(rows.order_by("commit__position").values_list(*columns)))


def ghosts(repository: Repository) -> list[PlanVersion]:
    """The versions of the plan whose lines can be shown beside the one drawn, newest first; one query."""
    judged = Snapshot.objects.filter(plan=OuterRef("pk"), commit__position__isnull=False)
    others = repository.plans.exclude(pk=repository.drawn_plan_id or 0).defer("text")
    if repository.rejudging:
        others = others.exclude(pk=repository.plan_id or 0)
    return list(others.filter(Exists(judged)).order_by("-number"))


def _forward(rows: Iterable[tuple[Any, ...]]) -> Iterator[Point]:
    latest: datetime | None = None
    for at, *rest in rows:
        latest = at if latest is None else max(latest, at)
        yield Point(latest, *rest)


def keep(values: Sequence[float | None], most: int = MOST) -> list[int]:
    """Which places of a line to show, at most about `most`: of each stretch the lowest, highest and last."""
    if len(values) <= most:
        return list(range(len(values)))
    kept = {0}
    step = -(-3 * len(values) // most)
    for start in range(0, len(values), step):
        stretch = range(start, min(start + step, len(values)))
        valued = [i for i in stretch if values[i] is not None] or list(stretch)
        lowest, highest = (end(valued, key=lambda i: values[i] or 0) for end in (min, max))
        kept |= {lowest, highest, stretch[-1]}
    return sorted(kept)
