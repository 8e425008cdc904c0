"""Times on pages, in the words that the browser's script also uses (tests/js/format.test.js)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from compliance.templatetags.show import relative_time


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(0), "now"),
        (timedelta(seconds=30), "30 seconds ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(minutes=-90), "in 2 hours"),
        (timedelta(days=1), "yesterday"),
        (timedelta(days=-1), "tomorrow"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=-30), "in 30 days"),
    ],
)
def test_a_relative_time_uses_the_largest_unit_that_fits(
    ago: timedelta, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = timezone.now()
    monkeypatch.setattr("compliance.templatetags.show.now", lambda: moment)

    assert relative_time(moment - ago) == words
