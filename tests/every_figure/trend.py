"""What must stand on the line's pages and charts: commits, trend, burn-downs, movement."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from compliance.models import Change
from tests.every_figure import forecast, forecast_page
from tests.every_figure.command_line import time_of
from tests.every_figure.sections import RISKS
from tests.every_figure.truth import Truth, cells, parts, same, signed
from tests.every_figure.walker import Page

KINDS = ("new", "fixed", "moved", "suppressed", "restored")


def commits(truth: Truth, page: Page) -> Iterator[str]:
    """Each row of the line."""
    for row in page.main.all("tr")[1:]:
        sha = row.one("code").text() or "".join(str(c) for c in row.one("code").children)
        place = truth.told.at(sha)
        told = truth.told.line[place]
        shown = cells(row)
        figure = [] if (percent := truth.told.percent(place)) is None else [percent]
        yield from same(f"{sha}", shown["Compliance"].numbers(), figure)
        yield from same(f"{sha}, points", signed(shown["Points"].text()), truth.told.points(place))
        changed = [shown[column].numbers()[0] for column in ("Fixed", "Introduced", "Moved")]
        yield from same(f"{sha}, fixed, new, moved", changed, truth.changed(told["commit"]))
        beside = [sum(shown[column].numbers()[1:]) for column in ("Fixed", "Introduced")]
        yield from same(f"{sha}, suppressed, counting again", beside, truth.beside(told["commit"]))
        outside = sum(sum(note.numbers()) for note in row.all("div") if "data-outside" in note.attributes)
        kinds = [truth.changes.get((told["commit"], kind), (0, 0)) for kind in KINDS]
        yield from same(f"{sha}, not counted", outside, sum(all_ - counted for counted, all_ in kinds))


def commit(truth: Truth, page: Page) -> Iterator[str]:
    """One commit: its effect, what it left, and its lists."""
    sha = page.main.one("code").children[0]
    place = truth.told.at(str(sha))
    told, c = truth.told.line[place], truth.told.line[place]["compliance"]
    shown = parts(page.main.one("dl", "numbers"))
    wanted = [value for value in (c["percent"], c["clean"], c["files"]) if value is not None]
    if points := truth.told.points(place):
        wanted.append(abs(points))
    earlier = truth.told.percent(place - 1) if place else None
    before = [] if earlier is None else [earlier]
    yield from same("compliance", shown[0].numbers(), before + wanted)
    changed = [cell.numbers()[0] for cell in shown[1:4]]
    yield from same("fixed, new, moved", changed, truth.changed(told["commit"]))
    yield from same("left", shown[4].numbers(), [told["violations"], told["files_with_violations"]])
    beside = [number for number in truth.beside(told["commit"]) if number]
    yield from same("suppressed, counting again", [cell.numbers()[0] for cell in shown[5:]], beside)
    rare = [kind for kind in ("suppressed", "restored") if truth.changes.get((told["commit"], kind))]
    for kind in ("new", "fixed", "moved", *rare):
        title = page.main.by_id(kind).one("h2").numbers()
        counted, all_ = truth.changes.get((told["commit"], kind), (0, 0))
        yield from same(f"{kind} in the list", sum(title), all_)
        if place and kind != "moved":
            name = "newly_suppressed" if kind == "suppressed" else kind
            yield from same(f"{kind} in the history", counted, told[name])
        section = page.main.by_id(kind)
        left_out = sum(sum(note.numbers()) for note in section.all("div", "card-body-next"))
        yield from same(f"{kind} listed", len(section.all("li", "place")) + left_out, all_)


def chart(truth: Truth, page: Page) -> Iterator[str]:
    """Each chart's numbers; of a long line's trend those of the points that are kept."""
    name = page.match.kwargs["name"]
    if name in CHARTS:
        yield from CHARTS[name](truth, page, page.response.json())  # type: ignore[attr-defined]
    else:
        yield f"the chart {name} has no check: add one to CHARTS in tests/every_figure/trend.py"


def public(truth: Truth, page: Page) -> Iterator[str]:
    """The trend of a public page: the numbers of the trend, without subjects of commits and notes."""
    data = page.response.json()  # type: ignore[attr-defined]
    yield from _line(truth, page, data)
    yield from (f"note “{mark['text']}”" for mark in data["marks"] if mark["kind"] == "note")
    told = [mark["text"] for mark in data["marks"] if mark["kind"] == "regression"]
    yield from (f"regression “{text}”" for text in told if ":" in text)


def _line(truth: Truth, page: Page, data: dict[str, Any]) -> Iterator[str]:
    query = page.query
    burns = page.match.kwargs.get("name") == "burndown"
    dimension = next((d for d in ("phase", "issue") if d in query), "") if burns else ""
    dimension = dimension or query.get("by", "")
    measure = "violations" if burns else query.get("measure", "percent")
    for _, *shown, sha in data["points"]:
        row = truth.told.line[truth.told.at(sha)]
        wanted = [_measured(row, measure, dimension, line["key"]) for line in data["lines"]]
        yield from same(f"{sha}", shown, wanted)
    yield from same("commits", data["commits"], len(truth.told.line))
    if len(truth.told.line) <= 1200:
        yield from same("points", len(data["points"]), len(truth.told.line))
    if not burns and not dimension:
        yield from _steps(truth, data)
    if not burns and not dimension and measure in ("percent", "files"):
        yield from forecast.drawn(truth, measure, data["forecast"])


def _steps(truth: Truth, data: dict[str, Any]) -> Iterator[str]:
    """The causes of each step add up to what the history's violations, files and clean files do."""
    places = [truth.told.at(sha) for *_, sha in data["points"]]
    for (earlier, later), step in zip(pairwise(places), data["steps"][1:], strict=True):
        n = dict(zip(data["step_columns"], step, strict=True))
        before, after = truth.told.line[earlier], truth.told.line[later]
        violations = (
            n["new"] - n["fixed"] - n["newly_suppressed"] + n["restored"] + n["moved_in"] - n["moved_out"]
        )
        clean = n["became_clean"] - n["became_unclean"] + n["clean_added"] - n["clean_gone"]
        c, d = before["compliance"], after["compliance"]
        wanted = [later - earlier, after["violations"] - before["violations"]]
        wanted += [d["files"] - c["files"], d["clean"] - c["clean"]]
        shown = [n["commits"], violations, n["files_added"] - n["files_gone"], clean]
        yield from same(f"step to {after['commit']}", shown, wanted)


