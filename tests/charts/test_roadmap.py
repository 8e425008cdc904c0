"""The roadmap: where each phase is drawn, in which order, and what is said about it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from compliance.charts.roadmap import MOST, Roadmap, draw_roadmap
from compliance.lib.dates import span

TODAY = date(2026, 6, 1)


def phase(key: str = "one", **given: Any) -> dict[str, Any]:
    """A row of the phase chart."""
    dated = ("start", "due", "earliest", "latest", "closed_at", "reopened_at")
    row = {**dict.fromkeys(dated), "key": key, "title": key.title(), "state": "under way", "left": 5}
    return row | {"days_late": 0, "span": "", "chance_text": "", "reason": "no date, because"} | given


def drawn(*rows: dict[str, Any], most: int | None = MOST) -> Roadmap:
    found = draw_roadmap(rows, TODAY, most)
    assert found is not None
    return found


def ends(part: Any) -> tuple[float, float]:
    """Return the left and the right edge of a stretch in percent."""
    x = float(part.x.rstrip("%"))
    return x, x + float(part.width.rstrip("%"))


def looks(found: Roadmap, key: str = "one") -> dict[str, Any]:
    (bar,) = (bar for bar in (*found.bars, *found.more) if bar.row["key"] == key)
    return {part.look: part for part in bar.stretches} | {mark.look: mark for mark in bar.marks}


def test_positions_are_proportional_to_time() -> None:
    found = drawn(
        phase("one", start=date(2026, 1, 1), due=date(2026, 3, 2)),
        phase("two", start=date(2026, 3, 2), due=date(2026, 5, 1)),
    )
    first, second = ends(looks(found, "one")["plan"]), ends(looks(found, "two")["plan"])

    assert first[1] == pytest.approx(second[0], abs=0.02)
    assert first[1] - first[0] == pytest.approx(second[1] - second[0], abs=0.02)
    assert float(looks(found, "two")["due"].x.rstrip("%")) == pytest.approx(second[1], abs=0.02)
    assert second[1] < float(found.today.x.rstrip("%")) < 100


def test_without_any_date_nothing_is_drawn() -> None:
    assert draw_roadmap([phase(), phase("two")], TODAY) is None
    assert draw_roadmap([], TODAY) is None


def test_a_phase_without_dates_is_listed_last_and_says_so() -> None:
    found = drawn(phase("none"), phase("one", start=date(2026, 5, 1), due=date(2026, 7, 1)))

    assert [bar.row["key"] for bar in found.bars] == ["one", "none"]
    assert found.bars[1].stretches == ()
    assert found.bars[1].text == "Under way; no planned dates; no date, because."


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"start": date(2026, 5, 1)}, "planned from 1 May 2026, no due date"),
        ({"due": date(2026, 7, 1)}, "due 1 Jul 2026, no start date"),
    ],
)
def test_a_phase_with_one_date_has_an_open_end(given: dict[str, Any], text: str) -> None:
    found = drawn(phase(**given))

    assert looks(found)["plan"].is_open
    assert text in found.bars[0].text


def test_a_phase_after_its_due_date_is_overdue_until_today() -> None:
    found = drawn(phase(start=date(2026, 4, 1), due=date(2026, 5, 1), state="late"))

    left, right = ends(looks(found)["overdue"])
    assert left == pytest.approx(ends(looks(found)["plan"])[1], abs=0.02)
    assert right == pytest.approx(float(found.today.x.rstrip("%")), abs=0.02)
    assert "overdue" not in looks(drawn(phase(due=date(2026, 5, 1), left=0, state="nothing left")))


def test_a_closed_phase_ends_where_it_was_closed_and_has_no_forecast() -> None:
    closed = datetime(2026, 5, 20, 12, tzinfo=UTC)
    found = drawn(
        phase(
            start=date(2026, 4, 1),
            due=date(2026, 5, 1),
            closed_at=closed,
            state="done",
            days_late=19,
            left=2,
            earliest=date(2026, 7, 1),
            latest=date(2026, 8, 1),
        )
    )
    shown = looks(found)

    assert set(shown) == {"done", "overdue", "due", "closed"}
    assert ends(shown["overdue"])[1] == pytest.approx(float(shown["closed"].x.rstrip("%")), abs=0.02)
    assert "closed 20 May 2026, 19 days late" in found.bars[0].text
    assert "expected" not in found.bars[0].text


def test_a_reopened_phase_is_marked() -> None:
    found = drawn(phase(due=date(2026, 7, 1), reopened_at=datetime(2026, 5, 9, 12, tzinfo=UTC)))

    assert "reopened" in looks(found)
    assert "reopened 9 May 2026" in found.bars[0].text


def test_a_forecast_far_away_is_cut_off_and_the_text_has_its_dates() -> None:
    first, last = date(2026, 7, 1), date(2061, 1, 1)
    far: dict[str, Any] = {"earliest": first, "latest": last, "span": span(first, last)}
    found = drawn(phase(start=date(2026, 4, 1), due=date(2026, 6, 20), **far))
    left, right = ends(looks(found)["forecast"])

    assert looks(found)["forecast"].is_open
    assert left < right <= 100
    assert ends(looks(found)["plan"])[1] > 30
    assert f"expected {far['span']}" in found.bars[0].text
    beyond = looks(drawn(phase(due=date(2026, 6, 20), **{**far, "earliest": date(2060, 1, 1)})))
    assert ends(beyond["forecast"])[1] <= 100


def test_a_date_that_would_touch_the_one_before_it_on_a_phone_is_marked() -> None:
    """The first date has its year, so it takes the room of the second if the period is short."""
    found = drawn(phase("short", start=TODAY, due=TODAY + timedelta(days=28)))
    ends = 0.0
    for tick in found.ticks:
        width = 2 * len(tick.label)
        begin = float(tick.x.rstrip("%")) - {"start": 0, "middle": width / 2, "end": width}[tick.anchor]
        assert tick.is_crowded == (begin < ends)
        ends = ends if tick.is_crowded else begin + width
    assert [tick.is_crowded for tick in found.ticks][:2] == [False, True]


def test_of_many_phases_the_most_urgent_are_shown_by_date() -> None:
    rows = [
        phase(
            f"p{number:02}",
            title="A long title " * 20,
            start=TODAY + timedelta(days=number),
            due=TODAY + timedelta(days=30 + number),
            state="late" if number >= 30 else "done" if number < 10 else "under way",
            closed_at=datetime(2026, 5, 20, tzinfo=UTC) if number < 10 else None,
        )
        for number in range(40)
    ]
    found = drawn(*rows)

    keys = [bar.row["key"] for bar in found.bars]
    assert len(keys) == MOST
    assert keys == sorted(keys)
    assert {f"p{number}" for number in range(30, 40)} <= set(keys)
    assert len(found.more) == 40 - MOST
    assert len(drawn(*rows, most=None).bars) == 40
    assert len(found.ticks) <= 7
