"""The trend as a standalone SVG 1.1 image for reports, with title, axes, target, forecast and marks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from compliance.charts.axes import along, upward
from compliance.lib.dates import written
from compliance.lib.theme import colour, glyphs, number

WIDTH, HEIGHT = 1200, 620
LEFT, RIGHT, TOP = 76, 1168, 126
BESIDE = 216
"""Width, in pixels, reserved for the labels at the ends of several lines."""
ROWS, WIDE, WIDE_GROUP = 3, 15, 29
"""Number of rows of marks, and the widths in pixels of a mark without and with a number."""
FONT = "system-ui, -apple-system, 'Segoe UI', 'Liberation Sans', Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Frame:
    """Converts figures to coordinates."""

    first: int
    last: int
    steps: tuple[float, ...]
    bottom: float
    right: int

    def x(self, seconds: int) -> float:
        return round(LEFT + (self.right - LEFT) * (seconds - self.first) / max(1, self.last - self.first), 1)

    def y(self, value: float) -> float:
        share = (value - self.steps[0]) / (self.steps[-1] - self.steps[0])
        return round(self.bottom - (self.bottom - TOP) * min(1, max(0, share)), 1)


def svg(data: dict[str, Any], title: str, subtitle: str) -> str:
    """Return the data of a trend as an SVG image that references no external resources."""
    rows = -(-len(data["lines"]) // 3) if len(data["lines"]) > 1 else 0
    notes = " ".join(data.get("notes", ()))
    height = HEIGHT + 22 * rows + (8 if rows else 0) + (24 if notes else 0)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
        f'height="{height}" font-family={quoteattr(FONT)} font-size="14" fill="{colour("ink")}" role="img" '
        f'aria-labelledby="title subtitle"><title id="title">{_clean(title)}</title>'
        f'<desc id="subtitle">{_clean(subtitle)}</desc>'
        f'<rect width="{WIDTH}" height="{height}" fill="{colour("paper")}"/>',
        _words(24, 40, title[:90], 'font-size="24" font-weight="700"'),
        _words(24, 66, subtitle[:150], f'fill="{colour("quiet")}"'),
    ]
    if data["points"]:
        parts += _drawing(data, _frame(data, HEIGHT - 52))
        parts += _key(data, HEIGHT - 4)
        parts += _names(data, HEIGHT + 20)
    else:
        parts.append(_words(WIDTH / 2, HEIGHT / 2, "No commits in this range.", 'text-anchor="middle"'))
    if notes:
        parts.append(_words(LEFT, height - 10, notes[:170], f'font-size="12" fill="{colour("quiet")}"'))
    return "".join([*parts, "</svg>\n"])


def _path(way: str, stroke: str, more: str = "", fill: str = "none") -> str:
    return f'<path d="{way}" fill="{fill}" stroke="{stroke}" {more}/>'


def _words(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x}" y="{y}" {more}>{_clean(text)}</text>'


def _clean(words: str) -> str:
    """Return text escaped for XML, without characters that XML 1.0 doesn't allow."""
    return escape("".join(letter for letter in words if letter >= " " and letter not in "\ufffe\uffff"))


def _frame(data: dict[str, Any], bottom: float) -> Frame:
    points, band = data["points"], _band(data)
    values = [value for point in points for value in point[1:-1] if value is not None]
    values += [value for _, *ends in band for value in ends]
    values += [value for _, value in (data["ghost"] or {}).get("points", []) if value is not None]
    values += [data["target"]] if data["target"] is not None else []
    steps = upward(values, share=data["unit"] == "%")
    return Frame(
        points[0][0],
        max(points[-1][0], band[-1][0] if band else 0),
        tuple(steps),
        bottom,
        RIGHT - BESIDE if len(data["lines"]) > 1 else RIGHT,
    )


def _band(data: dict[str, Any]) -> Any:
    return data["forecast"]["points"] if data.get("forecast") else []


