"""Deliveries of ten repositories and two trackers at once, some twice and some late, over real HTTP."""

import pytest

from bench.deliveries.mixture import mix
from bench.deliveries.rows import FORGES, seed, wrong
from bench.deliveries.sending import send
from compliance.models import Issue, Job
from tests.processes import Start, answers, free_port, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_every_delivery_is_answered_once_and_the_final_state_is_right(
    process_environment: dict[str, str], start: Start
) -> None:
    every = seed(10)
    mixture = mix(every[:10], every[10:], 400)
    port = free_port()
    start(process_environment, "web", port=port)
    wait(lambda: answers(f"http://127.0.0.1:{port}"))

    told = send(port, mixture.deliveries, seconds=1, senders=12)

    assert (mixture.repeated, mixture.late) == (40, 40)
    assert set(told.total()) == {"200", "202"}
    assert told.total().total() == 400
    assert wrong(mixture) == []
    assert {provider for provider, _ in told.statuses} == {*FORGES, "jira", "linear"}
    assert Job.objects.filter(kind="update").count() <= 10

    Issue.objects.filter(repository__slug="bench-3").update(tracker_title="Version 0")
    assert len(wrong(mixture)) > 1, "the check notices it"
