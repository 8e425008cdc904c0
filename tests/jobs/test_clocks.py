"""Times of the future, written before the clock was set back, stop nothing and prove nothing."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client

from compliance.jobs import enqueue, sweep
from compliance.jobs.clock import read_clocks
from compliance.jobs.queue import claim
from compliance.lib import rate_limit
from compliance.models import Allowance, Heartbeat, Job, Repository
from compliance.scans import polling

pytestmark = pytest.mark.django_db

AHEAD = [timedelta(days=365), timedelta(hours=1), timedelta(minutes=2)]


@pytest.fixture
def repository() -> Repository:
    return Repository.objects.create(slug="one", name="one", url="/srv/one.git", branch="main")


@pytest.mark.parametrize("ahead", AHEAD)
def test_a_heartbeat_from_the_future_is_ignored(client: Client, ahead: timedelta) -> None:
    Heartbeat.objects.create(name="worker here:1", at=Now() + ahead)
    assert "never seen" in client.get("/readyz").json()["worker"]
    Heartbeat.objects.create(name="worker here:2", at=Now() - timedelta(minutes=10))
    assert "no heartbeat for 60" in client.get("/readyz").json()["worker"]
    sweep()
    assert list(Heartbeat.objects.values_list("name", flat=True)) == ["worker here:2"]
    Heartbeat.objects.create(name="worker here:3")
    assert client.get("/readyz").json()["worker"] == "ok"


@pytest.mark.parametrize("late", ["sent", "answered"])
def test_a_statement_that_takes_long_is_no_difference_of_clocks(late: str) -> None:
    def slow(execute: Any, *statement: Any) -> Any:
        time.sleep(0.2 if late == "sent" else 0)
        answer = execute(*statement)
        time.sleep(0.2 if late == "answered" else 0)
        return answer

    with connection.execute_wrapper(slow):
        assert abs(read_clocks().drift) < 0.1


@pytest.mark.parametrize("ahead", AHEAD)
def test_a_lease_from_the_future_ends_all_the_same(repository: Repository, ahead: timedelta) -> None:
    enqueue("update", repository)
    job = claim("gone")
    assert job is not None
    Job.objects.update(lease_until=Now() + ahead, started_at=Now() + ahead)
    assert sweep() == 0
    Job.objects.update(lease_until=Now() - timedelta(seconds=1))  # the half minute that the sweep left it
    assert sweep() == 1
    job.refresh_from_db()
    assert job.state == "waiting"


@pytest.mark.parametrize("ahead", AHEAD)
def test_a_job_that_waits_for_a_time_of_the_future_is_due(repository: Repository, ahead: timedelta) -> None:
    job = enqueue("update", repository)
    Job.objects.update(created_at=Now() + ahead, due_at=Now() + ahead + timedelta(seconds=5))
    assert claim("one") is None
    sweep()
    found = claim("one")
    assert found is not None
    assert found.pk == job.pk


def test_a_job_that_was_postponed_keeps_its_time(repository: Repository) -> None:
    enqueue("update", repository)
    Job.objects.update(due_at=Now() + timedelta(minutes=10))
    sweep()
    assert claim("one") is None


@pytest.mark.parametrize("ahead", AHEAD)
def test_a_bucket_that_was_filled_in_the_future_is_full(ahead: timedelta) -> None:
    assert rate_limit.spend("token 1", at_once=2, per_minute=60) == 0
    Allowance.objects.update(full_at=Now() + ahead)
    assert [rate_limit.spend("token 1", at_once=2, per_minute=60) for _ in range(3)] == [0, 0, 1]


@pytest.mark.parametrize("ahead", AHEAD)
def test_a_repository_that_was_polled_in_the_future_is_polled(
    repository: Repository, ahead: timedelta
) -> None:
    Repository.objects.update(polled_at=Now() + ahead, poll=True)
    repository.refresh_from_db()
    assert polling._claim(1)
    assert not polling._claim(1)
