"""Jobs are claimed by machines that have the folder, and by workers of the newest release."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db.models.functions import Now

from compliance import scans, tasks
from compliance.jobs import machine, queue
from compliance.jobs.liveness import process_name, write_heartbeat
from compliance.jobs.machine import GONE_AFTER, Release
from compliance.jobs.queue import claim
from compliance.jobs.runner import take
from compliance.models import EngineRelease, Heartbeat, Job, PlanVersion, Repository
from compliance.scans import folders
from scanner import MATCHING, engine_version
from tests.scans.upstream import PLAN, again, tracked
from tests.scans.verify import run_jobs

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def release(monkeypatch: pytest.MonkeyPatch) -> Release:
    """This process is a worker that has not read its number yet, and reads it each time."""
    fresh = Release(engine_version(), MATCHING)
    monkeypatch.setattr(machine, "release", fresh)
    monkeypatch.setattr(machine, "REFRESH", -1.0)
    return fresh


def beat(name: str, engine: str = "") -> None:
    """Let another machine's worker, which may run another release, send a heartbeat."""
    Heartbeat.objects.update_or_create(
        name=f"worker {name}:1", defaults={"at": Now(), "state": "idle", "engine": engine}
    )


def test_a_machine_without_the_folder_leaves_its_jobs_to_one_that_has_it(
    folder: Path, settings: LazySettings
) -> None:
    repository = scans.track(str(folder), slug="r", plan=PLAN)
    beat("has-it")
    settings.MACHINE_NAME = "lacks-it"
    write_heartbeat(process_name("worker"))
    away = folder.with_name("away.git")
    folder.rename(away)
    job = claim("test")
    assert job is not None
    take(job, tasks.KINDS)

    job.refresh_from_db()
    repository.refresh_from_db()
    assert (job.state, job.error, repository.trouble) == ("waiting", "", "")
    assert repository.missing_on == ["lacks-it"]
    assert claim("test") is None
    Repository.objects.update(polled_at=None)
    scans.poll()
    assert Repository.objects.get().trouble == ""
    assert folders.describe(repository).endswith(
        "is a folder that lacks-it lacks, so its jobs run only on has-it."
    )

    away.rename(folder)
    Repository.objects.update(polled_at=None)
    scans.poll()
    run_jobs()
    repository.refresh_from_db()
    assert (repository.missing_on, repository.history_done) == ([], True)


def test_a_folder_that_no_machine_has_is_reported(folder: Path, settings: LazySettings) -> None:
    repository = tracked(folder)
    beat("other")
    Repository.objects.update(missing_on=["other"], polled_at=None)
    write_heartbeat(process_name("worker"))
    folder.rename(folder.with_name("away.git"))
    scans.poll()
    repository.refresh_from_db()
    assert "no such folder" in repository.trouble


def test_an_older_release_leaves_a_repository_to_the_newer_one(folder: Path) -> None:
    repository = tracked(folder)
    newer_release(repository)
    Repository.objects.update(polled_at=None)
    scans.poll()
    assert not Job.objects.filter(state="waiting").exists(), "no evaluation is requested"
    queue.enqueue("update", repository)
    job = claim("test")
    assert job is not None, "the newer worker has not reserved it yet"
    take(job, tasks.KINDS)
    job.refresh_from_db()
    assert (job.state, job.error) == ("waiting", "")
    assert claim("test") is None
    assert set(PlanVersion.objects.values_list("engine", flat=True)) == {"newer"}


def test_an_earlier_release_goes_on_once_the_newer_one_is_removed(folder: Path) -> None:
    repository = tracked(folder)
    newer_release(repository)
    Repository.objects.update(engine_release=machine.number_of("newer"))
    queue.enqueue("update", repository)
    assert claim("test") is None
    Heartbeat.objects.update(at=Now() - GONE_AFTER - timedelta(seconds=1))
    again(repository)
    assert repository.plan is not None
    assert repository.plan.engine == engine_version()
    assert EngineRelease.objects.get(engine=engine_version()).number == repository.engine_release == 3


def test_a_newer_release_evaluates_once(folder: Path) -> None:
    repository = tracked(folder)
    EngineRelease.objects.update(engine="older")
    PlanVersion.objects.update(engine="older")
    for _ in range(3):
        Repository.objects.update(polled_at=None)
        scans.poll()
        run_jobs()
    repository.refresh_from_db()
    assert Job.objects.filter(cause__startswith="poll: ").count() == 1
    assert repository.engine_release == 2


def newer_release(repository: Repository) -> None:
    """Let a worker of a newer release have evaluated a repository."""
    number = machine.release_number()
    EngineRelease.objects.create(engine="newer", number=number + 1)
    beat("newer", "newer")
    PlanVersion.objects.filter(repository=repository).update(engine="newer")
