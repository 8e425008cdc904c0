"""The texts that charts carry for the script."""

from datetime import UTC, datetime

from compliance.charts.context import Data
from compliance.charts.texts import with_texts

FIRST = int(datetime(2025, 9, 1, 12, tzinfo=UTC).timestamp())
DAY = 86400


def line_chart(*rows: list[float | None], target: float | None = None, unit: str = "%") -> Data:
    return {
        "kind": "line",
        "title": "Compliance",
        "unit": unit,
        "target": target,
        "ghost": None,
        "lines": [{"label": f"Line {number}"} for number, _ in enumerate(rows[0], 1)],
        "points": [[FIRST + place * DAY, *values, "sha"] for place, values in enumerate(rows)],
    }


def test_the_description_names_span_values_and_target() -> None:
    data = with_texts(line_chart([80], [None], [91.25], target=95.0))

    assert data["description"] == (
        "Compliance from 1 Sep 2025 to 3 Sep 2025. Line 1: 80.0%, then 91.2%; the target is 95%."
    )
    assert data["target_label"] == "target 95%"


def test_unknown_values_and_counts_are_formatted_as_on_pages() -> None:
    data = with_texts(line_chart([None], [1234], unit=""))

    assert data["description"].endswith("Line 1: n/a, then 1,234.")
    assert data["target_label"] == ""


def test_values_of_more_than_four_lines_are_left_to_the_table() -> None:
    assert with_texts(line_chart([1, 2, 3, 4, 5]))["description"].endswith("2025. 5 lines.")
    assert "Line 4: 4.0%, then 4.0%" in with_texts(line_chart([1, 2, 3, 4]))["description"]


def test_a_chart_without_points_has_no_description() -> None:
    assert with_texts({**line_chart([1]), "points": []})["description"] == ""


def test_a_comparison_line_has_its_legend() -> None:
    data = with_texts({**line_chart([1]), "ghost": {"label": "under plan version 2", "points": []}})

    assert data["ghost"]["legend"] == "dotted: under plan version 2"


def test_a_bar_chart_refers_to_its_table() -> None:
    data = with_texts({"kind": "bar", "title": "Fixed and new by week"})

    assert data["description"] == "Fixed and new by week. All figures are in the table below."
