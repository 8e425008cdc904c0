"""The schedule in Postgres: many beats send each task once, clocks may jump, brokers may be away."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from compliance.models import Heartbeat, ScheduledTask
from tests.jobs.beats import Beat

pytestmark = pytest.mark.django_db(transaction=True)


def due(name: str) -> float:
    """Seconds until a task is due."""
    return (ScheduledTask.objects.get(name=name).due_at - timezone.now()).total_seconds()


def shift(**when: float) -> None:
    ScheduledTask.objects.update(due_at=Now() + timedelta(**when))


def test_each_task_is_sent_at_once_and_then_after_its_interval() -> None:
    beat = Beat()
    beat.tick()
    beat.tick()
    assert sorted(beat.sent) == ["poll", "sweep"]
    assert 0 < due("sweep") <= 5
    assert 55 < due("poll") <= 60
    shift(seconds=-1)
    beat.tick()
    assert len(beat.sent) == 4


def test_many_beats_share_one_schedule() -> None:
    beats = [Beat() for _ in range(3)]
    for beat in beats:
        beat.tick()
    assert sorted(name for beat in beats for name in beat.sent) == ["poll", "sweep"]


@pytest.mark.parametrize("ahead", [{"days": 365}, {"hours": 1}, {"seconds": 61}])
def test_a_time_from_a_clock_that_was_ahead_is_due(ahead: dict[str, float]) -> None:
    beat = Beat()
    beat.tick()
    shift(**ahead)
    beat.tick()
    assert sorted(beat.sent) == ["poll", "poll", "sweep", "sweep"]
    assert due("poll") <= 60


@pytest.mark.parametrize("behind", [{"days": -365}, {"hours": -1}])
def test_a_clock_that_jumps_ahead_sends_each_task_once(behind: dict[str, float]) -> None:
    beat = Beat()
    beat.tick()
    shift(**behind)
    beat.tick()
    beat.tick()
    assert sorted(beat.sent) == ["poll", "poll", "sweep", "sweep"]


def test_a_broker_that_is_away_delays_a_task_and_is_reported_once(caplog: pytest.LogCaptureFixture) -> None:
    beat = Beat()
    beat.broken = True
    for _ in range(3):
        beat.tick()
        shift(seconds=-1)
    assert beat.sent == []
    assert 1 <= len([record for record in caplog.records if "poll cannot be sent" in record.message]) <= 3
    beat.broken = False
    beat.tick()
    assert sorted(beat.sent) == ["poll", "sweep"]
    assert "sent again" in caplog.text


def test_a_beat_that_dies_between_claim_and_message_costs_half_a_minute() -> None:
    beat = Beat()
    beat.tick()
    shift(seconds=-1)
    beat.broken = True  # it has claimed the rows, and nothing came of it
    beat.tick()
    assert due("poll") <= 30
    assert due("sweep") <= 5


def test_each_tick_leaves_a_sign_of_life() -> None:
    Beat().tick()
    assert Heartbeat.objects.filter(name__startswith="beat ").count() <= 1
