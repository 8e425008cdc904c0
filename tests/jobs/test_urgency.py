"""Which job a worker takes, and for whom a running job makes room."""

import time
from datetime import timedelta

import pytest
from django.db.models import F
from django.db.models.functions import Now

from compliance.jobs import JobRun, Priority, claimable_queues, enqueue, runner, sweep
from compliance.jobs import queue as rows
from compliance.jobs.endings import give_back
from compliance.jobs.queue import claim
from compliance.jobs.runner import work
from compliance.lib.queues import EVERY, Queue
from compliance.models import Commit, Job, Repository

pytestmark = pytest.mark.django_db


def track(slug: str, *, recorded: bool = True) -> Repository:
    repository = Repository.objects.create(slug=slug, name=slug, url=f"/srv/{slug}.git", branch="main")
    if recorded:
        commit = Commit.objects.create(
            repository=repository, sha="1" * 40, position=1, authored_at=Now(), committed_at=Now()
        )
        repository.head = commit
        repository.save(update_fields=("head",))
    return repository


def claimed(*queues: str) -> Job:
    job = claim("tester", queues or EVERY)
    assert job is not None
    return job


def waited(job: Job, seconds: float) -> None:
    Job.objects.filter(pk=job.pk).update(due_at=Now() - timedelta(seconds=seconds))


def should_yield(run: JobRun) -> bool:
    run.checked_at = 0.0
    return run.should_yield()


def test_the_queue_depends_on_how_long_somebody_waits_and_on_the_cost() -> None:
    known, new = track("known"), track("new", recorded=False)
    assert enqueue("update", known).queue == Queue.URGENT
    assert enqueue("update", new).queue == Queue.SCANS
    assert enqueue("patch", known).queue == Queue.URGENT
    for kind in ("backfill", "preview", "upkeep", "something else"):
        assert enqueue(kind, known).queue == Queue.SCANS
    assert enqueue("letters", known).queue == Queue.OUTGOING


def test_a_merged_request_moves_a_job_only_if_it_is_as_urgent() -> None:
    known = track("known")
    push = enqueue("update", known, priority=Priority.HIGH)
    assert enqueue("update", known, priority=Priority.NORMAL, queue=Queue.SCANS).pk == push.pk
    push.refresh_from_db()
    assert push.queue == Queue.URGENT
    enqueue("update", known, priority=Priority.HIGH, queue=Queue.SCANS)
    push.refresh_from_db()
    assert push.queue == Queue.SCANS


def test_a_worker_takes_jobs_of_its_own_queues_only() -> None:
    scan = enqueue("backfill", track("a"), priority=Priority.HIGH)
    mail = enqueue("letters", track("b"), priority=Priority.LOW)
    assert claimable_queues() == [Queue.SCANS, Queue.OUTGOING]
    assert claim("tester", [Queue.URGENT, Queue.MAINTENANCE]) is None
    assert claimed(Queue.OUTGOING, Queue.URGENT).pk == mail.pk
    assert claimable_queues([Queue.OUTGOING]) == []
    assert claimed().pk == scan.pk


def test_a_job_makes_room_for_more_urgent_ones_of_other_repositories() -> None:
    enqueue("backfill", track("a"), priority=Priority.LOW)
    run = JobRun(claimed())
    push = enqueue("update", track("b"), priority=Priority.HIGH)
    assert not should_yield(run), "an idle worker takes it at once"
    waited(push, rows.YIELD_AFTER + 0.5)
    assert should_yield(run)
    assert not should_yield(JobRun(run.job, [Queue.SCANS])), "this worker couldn't take it"
    assert claimed().pk == push.pk
    assert not should_yield(run)


def test_a_push_of_the_same_repository_needs_room_whoever_takes_it() -> None:
    repository = track("a")
    enqueue("backfill", repository, priority=Priority.LOW)
    run = JobRun(claimed(Queue.SCANS), [Queue.SCANS])
    enqueue("update", repository, priority=Priority.HIGH)
    assert should_yield(run)


def test_equally_urgent_jobs_take_turns() -> None:
    for slug in "abc":
        enqueue("backfill", track(slug), priority=Priority.LOW)
    served = []
    for _ in range(6):
        run = JobRun(job := claimed())
        Job.objects.filter(state="waiting").update(due_at=F("due_at") - timedelta(seconds=2))
        assert not should_yield(run)
        run.began = time.monotonic() - runner.SLICE - 1
        assert should_yield(run)
        assert job.repository
        served.append(job.repository.slug)
        give_back(job)
    assert sorted(served[:3]) == ["a", "b", "c"]


def test_a_worker_that_reads_other_messages_stops_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(runner, "wake", sent.append)
    for number in range(3):
        enqueue("letters", track(f"r{number}"))

    def slow(run: JobRun) -> bool:
        run.began -= 10
        assert run.should_yield()
        return True

    assert work({"letters": slow}, "tester", limit=0.0) == 0
    assert sent == [Queue.OUTGOING], "the next message goes on"
    assert work({"letters": slow}, "tester", limit=5.0) == 3


def test_the_end_of_a_job_wakes_those_that_waited_for_its_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    repository = track("a")
    woken: list[str] = []

    def push(run: JobRun) -> bool:
        enqueue("update", repository, priority=Priority.HIGH)
        monkeypatch.setattr(runner, "wake_for", lambda kind, queue: woken.append(queue))
        return True

    enqueue("backfill", repository)
    assert work({"backfill": push}, "tester", [Queue.SCANS]) == 1
    assert woken == [Queue.URGENT]


def test_the_sweep_wakes_each_queue_with_due_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(rows, "wake", sent.append)
    enqueue("update", track("a"))
    enqueue("letters", track("b"))
    enqueue("letters", track("c"))
    sweep()
    assert sent == [Queue.URGENT, Queue.OUTGOING]


def test_locking_a_job_renews_its_lease() -> None:
    enqueue("update", track("a"))
    job = claimed()
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))
    JobRun(job).lock()
    assert sweep() == 0


def test_what_a_job_is_doing_is_shown_until_it_ends() -> None:
    enqueue("update", track("a"))
    job = claimed()
    run = JobRun(job)
    run.tell("receiving objects: 45%\0" + "x" * 500)
    job.refresh_from_db()
    assert job.doing.startswith("receiving objects: 45%\ufffdxxx")
    assert job.max_attempts == 5, "this is no progress"
    run.progress(1, 2)
    job.refresh_from_db()
    assert job.doing == ""
