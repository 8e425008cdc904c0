"""Days begin in the reader's time zone, and in the installation's for everybody else."""

from datetime import UTC, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from compliance.models import Phase
from tests.views.cast import World
from tests.views.factories import page_text


@pytest.mark.parametrize(
    ("zone", "days"),
    [("Etc/GMT+12", -1), ("Etc/GMT-14", 1), ("Nowhere/Land", 0), ("", 0)],
)
def test_a_phase_is_due_by_the_readers_day(ada: Client, netra: World, zone: str, days: int) -> None:
    """Twelve hours west it is often yesterday, and fourteen hours east often tomorrow."""
    now = timezone.now()
    offset = {-1: -12, 1: 14, 0: 0}[days]
    today = (now.astimezone(UTC) + timedelta(hours=offset)).date()
    Phase.objects.filter(key="golden-path").update(due=today, closed_at=None)
    ada.cookies["timezone"] = zone
    assert "Golden Path late" not in page_text(ada), "it is due today"

    Phase.objects.filter(key="golden-path").update(due=today - timedelta(days=1))
    assert "Golden Path late" in page_text(ada)
