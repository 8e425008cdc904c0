"""Real workers with several queues: urgent work finds a process, and periodic tasks never starve."""

from pathlib import Path
from typing import Any

import pytest
from django.db.models import Min
from django.utils import timezone

from compliance.jobs import Priority, enqueue
from compliance.lib.queues import Queue
from compliance.models import Heartbeat, Job, Repository
from tests.processes import Start, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def add(kind: str, key: str, folder: Path, queue: Queue, priority: Priority, **detail: Any) -> Job:
    repository = Repository.objects.create(
        slug=key, name=key, url=f"/srv/{key}.git", branch="main", poll=False
    )
    values = {"folder": str(folder), **detail}
    return enqueue(kind, repository, key=key, detail=values, queue=queue, priority=priority)


def add_histories(folder: Path, number: int) -> list[Job]:
    return [
        add("long", f"history{n}", folder, Queue.SCANS, Priority.LOW, steps=100_000) for n in range(number)
    ]


def is_done(job: Job) -> bool:
    job.refresh_from_db()
    return job.state == "done"


def notes(folder: Path, key: str) -> list[str]:
    path = folder / f"{key}.txt"
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


def test_a_push_is_recorded_while_every_process_records_history(
    broker: dict[str, str], start: Start, tmp_path: Path
) -> None:
    """Both processes read both queues, so one of the histories has to make room."""
    add_histories(tmp_path, 2)
    start(broker, options=("--concurrency", "2", "-Q", "urgent,scans"))
    wait(lambda: Job.objects.filter(state="running").count() == 2)

    push = add("quick", "push", tmp_path, Queue.URGENT, Priority.HIGH)
    wait(lambda: is_done(push))

    assert "room" in notes(tmp_path, "history0") + notes(tmp_path, "history1")
    wait(lambda: Job.objects.filter(state="running").count() == 2)
    assert not Job.objects.exclude(pk=push.pk).exclude(error="").exists()


def test_one_process_of_a_worker_is_kept_for_short_work(
    broker: dict[str, str], start: Start, tmp_path: Path
) -> None:
    histories = add_histories(tmp_path, 3)
    start(broker)
    start(broker, "beat")
    wait(lambda: Job.objects.filter(state="running").exists())

    push = add("quick", "push", tmp_path, Queue.URGENT, Priority.HIGH)
    wait(lambda: is_done(push))

    since = timezone.now()
    wait(lambda: Heartbeat.objects.filter(name="sweep", at__gt=since).exists())
    wait(lambda: all(notes(tmp_path, job.key) for job in histories), 60)
    assert Job.objects.filter(state="running").count() <= 1, "the other process takes no history"


def test_a_single_process_runs_periodic_tasks_between_its_jobs(
    broker: dict[str, str], start: Start, tmp_path: Path
) -> None:
    add_histories(tmp_path, 1)
    start(broker, options=("--concurrency", "1"))
    start(broker, "beat")
    wait(lambda: Job.objects.filter(done_steps__gt=10).exists())

    since = timezone.now()
    wait(lambda: Heartbeat.objects.filter(name="sweep", at__gt=since).exists())
    wait(lambda: "room" in notes(tmp_path, "history0"))
    reached = Job.objects.aggregate(least=Min("done_steps"))["least"]
    wait(lambda: Job.objects.filter(done_steps__gt=reached, state="running").exists())


def test_a_worker_of_some_queues_leaves_the_others_alone(
    broker: dict[str, str], start: Start, tmp_path: Path
) -> None:
    scan = add("quick", "scan", tmp_path, Queue.SCANS, Priority.HIGH)
    push = add("quick", "push", tmp_path, Queue.URGENT, Priority.LOW)
    start(broker, options=("--concurrency", "1", "-Q", "urgent,maintenance"))
    wait(lambda: is_done(push))
    scan.refresh_from_db()
    assert (scan.state, scan.attempts) == ("waiting", 0)
    start(broker, options=("--concurrency", "1", "-Q", "scans"))
    wait(lambda: is_done(scan))
