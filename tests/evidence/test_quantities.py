"""A measurement is named as people say it, with its unit, and its numbers as they write them."""

import pytest

from compliance.evidence.quantities import amount, quantity


@pytest.mark.parametrize(
    ("key", "sent", "name", "unit"),
    [
        ("response_time_increase_percent", "", "Response time increase", "%"),
        ("response_time_increase_percent", "percent", "Response time increase", "%"),
        ("response_time_increase_percent", "%", "Response time increase", "%"),
        ("contaminations_at_100_users", "", "Contaminations at 100 users", ""),
        ("added_ms", "ms", "Added", "ms"),
        ("added_ms", "s", "Added ms", "s"),
        ("added_ms_per_request", "ms", "Added per request", "ms"),
        ("added_ms_per_request", "", "Added per request", "ms"),
        ("bytes_per_request", "", "Bytes per request", ""),
        ("memory", "MB", "Memory", "MB"),
        ("ms", "", "Ms", ""),
        ("p95 latency", "milliseconds", "P95 latency", "ms"),
    ],
)
def test_a_key_is_said_in_words_and_its_unit_once(key: str, sent: str, name: str, unit: str) -> None:
    assert quantity(key, sent) == (name, unit)


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (5, "%", "5%"),
        (41.5, "ms", "41.5 ms"),
        (1_234_567, "", "1,234,567"),
        (0.1 + 0.2, "s", "0.3 s"),
        (-2.0, "%", "-2%"),
        (0.00004, "s", "4e-05 s"),
    ],
)
def test_an_amount_is_written_as_people_write_it(value: float, unit: str, said: str) -> None:
    assert amount(value, unit) == said