def _drawing(data: dict[str, Any], frame: Frame) -> Iterator[str]:
    yield from _axes(frame, data["unit"])
    if band := _band(data):
        way = [f"{frame.x(at)} {frame.y(high)}" for at, _, high in band]
        way += [f"{frame.x(at)} {frame.y(low)}" for at, low, _ in reversed(band)]
        yield _path(f"M{'L'.join(way)}Z", "none", 'fill-opacity=".16"', colour("chart-line"))
    if data["ghost"]:
        shown = [(at, value) for at, value in data["ghost"]["points"] if value is not None]
        yield _path(_way(frame, shown), colour("quiet"), 'stroke-width="1.5" stroke-dasharray="2 3"')
    if data["target"] is not None:
        y = frame.y(data["target"])
        green = colour("chart-target")
        yield _path(f"M{LEFT} {y}H{frame.right}", green, 'stroke-width="1.5" stroke-dasharray="6 4"')
        yield _words(LEFT + 6, y - 6, data["target_label"], f'fill="{green}" font-weight="600"')
    yield from _lines(data, frame)
    yield from _marks(frame, data["marks"], data["points"][-1][0])


def _lines(data: dict[str, Any], frame: Frame) -> Iterator[str]:
    """Draw the lines, with those furthest behind on top, and their labels on the right."""
    ends: list[tuple[float, float, dict[str, Any]]] = []
    for line in sorted(data["lines"], key=lambda line: -line["rank"]):
        column = data["lines"].index(line) + 1
        shown = [(point[0], point[column]) for point in data["points"] if point[column] is not None]
        clear = _is_highlighted(line, data["lines"])
        looks = f'stroke-width="{2 if clear else 1.25}"{_dash(line)}'
        yield _path(_way(frame, shown), colour(line["tone"] if clear else "chart-weak"), looks)
        if clear and shown:
            ends.append((frame.y(shown[-1][1]), frame.x(shown[-1][0]), line))
    level = TOP - 9.0
    for y, x, line in sorted(ends, key=lambda end: end[0]) if len(data["lines"]) > 1 else []:
        level = max(y, level + 18)
        tone = colour(line["tone"])
        yield _path(f"M{x + 3} {y}L{frame.right + 14} {level}", tone)
        label = line["label"] if len(line["label"]) <= 27 else f"{line['label'][:26].rstrip()}…"
        yield _words(frame.right + 18, level + 4, label, f'fill="{tone}" font-size="13" font-weight="600"')


def _is_highlighted(line: dict[str, Any], lines: list[dict[str, Any]]) -> bool:
    """Return true if a line is drawn in its own colour. static/js/chart/highlight.js uses the same rule."""
    return len(lines) <= number("distinguishable-lines") or line["rank"] < number("highlighted-lines")


def _dash(line: dict[str, Any]) -> str:
    return f' stroke-dasharray="{" ".join(map(str, line["dash"]))}"' if line["dash"] else ""


def _way(frame: Frame, points: list[tuple[int, float]]) -> str:
    return "M" + "L".join(f"{frame.x(at)} {frame.y(value)}" for at, value in points) if points else ""


def _axes(frame: Frame, unit: str) -> Iterator[str]:
    for value in frame.steps:
        y = frame.y(value)
        yield _path(f"M{LEFT} {y}H{frame.right}", colour("chart-grid"))
        yield _words(LEFT - 10, y + 5, f"{value:,g}{unit}", f'text-anchor="end" fill="{colour("quiet")}"')
    yield _path(f"M{LEFT} {frame.bottom}H{frame.right}", colour("quiet"))
    for at, text in along(frame.first, frame.last):
        x = frame.x(at)
        anchor = "start" if x < LEFT + 24 else "end" if x > frame.right - 24 else "middle"
        yield _path(f"M{x} {frame.bottom}v6", colour("quiet"))
        yield _words(x, frame.bottom + 24, text, f'text-anchor="{anchor}" fill="{colour("quiet")}"')


def _marks(frame: Frame, marks: list[dict[str, Any]], newest: int) -> Iterator[str]:
    """Draw the marks above the lines, in up to three rows. Marks after the newest commit are drawn at that
    commit.
    """
    for mark, x, row in _placed(frame, marks, newest):
        way, stroke, fill = glyphs()[mark["kind"]]
        when = datetime.fromtimestamp(mark["at"], UTC)
        y = TOP - 9 - 14 * row
        words = f"{mark['kind']}, {written(when)}: {mark['text']}"
        yield f"<g><title>{_clean(words)}</title>"
        yield _path(f"M{x} {TOP}V{frame.bottom}", stroke, 'stroke-opacity=".25"')
        yield _path(way, stroke, f'transform="translate({x} {y})" stroke-width="2"', fill)
        if mark.get("count", 1) > 1:
            yield _words(x + 8, y + 4, f"{mark['count']:,}", 'font-size="11" font-weight="600"')
        yield "</g>"


