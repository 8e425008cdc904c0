"""Events on the trend: regressions, closed phases, tags, plan changes and notes."""

from datetime import datetime
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, DateTimeField, F, Func, IntegerField, Max, Min, QuerySet, Value

from compliance.charts.context import ChartContext
from compliance.charts.series import Point
from compliance.lib.dates import written
from compliance.lib.wording import count_of
from compliance.models import Commit, Marker, dated_at
from compliance.progress.regressions import breakages, broken_commits

MOST = 100
"""Maximum number of marks of each kind in a chart. Regressions are grouped; of others the newest are kept."""
TEXT = 100
"""Maximum length of a mark's text in chart data. The list of marks shows the full text."""

REGRESSION = "regression"


def marks(
    context: ChartContext, points: list[Point], end: datetime | None = None
) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the events from the first of these points until `end`, sorted by time, and the number of events
    of each kind, which may be greater than the number of those returned.

    Without `end`, events after the last point are included. If there are more than MOST regressions, those
    that are close together share a mark.
    """
    if not points:
        return [], {}
    repository = context.repository
    kept = Marker.objects.filter(repository=repository, at__gte=points[0].at)
    if not context.notes:
        kept = kept.exclude(kind=Marker.Kind.NOTE)
    if end:
        kept = kept.filter(at__lt=end)
    found, counts = _newest(kept.values("kind", "at", "text", sha=F("commit__sha")).order_by("-at", "-pk"))
    plan = repository.line_plan or repository.plan
    commits = broken_commits(repository, plan)
    commits = commits.filter(position__range=(points[0].position, points[-1].position))
    broken = breakages(repository, plan, commits, MOST)
    in_all = broken[0]["in_all"] if broken else 0
    if in_all:
        counts[REGRESSION] = in_all
    if in_all > MOST:
        grouped, alone = _groups(commits, points)
        found += grouped
        broken = breakages(repository, plan, commits.filter(position__in=alone), MOST)
    found += [
        {
            "at": int(row["at"].timestamp()),
            "kind": REGRESSION,
            "text": (in_words(row) if context.subjects else effect_of(row))[:TEXT],
            "commit": row["sha"][:12],
        }
        for row in reversed(broken)
    ]
    return sorted(found, key=lambda mark: (mark["at"], mark["kind"])), counts


def _groups(commits: QuerySet[Commit], points: list[Point]) -> tuple[list[dict[str, Any]], list[int]]:
    """Divide the time of a chart into MOST parts. Return a mark for each part with several regressions, which
    has their number as `count` and the time of the first one as `since`, and the positions of the others.
    """
    begin, end = points[0].at, points[-1].at
    edges = [begin + (end - begin) * part / MOST for part in range(1, MOST)]
    part = Func(
        dated_at(),
        Value(edges, output_field=ArrayField(DateTimeField())),
        function="width_bucket",
        output_field=IntegerField(),
    )
    rows = commits.order_by().annotate(dated=dated_at(), part=part).values("part")
    parts = rows.annotate(number=Count("pk"), first=Min("dated"), last=Max("dated"), newest=Max("position"))
    marks = [
        {
            "at": int(row["last"].timestamp()),
            "kind": REGRESSION,
            "text": f"{count_of(row['number'], 'regression')} since {written(row['first'])}",
            "commit": "",
            "count": row["number"],
            "since": int(row["first"].timestamp()),
        }
        for row in parts
        if row["number"] > 1
    ]
    return marks, [row["newest"] for row in parts if row["number"] == 1]


def _newest(rows: Any) -> tuple[list[dict[str, Any]], dict[str, int]]:
    """Return the newest marks of each kind, and the number of all of each kind."""
    counts: dict[str, int] = {}
    told = []
    for row in rows:
        counts[row["kind"]] = counts.get(row["kind"], 0) + 1
        if counts[row["kind"]] <= MOST:
            text, sha = row["text"][:TEXT], (row["sha"] or "")[:12]
            told.append({"at": int(row["at"].timestamp()), "kind": row["kind"], "text": text, "commit": sha})
    return told, counts


def in_words(row: dict[str, Any]) -> str:
    """Return a sentence that describes a regression, with the subject of its commit."""
    return f"{effect_of(row)}: {row['subject']}"


def effect_of(row: dict[str, Any]) -> str:
    """Return what a regression introduced and reopened."""
    said = []
    if row["places"]:
        said.append(f"{count_of(row['places'], 'violation')} introduced in {count_of(row['files'], 'file')}")
    if row["reopened"]:
        said.append(f"{count_of(len(row['reopened']), 'phase')} reopened")
    return ", ".join(said)
