"""Trend chart: a measure at each commit, in total or split by a dimension, with events and forecast."""

from collections.abc import Callable, Mapping
from math import inf
from typing import Any, NamedTuple

from compliance.charts.causes import COLUMNS, steps
from compliance.charts.context import ChartContext, Data
from compliance.charts.dimensions import DIMENSIONS, Slice, slices
from compliance.charts.events import marks
from compliance.charts.projection import ahead
from compliance.charts.series import ALL, MOST, VIOLATIONS, Point, fixed_until, ghosts, read, span
from compliance.lib.dates import written
from compliance.lib.figures import percent
from compliance.lib.parsing import number_in
from compliance.lib.wording import count_of, format_percent
from compliance.models import Snapshot, dated_at

NAME = "trend"
TITLE = "Trend"
ORDER = 10
ROOM = 60_000
"""Maximum size of the points in bytes, chosen so that all data, including marks and forecast, stays below 100
kB.
"""

UNCLEAN_COLUMNS = ("Files with violations", "Not clean, can't be parsed")
"""The two kinds of files that aren't clean, as columns of the CSV file. The second kind has no violations."""

SPLIT_LABELS = {"files": "Files with violations"}
"""The measures that have another name if they are split. Only the total includes files that aren't clean
because they can't be parsed: they have no violations, so they belong to no slice.
"""

Value = Callable[[Point], float | None]
# The measures as SQL integers. The percentage is in tenths, rounded down as in `percent`.
CHOSEN_BY = {
    "percent": "1000 * s.clean::bigint / nullif(s.files, 0)",
    "violations": VIOLATIONS,
    "files": "s.files - s.clean",
    "sites": "s.old_sites",
}
MEASURES: dict[str, tuple[str, str, Value]] = {
    "percent": ("Compliance", "%", lambda p: percent(p.clean, p.files)),
    "violations": ("Violations", "", lambda p: p.violations),
    "files": ("Files not clean", "", lambda p: p.files - p.clean),
    "sites": ("Call sites left", "", lambda p: p.old_sites),
}


class Asked(NamedTuple):
    """Options for the trend: a measure, and the dimension by which to split it (empty for the total)."""

    measure: str
    split: str


def asked(query: Mapping[str, str]) -> Asked:
    """Parse the options. Unknown values are replaced with defaults. Call sites are available only in
    total.
    """
    measure, split = query.get("measure", ""), query.get("by", "")
    measure = measure if measure in MEASURES else "percent"
    split = split if split in DIMENSIONS else ""
    return Asked("violations" if split and measure == "sites" else measure, split)