def _placed(
    frame: Frame, marks: list[dict[str, Any]], newest: int
) -> list[tuple[dict[str, Any], float, int]]:
    """Return the marks to draw with their positions and rows, as static/js/chart/markers.js does: where there
    is no room, neighbours of one kind share a mark, and tags are left out. Tags come first, so that they are
    drawn below the others.
    """
    found = [(mark, frame.x(max(min(mark["at"], newest), frame.first))) for mark in marks]
    xs = [x for mark, x in found if mark["kind"] != "tag"]
    if any(x - xs[place] < WIDE for place, x in enumerate(xs[ROWS:])):
        found = _joined(found)
    taken: list[list[float]] = [[] for _ in range(ROWS)]
    placed = []
    for is_tag in (False, True):
        for mark, x in found:
            if (mark["kind"] == "tag") != is_tag:
                continue
            free = (row for row, known in enumerate(taken) if all(abs(x - other) >= WIDE for other in known))
            row = next(
                free, None if is_tag else min(range(ROWS), key=lambda row: max(taken[row], default=0.0))
            )
            if row is not None:
                taken[row].append(x)
                placed.append((mark, x, row))
    return sorted(placed, key=lambda item: item[0]["kind"] != "tag")


def _joined(found: list[tuple[dict[str, Any], float]]) -> list[tuple[dict[str, Any], float]]:
    """Return marks of which those of one kind that a mark would cover are one."""
    groups: list[list[tuple[dict[str, Any], float]]] = []
    known: dict[str, list[tuple[dict[str, Any], float]]] = {}
    for mark, x in found:
        group = known.get(mark["kind"])
        if group and x - group[0][1] < WIDE_GROUP:
            group.append((mark, x))
        else:
            known[mark["kind"]] = group = [(mark, x)]
            groups.append(group)
    return [_join(group) for group in groups]


def _join(group: list[tuple[dict[str, Any], float]]) -> tuple[dict[str, Any], float]:
    (first, begin), (last, end) = group[0], group[-1]
    if len(group) == 1:
        return first, begin
    count = sum(mark.get("count", 1) for mark, _ in group)
    since = datetime.fromtimestamp(first.get("since", first["at"]), UTC)
    text = f"{count:,} since {written(since)}"
    return {**last, "text": text, "count": count}, (begin + end) / 2


def _key(data: dict[str, Any], y: float) -> Iterator[str]:
    """Draw the legend for marks and the forecast band."""
    x = float(LEFT)
    for kind, (way, stroke, fill) in glyphs().items():
        if any(mark["kind"] == kind for mark in data["marks"]):
            yield _path(way, stroke, f'transform="translate({x} {y - 5})" stroke-width="2"', fill)
            yield _words(x + 14, y, kind, f'fill="{colour("quiet")}"')
            x += 40 + 7.5 * len(kind)
    if data.get("forecast"):
        box = f'x="{x - 6}" y="{y - 12}" width="22" height="12"'
        yield f'<rect {box} fill="{colour("chart-line")}" fill-opacity=".16"/>'
        yield _words(x + 24, y, data["forecast"]["words"], f'fill="{colour("quiet")}"')


def _names(data: dict[str, Any], y: float) -> Iterator[str]:
    """Draw the legend for the lines if there are several."""
    for place, line in enumerate(data["lines"] if len(data["lines"]) > 1 else []):
        x, at = LEFT + 364 * (place % 3), y + 22 * (place // 3)
        clear = _is_highlighted(line, data["lines"])
        tone = colour(line["tone"] if clear else "chart-weak")
        yield _path(f"M{x} {at - 5}h34", tone, f'stroke-width="2.5"{_dash(line)}')
        label = line["label"] if len(line["label"]) <= 42 else f"{line['label'][:41]}…"
        yield _words(x + 44, at, label, 'font-size="13"')
