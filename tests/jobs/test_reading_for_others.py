"""Jobs that read for another machine: who claims them, and what they make room for."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db.models.functions import Now

from compliance.jobs import JobRun, Priority, enqueue, queue
from compliance.jobs.health import check_work
from compliance.jobs.queue import claim
from compliance.models import Heartbeat, Job, PlanVersion, Repository
from compliance.scans import reading_ranges

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(settings: LazySettings) -> Job:
    settings.MACHINE_NAME = "one"
    detail = {"version": 1, "machine": "two"}
    return enqueue("read", key="1:two", detail=detail, priority=Priority.IDLE)


def test_only_the_machine_that_is_asked_claims_the_job(job: Job, settings: LazySettings) -> None:
    assert claim("worker one:1") is None
    settings.MACHINE_NAME = "two"
    claimed = claim("worker two:1")
    assert claimed is not None
    assert (claimed.pk, claimed.queue) == (job.pk, "scans")


def test_several_messages_look_for_the_machine_that_is_asked(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    sent: list[str] = []
    monkeypatch.setattr(queue, "wake", sent.append)
    repository = Repository.objects.create(slug="r", name="r", url="/srv/r.git", branch="main")
    version = PlanVersion.objects.create(repository=repository, number=1, digest="d", target_percent="95")
    with django_capture_on_commit_callbacks(execute=True):
        reading_ranges.ask(version, ["two"])
    assert sent == ["scans"] * reading_ranges.WAKE_UPS
    with django_capture_on_commit_callbacks(execute=True):
        reading_ranges.ask(version, ["two"])
    assert len(sent) == reading_ranges.WAKE_UPS, "it has been asked already"


def test_every_other_job_goes_first(job: Job, settings: LazySettings) -> None:
    settings.MACHINE_NAME = "two"
    repository = Repository.objects.create(slug="r", name="r", url="/srv/r.git", branch="main")
    backfill = enqueue("backfill", repository, priority=Priority.LOW)
    claimed = claim("worker two:1")
    assert claimed is not None
    assert claimed.pk == backfill.pk
    Job.objects.filter(pk=job.pk).update(due_at=Now() - timedelta(minutes=1))
    run = JobRun(claimed)
    run.began -= 10
    assert not run.should_yield()


def test_a_reading_job_makes_room_for_another_repository(job: Job, settings: LazySettings) -> None:
    settings.MACHINE_NAME = "two"
    claimed = claim("worker two:1")
    assert claimed is not None
    run = JobRun(claimed)
    assert not run.should_yield()
    repository = Repository.objects.create(slug="r", name="r", url="/srv/r.git", branch="main")
    other = enqueue("backfill", repository, priority=Priority.LOW)
    Job.objects.filter(pk=other.pk).update(due_at=Now() - timedelta(seconds=2))
    run.checked_at = 0.0
    assert run.should_yield()


def test_a_job_for_a_machine_that_is_gone_is_no_problem_of_the_queue(job: Job) -> None:
    Heartbeat.objects.create(name="worker one:1")
    Job.objects.filter(pk=job.pk).update(due_at=Now() - timedelta(hours=1))
    assert check_work()["queue"] == "ok"
