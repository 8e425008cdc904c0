"""How fast history is recorded, from the times of the recorded rows."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.models import Snapshot
from compliance.scans import history_rate
from compliance.scans.history_rate import recent_rate, seconds_left, seconds_per_commit
from compliance.scans.transfers import in_steps
from tests.views.cast import World, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def netra(monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(history_rate, "LEAST", 4)
    monkeypatch.setattr(history_rate, "LEAST_EXPERIENCE", 4)
    return world()


def record_at(seconds: list[float]) -> None:
    """Let the snapshots, in the order in which they arrived, have been recorded at these seconds."""
    begin = timezone.now()
    for row, second in zip(Snapshot.objects.order_by("pk"), seconds, strict=False):
        row.recorded_at = begin + timedelta(seconds=second)
        row.save(update_fields=["recorded_at"])


def test_commits_that_are_written_together_and_pauses_do_not_change_the_rate(netra: World) -> None:
    count = Snapshot.objects.count()
    assert count == 12
    # Two commits a second, written in pairs, with an hour between the first six and the others.
    record_at([float(place // 2 + (3600 if place >= 6 else 0)) for place in range(count)])

    rate = recent_rate(netra.repository)

    assert rate is not None
    assert (rate.commits, rate.seconds) == (8, 4.0)
    assert rate.per_second == 2.0
    assert seconds_left(netra.repository, 100) == 50.0
    assert seconds_left(netra.repository, 0) is None


def test_the_rate_is_measured_over_half_of_what_is_recorded(
    netra: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_rate, "FEWEST", 5)
    # Slow at first; the last commits are fast.
    record_at([0, 8, 16, 24, 32, 40, 44, 48, 52, 53, 54, 55])

    assert seconds_left(netra.repository, 10, 4) == pytest.approx(10 * 7 / 4)
    assert seconds_left(netra.repository, 10, 12) == pytest.approx(10 * 11 / 5)
    monkeypatch.setattr(history_rate, "MOST", 5)
    assert seconds_left(netra.repository, 10, 12) == pytest.approx(10 * 7 / 4)


def test_the_next_repository_is_expected_to_take_what_the_former_took_with_a_margin(
    netra: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    record_at([place / 4 for place in range(12)])

    assert seconds_per_commit() == (0.25 / 1.6, 0.25 * 1.6)
    monkeypatch.setattr(history_rate, "LEAST_EXPERIENCE", 12)
    assert seconds_per_commit() is None, "a small repository, such as the demonstration, says nothing"


def test_a_finished_step_of_a_clone_is_not_taken_for_its_end() -> None:
    assert in_steps("enumerating objects: 4714") == "step 1 of 5, listing objects: 4714"
    done = in_steps("compressing objects: 100% (9/9), done.")
    assert done == "step 3 of 5, compressing objects: done; the next step begins"
    assert in_steps("resolving deltas: 100% (9/9)").endswith("git checks what has arrived")
    assert in_steps("anything else: 1%") == "anything else: 1%"


def test_without_enough_commits_there_is_no_rate(netra: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history_rate, "LEAST", 50)

    assert recent_rate(netra.repository) is None
    assert seconds_per_commit() is None
