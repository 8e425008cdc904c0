"""The recorded lines of repositories, one sample a day, and what they foresee, in one query."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import reduce
from itertools import accumulate
from operator import itemgetter, or_
from typing import Any

from django.db.models import F, Q, Sum, Window
from django.utils import timezone

from compliance.forecast.outlook import DAY, WINDOW, Outlook, foresee
from compliance.models import PlanVersion, Repository, Snapshot
from compliance.verdict import missing_files

DORMANT = timedelta(days=90)
"""A repository without a commit for so long is judged as of its newest commit, and the page says so."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What changed in the amount of code over the days that a forecast looks at; no part of any pace."""

    added: int = 0
    gone: int = 0
    plan_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a repository's line foresees as of `as_of`: now, or the newest commit's time when `dormant`.

    `target` counts files still to be put right until the target percentage shows, `zero` those until none is
    left; `phases` counts violations by the phase's key. `files` is the newest commit's number of files.
    """

    as_of: datetime
    files: int
    target: Outlook
    zero: Outlook
    phases: Mapping[str, Outlook] = field(default_factory=dict)
    scope: Scope = Scope()
    dormant: bool = False

    def points(self, files: float | None) -> float | None:
        """So many files as points of percentage."""
        return None if files is None or not self.files else 100 * files / self.files


def prospects(repositories: Iterable[Repository], now: datetime | None = None) -> dict[int, Prospect]:
    """What each repository's line foresees, by its id, in one query. Needs `head` and `plan` selected.

    A repository of which no commit is recorded under the plan in force is left out.
    """
    now = now or timezone.now()
    known = {r.pk: r for r in repositories if r.plan and r.head}
    if not known:
        return {}
    as_of = {pk: _as_of(r.head.committed_at, now) for pk, r in known.items() if r.head}
    rows = _rows({r.plan_id: as_of[pk] - WINDOW * DAY for pk, r in known.items() if r.plan_id})
    return {
        pk: _prospect(repository.plan, rows[repository.plan_id], as_of[pk], dormant=as_of[pk] < now)
        for pk, repository in known.items()
        if repository.plan and rows.get(repository.plan_id)
    }


def _as_of(head: datetime, now: datetime) -> datetime:
    return head if now - head > DORMANT else max(now, head)


def _rows(since: Mapping[int, datetime]) -> dict[int | None, list[dict[str, Any]]]:
    """By plan, in order of the line: the last figures of each day since its time, and the last before it."""
    at = "commit__committed_at"
    inside = reduce(or_, (Q(("plan", plan), (f"{at}__gte", time)) for plan, time in since.items()))
    before = reduce(or_, (Q(("plan", plan), (f"{at}__lt", time)) for plan, time in since.items()))
    tracked = Snapshot.objects.filter(commit__position__isnull=False)
    last = tracked.filter(before).order_by("plan_id", "-commit__position").distinct("plan_id")
    moved = inside & Q(commit__position__gt=1)
    daily = (
        tracked.filter(inside | Q(pk__in=last.values("pk")))
        .annotate(
            added=Window(Sum("files_added", filter=moved), partition_by=F("plan_id")),
            gone=Window(Sum("files_gone", filter=moved), partition_by=F("plan_id")),
        )
        .order_by("plan_id", f"{at}__date", "-commit__position")
        .distinct("plan_id", f"{at}__date")
    )
    columns = ("plan_id", "commit__position", at, "files", "clean", "added", "gone", "by__phase")
    rows: dict[int | None, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(daily.values(*columns), key=itemgetter("commit__position")):
        rows[row["plan_id"]].append(row)
    return rows


def _prospect(
    plan: PlanVersion, rows: Sequence[Mapping[str, Any]], as_of: datetime, *, dormant: bool
) -> Prospect:
    newest = rows[-1]
    times = list(accumulate((row["commit__committed_at"] for row in rows), max))
    dirty = [(at, float(row["files"] - row["clean"])) for at, row in zip(times, rows, strict=True)]
    missing = missing_files(newest["clean"], newest["files"], float(plan.target_percent))
    changed = plan.number > 1 and plan.created_at >= as_of - WINDOW * DAY
    phases = {
        key: foresee(
            [
                (at, float((row["by__phase"] or {}).get(key, (0, 0))[0]))
                for at, row in zip(times, rows, strict=True)
            ],
            0,
            as_of,
        )
        for key in newest["by__phase"] or {}
    }
    return Prospect(
        as_of,
        newest["files"],
        foresee(dirty, dirty[-1][1] - missing, as_of),
        foresee(dirty, 0, as_of),
        phases,
        Scope(newest["added"] or 0, newest["gone"] or 0, plan.created_at if changed else None),
        dormant,
    )
