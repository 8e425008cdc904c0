"""Words that depend on a number or a list."""

import pytest

from compliance.lib.wording import count_of, format_pace, format_percent, join_names, noun_for, with_article


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1200, "1,200 files")]
)
def test_a_noun_agrees_with_its_number(number: int, text: str) -> None:
    assert count_of(number, "file") == text


def test_an_irregular_plural_is_given() -> None:
    assert count_of(1, "person", "people") == "1 person"
    assert noun_for(2, "person", "people") == "people"


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_names_are_joined(names: list[str], text: str) -> None:
    assert join_names(names) == text


@pytest.mark.parametrize(
    ("role", "text"),
    [("viewer", "a viewer"), ("engineer", "an engineer"), ("Administrator", "an Administrator")],
)
def test_a_role_has_its_article(role: str, text: str) -> None:
    assert with_article(role) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "n/a"),
        (0.04, "0.04"),
        (0.004, "0.0"),
        (-0.004, "0.0"),
        (-1.5, "\N{MINUS SIGN}1.5"),
        (9.9, "9.9"),
        (1234.5, "1,234"),
    ],
)
def test_a_pace_has_a_decimal_below_ten(value: float | None, text: str) -> None:
    assert format_pace(value) == text


def test_a_percentage_has_one_decimal() -> None:
    assert format_percent(94.99) == "95.0%"
    assert format_percent(None) == "n/a"
