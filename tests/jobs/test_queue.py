"""The rows of the queue: merging, claiming, fencing, patience."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from compliance.jobs import JobRun, LostJobError, Priority, enqueue, failed_before, machine, run_again, sweep
from compliance.jobs.endings import fail, finish, give_back
from compliance.jobs.queue import claim
from compliance.jobs.runner import work
from compliance.models import Job, Repository

pytestmark = pytest.mark.django_db


def track(slug: str) -> Repository:
    return Repository.objects.create(slug=slug, name=slug, url=f"/srv/{slug}.git", branch="main")


def claimed() -> Job:
    job = claim("tester")
    assert job is not None
    return job


def expire(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))


def make_due() -> None:
    Job.objects.filter(state="waiting").update(due_at=Now() - timedelta(seconds=1))


def test_equal_waiting_jobs_are_one_row_with_the_higher_priority() -> None:
    repository = track("one")
    first = enqueue("update", repository, priority=Priority.LOW, cause="poll")
    second = enqueue("update", repository, priority=Priority.HIGH, cause="push")
    third = enqueue("update", repository, priority=Priority.LOW, cause="poll")
    assert first.pk == second.pk == third.pk
    assert (third.priority, third.merged, third.state) == (Priority.HIGH, 2, "waiting")
    assert enqueue("update", repository, key="other").pk != first.pk
    assert enqueue("update", track("two")).pk != first.pk
    assert enqueue("tidy").pk == enqueue("tidy").pk


def test_a_process_without_a_release_claims_jobs_whatever_release_has_evaluated_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(machine, "release", machine.Release())
    repository = track("one")
    Repository.objects.update(engine_release=1_000_000)
    enqueue("update", repository)
    assert claimed().repository_id == repository.pk


def test_a_request_made_while_the_job_runs_is_a_job_of_its_own() -> None:
    repository = track("one")
    enqueue("update", repository)
    running = claimed()
    later = enqueue("update", repository)
    assert later.pk != running.pk
    assert claim("another") is None
    assert finish(running)
    assert claimed().pk == later.pk


def test_the_most_urgent_due_job_goes_first() -> None:
    low = enqueue("backfill", track("a"), priority=Priority.LOW)
    high = enqueue("update", track("b"), priority=Priority.HIGH)
    normal = enqueue("update", track("c"))
    enqueue("update", track("d"), priority=Priority.HIGH)
    Job.objects.filter(repository__slug="d").update(due_at=Now() + timedelta(minutes=1))
    assert [claimed().pk for _ in range(3)] == [high.pk, normal.pk, low.pk]
    assert claim("tester") is None


def test_a_request_that_is_due_now_brings_a_delayed_job_forward() -> None:
    repository = track("one")
    later = timezone.now() + timedelta(hours=1)
    enqueue("update", repository, due_at=later)
    assert claim("tester") is None
    job = enqueue("update", repository)
    assert job.due_at <= timezone.now()
    assert enqueue("update", repository, due_at=later).due_at == job.due_at
    assert claimed().pk == job.pk


def test_of_equally_urgent_jobs_the_one_that_was_due_first_goes_first() -> None:
    jobs = [enqueue("update", track(f"r{number}")) for number in range(4)]
    for job, seconds in zip(jobs, (20, 30, 10, 20), strict=True):
        Job.objects.filter(pk=job.pk).update(due_at=Now() - timedelta(seconds=seconds))
    second, third = jobs[0].pk, jobs[3].pk
    Job.objects.filter(pk=third).update(due_at=Job.objects.get(pk=second).due_at)
    assert [claimed().pk for _ in jobs] == [jobs[1].pk, second, third, jobs[2].pk]


def test_only_the_attempt_with_the_lease_can_finish_a_job() -> None:
    enqueue("update", track("one"))
    late = claimed()
    expire(late)
    assert sweep() == 1
    make_due()
    current = claimed()
    assert (current.pk, current.attempts) == (late.pk, 2)
    assert not finish(late)
    assert not fail(late, "too late")
    assert not give_back(late)
    for verb in (JobRun(late).lock, lambda: JobRun(late).progress(1, 2)):
        with pytest.raises(LostJobError), transaction.atomic():
            verb()
    JobRun(current).progress(1, 2)
    with transaction.atomic():
        JobRun(current).lock()
    assert finish(current)
    late.refresh_from_db()
    assert (late.state, late.error, late.done_steps) == ("done", "", 1)


def test_a_job_that_fails_is_tried_later_each_time_and_buried_at_last() -> None:
    enqueue("update", track("one"))
    waits = []
    for _ in range(5):
        job = claimed()
        assert fail(job, "The disk is full")
        job.refresh_from_db()
        waits.append(job.due_at - job.started_at if job.started_at and job.state == "waiting" else None)
        make_due()
    assert [round(wait.total_seconds()) if wait else None for wait in waits] == [5, 15, 45, 135, None]
    assert (job.state, job.error, job.attempts) == ("buried", "The disk is full", 5)
    assert claim("tester") is None


def test_progress_renews_patience() -> None:
    enqueue("backfill", track("one"))
    for _ in range(12):
        job = claimed()
        JobRun(job).progress(job.done_steps + 1, 100)
        assert fail(job, "The machine was switched off")
        make_due()
    job.refresh_from_db()
    assert (job.state, job.done_steps) == ("waiting", 12)
    for _ in range(4):
        fail(claimed(), "This commit kills it")
        make_due()
    job.refresh_from_db()
    assert job.state == "buried"


def test_making_room_counts_for_nothing() -> None:
    enqueue("backfill", track("one"), priority=Priority.LOW)
    for _ in range(20):
        job = claimed()
        assert give_back(job)
    job.refresh_from_db()
    assert (job.state, job.error) == ("waiting", "")
    last = claimed()
    assert not JobRun(last).should_yield()
    enqueue("update", last.repository, priority=Priority.HIGH)
    assert JobRun(last).should_yield()


def test_an_attempt_that_was_given_back_is_not_one_of_those_that_may_fail() -> None:
    enqueue("backfill", track("one"))
    for _ in range(20):
        assert give_back(claimed())
    states = []
    for _ in range(5):
        job = claimed()
        fail(job, "This commit kills it")
        job.refresh_from_db()
        states.append(job.state)
        make_due()
    assert states == ["waiting"] * 4 + ["buried"]


def test_a_job_yields_only_to_a_more_urgent_one_that_is_due(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    repository = track("one")
    enqueue("backfill", repository)
    run = JobRun(claimed())
    enqueue("update", repository)
    assert not JobRun(run.job).should_yield(), "equally urgent"
    enqueue("patch", repository, priority=Priority.HIGH, due_at=timezone.now() + timedelta(hours=1))
    run.checked_at = 0.0
    assert not run.should_yield(), "not due yet"
    enqueue("patch", repository, priority=Priority.HIGH)
    run.checked_at = time.monotonic() + 60
    with django_assert_num_queries(0):
        assert not run.should_yield(), "it has just looked"
    run.checked_at = 0.0
    assert run.should_yield()


def test_old_jobs_that_are_over_are_deleted_and_failures_stay() -> None:
    states = ("done", "replaced", "buried")
    for state in states:
        for days in (89, 91):
            job = enqueue("update", track(f"{state}{days}"), key=f"{state} {days}")
            Job.objects.filter(pk=job.pk).update(state=state, finished_at=Now() - timedelta(days=days))
    sweep()
    left = sorted(Job.objects.values_list("key", flat=True))
    assert left == ["buried 89", "buried 91", "done 89", "replaced 89"]


def test_a_job_that_failed_beside_an_equal_waiting_one_joins_it() -> None:
    repository = track("one")
    enqueue("update", repository)
    for _ in range(4):
        fail(claimed(), "unreachable")
        make_due()
    running = claimed()
    Job.objects.filter(pk=running.pk).update(max_attempts=6)
    equal = enqueue("update", repository)
    assert fail(running, "unreachable.")
    running.refresh_from_db()
    equal.refresh_from_db()
    assert (running.state, equal.state, equal.attempts) == ("replaced", "waiting", 5)
    assert "identical job" in running.error


def test_a_sweeper_leaves_living_leases_alone_and_two_sweepers_act_once() -> None:
    enqueue("update", track("one"))
    job = claimed()
    assert sweep() == 0
    expire(job)
    assert [sweep(), sweep()] == [1, 0]
    job.refresh_from_db()
    assert job.state == "waiting"
    assert "without an error" in job.error


def test_an_exception_of_a_job_is_stored_in_its_row() -> None:
    def fall(turn: JobRun) -> bool:
        raise ValueError("no plan\0 at all")

    broken = enqueue("broken", track("one"))
    strange = enqueue("strange", track("two"))
    fine = enqueue("fine", track("three"))
    assert work({"broken": fall, "fine": lambda turn: True}, "tester") == 3
    for job in (broken, strange, fine):
        job.refresh_from_db()
    assert broken.error == "ValueError: no plan\ufffd at all"
    assert "'strange'" in strange.error
    assert (fine.state, fine.error) == ("done", "")


def test_a_failed_job_can_be_retried() -> None:
    job = enqueue("update", track("one"), detail={"a": 1})
    Job.objects.update(state="buried")
    job.refresh_from_db()
    again = run_again(job)
    assert (again.kind, again.detail, again.state, again.attempts) == ("update", {"a": 1}, "waiting", 0)
    assert again.pk != job.pk
    running = claimed()
    with pytest.raises(ValueError, match="is running"):
        run_again(running)


@pytest.mark.django_db(transaction=True)
def test_twenty_equal_requests_at_once_are_one_row() -> None:
    repository = track("one")
    in_parallel(20, lambda: enqueue("update", repository))
    assert Job.objects.get().merged == 19


@pytest.mark.django_db(transaction=True)
def test_workers_that_claim_at_once_never_share_a_job_or_a_repository() -> None:
    repositories = [track(f"r{number}") for number in range(6)]
    for number in range(60):
        enqueue("update", repositories[number % 6], key=str(number))
    done: list[int] = []
    together: list[int] = []

    def drain() -> None:
        idle = 0
        while idle < 40:
            job = claim("tester")
            if job is None:
                idle += 1
                continue
            idle = 0
            together.append(Job.objects.filter(state="running", repository=job.repository).count())
            done.append(job.pk)
            assert finish(job)

    in_parallel(8, drain)
    assert Counter(done) == dict.fromkeys(Job.objects.values_list("pk", flat=True), 1)
    assert set(together) == {1}


def in_parallel(number: int, verb: Callable[[], object]) -> None:
    """Call `verb` in so many threads at once; an error in one of them is raised here."""
    errors: list[BaseException] = []
    gate = threading.Barrier(number)

    def run() -> None:
        gate.wait()
        try:
            verb()
        except BaseException as error:  # noqa: BLE001  (handed to the test below)
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def test_only_failures_since_the_last_progress_are_told_as_failed_attempts() -> None:
    enqueue("backfill", track("one"))
    told = []

    def tell(job: Job) -> Job:
        job.refresh_from_db()
        told.append(failed_before(job))
        return job

    for _ in range(3):
        give_back(tell(claimed()))  # it made room for others
    for _ in range(2):
        job = tell(claimed())
        fail(job, "The disk is full")
        tell(job)
        make_due()
    job = tell(claimed())
    JobRun(job).progress(1, 100)
    give_back(tell(job))
    tell(job)
    for _ in range(5):
        job = claimed()
        fail(job, "This commit kills it")
        make_due()
    tell(job)
    assert told == [0, 0, 0, 0, 1, 1, 2, 2, 0, 0, 5]
    assert job.state == "buried"
