"""The picture of a trend: each value at its height, each event at its time."""

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

from compliance.charts.svg import LEFT, RIGHT, TOP, Frame, svg
from compliance.lib.theme import colour

FIRST = int(datetime(2025, 9, 1, tzinfo=UTC).timestamp())
DAY = 86400
SVG = "{http://www.w3.org/2000/svg}"


def data(**values: Any) -> dict[str, Any]:
    line = {"label": "Compliance", "rank": 0, "dash": [], "tone": "line"}
    points = [(FIRST, 80.0, "a"), (FIRST + 5 * DAY, 84.0, "b"), (FIRST + 10 * DAY, 92.0, "c")]
    told = {"unit": "%", "lines": [line], "points": points, "marks": [], "ghost": None, "target": None}
    return {**told, "target_label": "", "forecast": None, **values}


def paths(drawn: str, stroke: str) -> list[str]:
    tone = colour(stroke)
    return [
        path.get("d", "") for path in ET.fromstring(drawn).iter(f"{SVG}path") if path.get("stroke") == tone
    ]


def points_of(way: str) -> list[tuple[float, float]]:
    pairs = (pair.split() for pair in way.strip("MZ").split("L"))
    return [(float(x), float(y)) for x, y in pairs]


def test_a_frame_puts_the_least_at_the_bottom_and_the_first_at_the_left() -> None:
    frame = Frame(100, 200, (80.0, 82.0, 90.0), 568, RIGHT)
    assert [frame.y(value) for value in (80, 85, 90, 70, 95)] == [568, 347, TOP, 568, TOP]
    assert [frame.x(at) for at in (100, 150, 200)] == [LEFT, (LEFT + RIGHT) / 2, RIGHT]
    assert Frame(100, 100, (0.0, 1.0), 568, RIGHT).x(100) == LEFT


def test_a_line_rises_with_its_values() -> None:
    (way,) = [path for path in paths(svg(data(), "Trend", ""), "line") if "L" in path]
    assert [x for x, _ in points_of(way)] == [LEFT, (LEFT + RIGHT) / 2, RIGHT]
    low, middle, high = (y for _, y in points_of(way))
    assert low == 568 > middle > high == TOP
    assert round((low - middle) * 3) == low - high


def test_a_line_that_stays_at_zero_has_an_axis() -> None:
    drawn = svg(data(unit="", points=[(FIRST, 0, "a"), (FIRST + DAY, 0, "b")]), "Trend", "")
    (way,) = [path for path in paths(drawn, "line") if "L" in path]
    assert [y for _, y in points_of(way)] == [568, 568]
    words = [text.text for text in ET.fromstring(drawn).iter(f"{SVG}text")]
    assert {"0", "1"} <= set(words)


def test_the_target_and_the_forecast_are_at_their_values() -> None:
    forecast = {"points": [(FIRST + 10 * DAY, 92.0, 92.0), (FIRST + 20 * DAY, 94.0, 98.0)], "words": "ahead"}
    drawn = svg(data(target=100.0, target_label="target 100%", forecast=forecast), "Trend", "")
    (target,) = paths(drawn, "chart-target")
    assert target == f"M{LEFT} {TOP}H{RIGHT}"
    area = next(path for path in ET.fromstring(drawn).iter(f"{SVG}path") if path.get("fill-opacity") == ".16")
    begin, high, low, back = points_of(area.get("d", ""))
    assert begin == back
    assert begin[0] == (LEFT + RIGHT) / 2
    assert high[0] == low[0] == RIGHT
    assert high[1] < low[1] < begin[1]


def test_the_legend_has_the_kinds_that_occur_and_the_forecast_beside_one_another() -> None:
    marks = [{"at": FIRST, "kind": kind, "text": ""} for kind in ("tag", "note", "tag")]
    forecast = {"points": [(FIRST + 10 * DAY, 92.0, 92.0)], "words": "at this pace"}
    drawn = ET.fromstring(svg(data(marks=marks, forecast=forecast), "Trend", ""))

    places = {text.text: float(text.get("x", "")) for text in drawn.iter(f"{SVG}text")}
    assert places["tag"] == LEFT + 14
    assert places["note"] == places["tag"] + 40 + 7.5 * len("tag")
    box = next(each for each in drawn.iter(f"{SVG}rect") if each.get("fill-opacity"))
    begin = places["note"] - 14 + 40 + 7.5 * len("note")
    assert (float(box.get("x", "")), places["at this pace"]) == (begin - 6, begin + 24)
    assert "regression" not in places


def test_each_event_is_at_its_time_and_at_the_latest_at_the_newest_commit() -> None:
    marks = [
        {"at": FIRST + 5 * DAY, "kind": "tag", "text": "v1.0"},
        {"at": FIRST + 12 * DAY, "kind": "note", "text": "later"},
    ]
    drawn = svg(data(marks=marks), "Trend", "")
    groups = list(ET.fromstring(drawn).iter(f"{SVG}g"))
    assert [group.findtext(f"{SVG}title") for group in groups] == [
        "tag, 6 Sep 2025: v1.0",
        "note, 13 Sep 2025: later",
    ]
    uprights = [path.get("d") for group in groups for path in group if path.get("stroke-opacity")]
    assert uprights == [f"M{(LEFT + RIGHT) / 2} {TOP}V568", f"M{float(RIGHT)} {TOP}V568"]


def test_long_labels_are_cut_and_labels_that_fit_are_whole() -> None:
    labels = ["x" * 42, "y" * 43]
    lines = [{"label": label, "rank": 0, "dash": [], "tone": "line-0"} for label in labels]
    points = [(FIRST, 1.0, 2.0, "a"), (FIRST + DAY, 2.0, 3.0, "b")]
    drawn = ET.fromstring(svg(data(lines=lines, points=points), "Trend", ""))
    words = [text.text for text in drawn.iter(f"{SVG}text")]
    assert "x" * 42 in words
    assert "y" * 41 + "…" in words