def draw(context: ChartContext) -> Data:
    """Return points `[seconds since 1970, one value per line, commit]`. `steps` has the causes of the step
    before each point, in the order of `step_columns`, unless the trend is split. A whole trend that isn't
    split has `unclean`: the numbers of both kinds of files that aren't clean, named by `unclean_columns`.

    Parameters: `measure`, `by`, `range` or `from` and `to`, `ghost`. The percentage for a slice is the share
    of files that have no violations in that slice, out of the counted files for a rule or risk, and out of
    the category's files for a category. For a phase or issue it is its progress: the violations fixed since
    the baseline out of those and the ones left, as everywhere else; before the baseline there is none.
    """
    wanted = asked(context.query)
    label, unit, value = MEASURES[wanted.measure]
    label = SPLIT_LABELS.get(wanted.measure, label) if wanted.split else label
    plan = context.repository.line_plan or context.repository.plan
    if wanted.split:
        lines, of = slices(context, wanted.split)
        most = ALL if context.whole else min(MOST, ROOM // (30 + 7 * len(lines)))
        points, commits, name = _read(context, wanted.measure, most)
        columns = _columns(context, wanted, lines, points)
    else:
        lines, of = [Slice("", label, (), "circle", "line")], 1
        points, commits, name = _read(context, wanted.measure, ALL if context.whole else MOST)
        columns = [[value(point)] for point in points]
    before = "" if points or wanted.split else _figure_before(context, label, unit, value)
    events, counts = marks(context, points, span(context.repository, context.query)[1])
    return {
        "kind": "line",
        "title": f"{label} by {wanted.split}" if wanted.split else label,
        "unit": unit,
        "target": float(plan.target_percent) if unit == "%" and plan and not wanted.split else None,
        "columns": ["When", *(line.label for line in lines), "Commit"],
        "lines": [
            line_of(line, rank) for line, rank in zip(lines, _ranks(columns, len(lines), unit), strict=True)
        ],
        "lines_in_all": of,
        "points": [
            [int(point.at.timestamp()), *values, point.sha[:12]]
            for point, values in zip(points, columns, strict=True)
        ],
        "commits": commits,
        "before": before,
        "step_columns": list(COLUMNS),
        "steps": [] if wanted.split else steps(context.repository, points, name),
        "unclean_columns": list(UNCLEAN_COLUMNS),
        "unclean": _unclean(points) if context.whole and not wanted.split else [],
        "version": plan.number if plan else None,
        "ghost": ghost(context, wanted.measure),
        "forecast": None if wanted.split else ahead(context, wanted.measure, points),
        "marks": events,
        "mark_counts": counts,
        "remarks": _remarks(context, wanted, points),
    }


def _unclean(points: list[Point]) -> list[list[int]]:
    return [[point.files_with_violations, point.unclean_unparsed] for point in points]


def _remarks(context: ChartContext, wanted: Asked, points: list[Point]) -> list[str]:
    """Say which of the files that aren't clean have no violations."""
    if wanted.measure not in {"percent", "files"}:
        return []
    now = context.snapshot.unclean_unparsed if context.snapshot else 0
    if wanted.measure == "files" and now:
        files = f"{count_of(now, 'file')} without violations"
        if wanted.split:
            return [
                f"At the latest commit, {files} can't be parsed. Such a file isn't clean, but in no line."
            ]
        return [f"At the latest commit, they include {files} that can't be parsed."]
    most = max((point.unclean_unparsed for point in points), default=0)
    if wanted.split or not most:
        return []
    files = f"{count_of(most, 'file')} without violations"
    if wanted.measure == "percent":
        return [
            f"At the commits shown, up to {files} can't be parsed. Such a file isn't clean; the CSV file has "
            "the numbers."
        ]
    return [
        f"At earlier commits, they include up to {files} that can't be parsed; the CSV file has the numbers."
    ]


def _figure_before(context: ChartContext, label: str, unit: str, value: Value) -> str:
    """Return a sentence with the figure that held throughout a period without commits, if it is known."""
    begin, _ = span(context.repository, context.query)
    if begin is None:
        return ""
    rows = Snapshot.objects.alias(dated=dated_at("commit__")).filter(
        plan=context.repository.drawn_plan_id,
        commit__repository=context.repository,
        commit__position__isnull=False,
        dated__lt=begin,
    )
    last = rows.select_related("commit").order_by("-commit__position").first()
    if last is None:
        return ""
    commit = last.commit
    point = Point(
        commit.dated_at,
        commit.sha,
        last.clean,
        last.files,
        last.violations,
        last.old_sites,
        commit.height,
        last.files_with_violations,
    )
    figure = value(point)
    told = format_percent(figure) if unit else f"{figure:,}"
    return f"{label} stayed at {told} since the last commit before, {written(commit.dated_at)}."


def _read(context: ChartContext, measure: str, most: int) -> tuple[list[Point], int, str]:
    line = read(context.repository, context.query, value=CHOSEN_BY[measure], most=most)
    return line.points, line.commits, line.name


def _ranks(values: list[list[float | None]], lines: int, unit: str) -> list[int]:
    """Return the rank of each line by its newest value. Rank 0 is furthest behind."""
    newest = [
        next((row[place] for row in reversed(values) if row[place] is not None), None)
        for place in range(lines)
    ]
    worth = [inf if value is None else value if unit == "%" else -value for value in newest]
    order = sorted(range(lines), key=lambda place: worth[place])
    return [order.index(place) for place in range(lines)]


def line_of(line: Slice, rank: int) -> dict[str, Any]:
    """Return the style of a line as plain data, with its rank. Rank 0 is furthest behind."""
    looks = {"dash": line.dash, "shape": line.shape, "tone": line.tone}
    return {"key": line.key, "label": line.label, "rank": rank, **looks}


def ghost(context: ChartContext, measure: str) -> dict[str, Any] | None:
    """Return the total under the earlier plan version that is given in `ghost`."""
    number = number_in(context.query.get("ghost", ""))
    version = next((v for v in ghosts(context.repository) if v.number == number), None) if number else None
    if version is None:
        return None
    line = read(context.repository, context.query, version, value=CHOSEN_BY[measure], most=600)
    value = MEASURES[measure][2]
    return {
        "label": f"under plan version {version.number}",
        "points": [[int(point.at.timestamp()), value(point)] for point in line.points],
    }


def _columns(
    context: ChartContext, wanted: Asked, lines: list[Slice], points: list[Point]
) -> list[list[float | None]]:
    """Return the values of each line at these points, in one query that reads only the selected points."""
    rows = Snapshot.objects.filter(
        plan=context.repository.drawn_plan_id, commit__position__in=[point.position for point in points]
    ).values_list("commit__position", f"by__{wanted.split}", "category_files")
    known = {position: (of, files) for position, of, files in rows}
    if wanted.measure == "percent" and wanted.split in ("phase", "issue"):
        fixed = fixed_until(context.repository, wanted.split, [point.position for point in points])

        def value(key: str, point: Point) -> float | None:
            left, _ = (known.get(point.position, ({}, {}))[0] or {}).get(key, (0, 0))
            done = fixed[point.position].get(key, 0)
            return percent(done, done + left)
    else:

        def value(key: str, point: Point) -> float | None:
            return _value(wanted, key, point, *known.get(point.position, ({}, {})))

    return [
        [
            None  # The slices come from the active plan. The charted version may lack some of them.
            if context.repository.rejudging and line.key not in (known.get(point.position, ({}, {}))[0] or {})
            else value(line.key, point)
            for line in lines
        ]
        for point in points
    ]


def _value(
    wanted: Asked, key: str, point: Point, of: dict[str, list[int]] | None, category_files: dict[str, int]
) -> float | None:
    violations, violating = (of or {}).get(key, (0, 0))
    if wanted.measure != "percent":
        return violations if wanted.measure == "violations" else violating
    files = point.files if wanted.split in ("rule", "risk") else category_files.get(key, 0)
    return percent(max(0, files - violating), files)
