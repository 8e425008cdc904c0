"""The status of a phase at the edges of its dates."""

from datetime import UTC, date, datetime, timedelta

import pytest

from compliance.models import Phase
from compliance.progress.forecast import Forecast, estimate
from compliance.progress.phase_status import PhaseStatus, state

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)


def outlook() -> Forecast:
    """The forecast of a phase that loses a violation a day and has 40 left."""
    return estimate([(NOW - back * DAY, 40.0 + back) for back in range(60, -1, -1)], 0, NOW)


@pytest.mark.parametrize(
    ("start", "due", "status"),
    [
        (None, TODAY - DAY, "late"),
        (None, TODAY, "under way"),
        (None, TODAY + DAY, "under way"),
        (TODAY - DAY, None, "under way"),
        (TODAY, None, "under way"),
        (TODAY + DAY, None, "not started"),
    ],
)
def test_a_phase_is_late_after_its_due_date_and_begins_on_its_first(
    start: date | None, due: date | None, status: str
) -> None:
    assert state(Phase(start=start, due=due), 40, 3, None, TODAY) == status


@pytest.mark.parametrize(
    ("left", "fixed", "closed", "status"),
    [
        (0, 3, NOW, "done"),
        (40, 3, NOW, "done"),
        (0, 3, None, "nothing left"),
        (0, 0, None, "nothing in this phase"),
        (1, 0, None, "not started"),
        (1, 1, None, "under way"),
    ],
)
def test_a_phase_is_done_when_it_was_closed(
    left: int, fixed: int, closed: datetime | None, status: str
) -> None:
    assert state(Phase(closed_at=closed), left, fixed, None, TODAY) == status


def test_the_forecast_decides_while_the_due_date_is_ahead() -> None:
    ahead = outlook()
    assert ahead.earliest
    assert ahead.latest
    for due, status in (
        (ahead.latest, "on time"),
        (ahead.earliest, "at risk"),
        (ahead.earliest - DAY, "late"),
    ):
        assert state(Phase(due=due), 40, 3, ahead, TODAY) == status


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, "no due date"),
        (0, "due today"),
        (1, "due in 1 day"),
        (12, "due in 12 days"),
        (-1, "by 1 day"),
        (-12, "by 12 days"),
    ],
)
def test_the_distance_to_the_due_date_is_said_in_days(days: int | None, words: str) -> None:
    assert PhaseStatus(Phase(), "under way", 3, 2, days, None).words == words


def test_the_most_urgent_phase_comes_first() -> None:
    rows = [
        PhaseStatus(Phase(), "under way", 3, 2, 5, None),
        PhaseStatus(Phase(), "under way", 9, 2, 5, None),
        PhaseStatus(Phase(), "under way", 9, 2, None, None),
        PhaseStatus(Phase(), "late", 1, 1, -2, None),
        PhaseStatus(Phase(), "late", 1, 1, -9, None),
        PhaseStatus(Phase(), "at risk", 1, 1, 30, None),
    ]
    order = [rows[4], rows[3], rows[5], rows[1], rows[0], rows[2]]
    assert sorted(rows, key=lambda row: row.urgency) == order
