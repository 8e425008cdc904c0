"""Unexpected failures of jobs: shown on the repository until a job of the same kind succeeds."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.db.models.functions import Now
from django.test import Client

from compliance.jobs import JobRun, ReportedError, enqueue, sweep
from compliance.jobs.queue import claim
from compliance.jobs.runner import work
from compliance.models import Job, Repository
from compliance.scans import problems

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def repository() -> Repository:
    return Repository.objects.create(slug="one", name="One", url="/srv/one.git", branch="main")


def store_too_much(run: JobRun) -> bool:
    """Let Postgres refuse a value, as it refused a plan's priority of 41 characters."""
    Repository.objects.filter(pk=run.repository.pk).update(web_url="x" * 1001)
    return True


def divide(run: JobRun) -> bool:
    return bool(1 // (run.job.attempts - run.job.attempts))


def lose_the_database(run: JobRun) -> bool:
    raise OperationalError("the connection is lost")


def succeed(run: JobRun) -> bool:
    return True


def run(kind: str, handler: Callable[[JobRun], bool]) -> None:
    Job.objects.filter(state="waiting").update(due_at=Now() - timedelta(seconds=1))
    assert work({kind: handler}, "tester") == 1


def trouble(repository: Repository) -> tuple[str, str]:
    repository.refresh_from_db()
    return repository.trouble_kind, repository.trouble


@pytest.mark.parametrize("handler", [store_too_much, divide, None])
@pytest.mark.parametrize("kind", ["update", "backfill", "patch", "pull", "letters"])
def test_a_failure_is_the_repository_s_problem_until_such_a_job_succeeds(
    repository: Repository, kind: str, handler: Callable[[JobRun], bool] | None
) -> None:
    enqueue(kind, repository)
    run(kind if handler else "another", handler or succeed)
    found, words = trouble(repository)
    assert found == "failed"
    assert words.split(":")[0].endswith(("recorded", "generated", "judged", "read", "sent"))
    assert "attempt 1. It is tried again automatically." in words
    client = Client()
    client.force_login(User.objects.create_user("ada"))
    for page in ("", "scans/"):
        shown = client.get(f"/repositories/one/{page}").content.decode()
        assert "A job failed unexpectedly" in shown
        assert "an unexpected error stopped attempt 1" in shown
    run(kind, succeed)
    assert trouble(repository) == ("", "")


def test_the_last_attempt_says_that_nothing_more_is_tried(repository: Repository) -> None:
    enqueue("update", repository)
    for _ in range(5):
        run("update", divide)
    assert Job.objects.get().state == "buried"
    assert "each of 5 attempts, so the job will not be tried again" in trouble(repository)[1]


def test_a_busy_database_is_a_problem_only_if_no_attempt_succeeds(repository: Repository) -> None:
    enqueue("update", repository)
    for _ in range(4):
        run("update", lose_the_database)
        assert trouble(repository) == ("", "")
    run("update", lose_the_database)
    assert "the connection is lost" in trouble(repository)[1]


def test_a_worker_that_dies_each_time_is_a_problem(repository: Repository) -> None:
    enqueue("update", repository)
    for _ in range(5):
        assert trouble(repository) == ("", "")
        Job.objects.filter(state="waiting").update(due_at=Now() - timedelta(seconds=1))
        assert claim("tester")
        Job.objects.update(lease_until=Now() - timedelta(seconds=1))
        assert sweep() == 1
    assert "stopped during attempt 5 without an error" in trouble(repository)[1]


def test_a_problem_that_the_job_recorded_itself_stays_as_it_is(repository: Repository) -> None:
    def report(run: JobRun) -> bool:
        problems.record(run.repository, problems.TroubleError("It is gone.", problems.Kind.BRANCH))
        raise ReportedError from OSError("no such branch")

    enqueue("update", repository)
    run("update", report)
    assert trouble(repository) == ("branch", "It is gone.")
    assert Job.objects.get().error == "OSError: no such branch"


def test_an_update_that_succeeds_leaves_the_failures_of_other_jobs(repository: Repository) -> None:
    enqueue("patch", repository)
    run("patch", divide)
    problems.record(repository, None)
    assert trouble(repository)[0] == "failed"
    enqueue("update", repository)
    Job.objects.filter(kind="patch").delete()
    run("update", divide)
    problems.record(repository, None)
    assert trouble(repository) == ("", "")


@pytest.mark.parametrize("handler", [store_too_much, divide, lose_the_database])
def test_a_failed_job_beside_an_equal_waiting_one_is_not_shown_as_done(
    repository: Repository, handler: Callable[[JobRun], bool]
) -> None:
    def fall(run: JobRun) -> bool:
        enqueue("update", repository)
        Job.objects.filter(state="waiting").update(due_at=Now() + timedelta(hours=1))
        return handler(run)

    enqueue("update", repository)
    run("update", fall)
    assert sorted(Job.objects.values_list("state", flat=True)) == ["replaced", "waiting"]
    client = Client()
    client.force_login(User.objects.create_user("ada"))
    page = client.get("/repositories/one/scans/").content.decode()
    assert "No completed jobs yet." in page
    assert "replaced by an identical job that was already waiting" in page