def _measured(row: dict[str, Any], measure: str, dimension: str, key: str) -> float:
    if dimension:
        return float(row["by" if measure == "violations" else "files_by"][dimension].get(key, 0))
    whole = {
        "percent": row["compliance"]["percent"],
        "violations": row["violations"],
        "files": row["compliance"]["files"] - row["compliance"]["clean"],
        "sites": row["sites"]["old"],
    }
    return float(whole[measure])


def _movement(truth: Truth, _page: Page, data: dict[str, Any]) -> Iterator[str]:
    """What became of what counts, by week from Monday in UTC; no commit is earlier than the one before."""
    weeks: dict[int, list[int]] = {}
    latest = datetime.min.replace(tzinfo=UTC)
    for position, row in enumerate(truth.told.line):
        latest = max(latest, time_of(row).astimezone(UTC))
        monday = (latest - timedelta(days=latest.weekday())).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        if position:
            fixed, new, _ = truth.changed(row["commit"])
            told = weeks.setdefault(int(monday.timestamp()), [0] * 5)
            gone = Change.objects.filter(
                plan=truth.repository.plan, kind="fixed", counted=True, file_gone=True
            )
            removed = gone.filter(commit__sha=row["commit"]).count()
            for place, number in enumerate((fixed, new, *truth.beside(row["commit"]), removed)):
                told[place] += number
    shown = {at: numbers for at, *numbers in data["points"]}
    for at in shown | weeks:
        yield from same(f"week of {at}", shown.get(at, [0] * 5), weeks.get(at, [0] * 5))


def _risks(truth: Truth, _page: Page, data: dict[str, Any]) -> Iterator[str]:
    shown = [(row["key"], row["left"], row["files"]) for row in data["rows"]]
    yield from same("risks", shown, [(risk, *truth.told.of("risk", risk)) for risk in RISKS])


def _slices(truth: Truth, page: Page, data: dict[str, Any]) -> Iterator[str]:
    """Each phase or issue."""
    dimension = page.match.kwargs["name"].removesuffix("s")
    shown = [(row["key"], row["fixed"], row["left"], row["files"]) for row in data["rows"]]
    wanted = [(key, *truth.part(dimension, key)) for key in truth.keys(dimension)]
    yield from same(dimension, shown, wanted)


CHARTS: dict[str, Callable[[Truth, Page, dict[str, Any]], Iterator[str]]] = {
    "trend": _line,
    "burndown": _line,
    "burnup": forecast_page.burnup,
    "movement": _movement,
    "risks": _risks,
    "phases": _slices,
    "issues": _slices,
}
"""Name of a chart -> what must be true of its data."""


def sheet(truth: Truth, page: Page) -> Iterator[str]:
    """A chart's spreadsheet has what its data has."""
    data = truth.walk.get(page.address.replace(".csv", ".json", 1)).response.json()  # type: ignore[attr-defined]
    if "points" in data:
        length = len(data["columns"])
        shown = [list(row.values())[1:length] for row in page.rows()]
        wanted = [["" if v is None else str(v) for v in point[1:]] for point in data["points"]]
        yield from same("points", shown, wanted)
    else:
        yield from same("rows", len(page.rows()), len(data["rows"]))
