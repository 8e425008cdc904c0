"""Real workers that are killed, stopped, frozen and told nothing: no work is lost, none is done twice."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now

from compliance.jobs import queue, wakeups
from compliance.lib.queues import Queue
from compliance.models import Heartbeat, Job, Repository
from tests.processes import Start, kill, wait

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture(autouse=True)
def no_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Suppress the messages of this process, as if it had died between commit and message."""
    monkeypatch.setattr(queue, "wake", lambda _: None)


def add(kind: str, key: str, folder: Path, **detail: Any) -> Job:
    repository = Repository.objects.create(slug=key, name=key, url=f"/srv/{key}.git", branch="main")
    return queue.enqueue(kind, repository, key=key, detail={"folder": str(folder), **detail})


def notes(folder: Path, key: str) -> list[str]:
    path = folder / f"{key}.txt"
    return [line.split()[0] for line in path.read_text().splitlines()] if path.exists() else []


def state(job: Job) -> str:
    job.refresh_from_db()
    return job.state


def test_jobs_without_a_wake_up_are_run_once(broker: dict[str, str], start: Start, tmp_path: Path) -> None:
    many = [add("quick", f"q{number}", tmp_path) for number in range(20)]
    start(broker)
    start(broker, "beat")
    wait(lambda: not Job.objects.exclude(state="done").exists())
    assert all(notes(tmp_path, job.key) == ["done"] for job in many)


def test_two_schedulers_and_two_workers_run_each_job_once(
    broker: dict[str, str], start: Start, tmp_path: Path
) -> None:
    many = [add("long", f"q{number}", tmp_path, steps=3) for number in range(10)]
    for command in ("worker", "worker", "beat", "beat"):
        start(broker, command)
    wait(lambda: not Job.objects.exclude(state="done").exists(), 40)
    assert all(notes(tmp_path, job.key) == ["began", "done"] for job in many)


def test_a_job_whose_worker_group_was_killed_goes_on_where_it_was(
    broker: dict[str, str], start: Start, tmp_path: Path
) -> None:
    job = add("long", "a", tmp_path, steps=40)
    first = start(broker)
    start(broker, "beat")
    wait(lambda: Job.objects.get().done_steps > 10)
    kill(first)
    start(broker)
    wait(lambda: state(job) == "waiting")
    assert "without an error" in job.error
    reached = job.done_steps
    assert 10 < reached < 40
    wait(lambda: state(job) == "done")
    assert notes(tmp_path, "a") == ["began", "began", "done"]
    assert (job.attempts, job.done_steps) == (2, 40)


def test_a_job_that_kills_its_worker_fails_and_the_others_run(
    broker: dict[str, str], start: Start, tmp_path: Path
) -> None:
    deadly = add("deadly", "d", tmp_path)
    Job.objects.update(max_attempts=2)
    others = [add("quick", f"q{number}", tmp_path) for number in range(5)]
    start(broker)
    start(broker, "beat")
    wait(lambda: all(state(job) == "done" for job in others))
    wait(lambda: state(deadly) == "waiting")
    Job.objects.filter(state="waiting").update(due_at=Now())
    wait(lambda: state(deadly) == "buried", 40)
    assert notes(tmp_path, "d") == ["began", "began"]
    assert "without an error" in deadly.error


def test_a_worker_that_receives_sigterm_releases_its_job(
    broker: dict[str, str], start: Start, tmp_path: Path
) -> None:
    job = add("long", "a", tmp_path, steps=600)
    worker = start(broker)
    start(broker, "beat")
    wait(lambda: Job.objects.get().done_steps > 3)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(15) == 0
    assert state(job) == "waiting"
    assert (job.error, notes(tmp_path, "a")) == ("", ["began", "room"])
    assert job.done_steps < 600


def test_a_worker_with_an_expired_lease_writes_nothing(
    broker: dict[str, str], start: Start, tmp_path: Path
) -> None:
    job = add("long", "a", tmp_path, steps=50)
    sleeper = start(broker)
    start(broker, "beat")
    wait(lambda: Job.objects.get().done_steps > 3)
    kill(sleeper, signal.SIGSTOP)
    start(broker)
    wait(lambda: state(job) == "waiting")
    wait(lambda: state(job) == "running", 40)
    kill(sleeper, signal.SIGCONT)
    wait(lambda: state(job) == "done")
    assert notes(tmp_path, "a") == ["began", "began", "done"]
    assert (job.attempts, job.done_steps) == (2, 50)


def children(parent: int) -> list[int]:
    """The worker processes of a worker's parent."""
    task = Path(f"/proc/{parent}/task/{parent}/children")
    return [int(word) for word in task.read_text().split()]


def test_an_idle_process_that_is_killed_or_frozen_stops_no_work(
    broker: dict[str, str], start: Start, tmp_path: Path
) -> None:
    worker = start(broker)
    start(broker, "beat")
    wait(lambda: Heartbeat.objects.filter(state="idle").count() == 2)
    before = children(worker.pid)
    os.kill(before[0], signal.SIGKILL)
    os.kill(before[1], signal.SIGSTOP)
    many = [add("quick", f"q{number}", tmp_path) for number in range(10)]
    wait(lambda: not Job.objects.exclude(state="done").exists(), 60)
    assert all(notes(tmp_path, job.key) == ["done"] for job in many)
    wait(lambda: len(set(children(worker.pid)) - set(before)) == 2, 60)  # after half a minute of silence
    worker.send_signal(signal.SIGTERM)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in before)


def test_a_task_beyond_its_time_limit_is_ended_by_the_kernel(
    broker: dict[str, str], start: Start, tmp_path: Path
) -> None:
    stuck = add("stuck", "s", tmp_path)
    Job.objects.update(max_attempts=1)
    other = add("quick", "q", tmp_path)
    start({**broker, "PROBE_TIME_LIMIT": "4"})
    start(broker, "beat")
    wait(lambda: state(stuck) == "buried", 60)
    assert "without an error" in stuck.error
    wait(lambda: state(other) == "done")


def test_a_task_beyond_its_soft_limit_says_so(broker: dict[str, str], start: Start, tmp_path: Path) -> None:
    job = add("sleepy", "s", tmp_path)
    Job.objects.update(max_attempts=1)
    start({**broker, "PROBE_TIME_LIMIT": "40", "PROBE_SOFT_LIMIT": "2"})
    start(broker, "beat")
    wait(lambda: state(job) == "buried", 60)
    assert "SoftTimeLimitExceeded" in job.error
    assert job.attempts == 1


def test_work_goes_on_without_beat_and_messages(broker: dict[str, str], start: Start, tmp_path: Path) -> None:
    start(broker)
    wait(lambda: Heartbeat.objects.filter(state="idle").exists())
    job = add("quick", "q", tmp_path)
    wait(lambda: state(job) == "done", 40)


def test_messages_are_not_awaited_with_the_clock_of_postgres(
    process_environment: dict[str, str], start: Start, tmp_path: Path
) -> None:
    """After the clock was set back, `pg_sleep` would end only once it has caught up, and hold its locks."""
    environment = {name: value for name, value in process_environment.items() if name != "BROKER_URL"}
    waiting = "SELECT oid::regprocedure FROM pg_proc WHERE prosrc LIKE '%pg_sleep%' AND pronamespace = "
    with connection.cursor() as cursor:
        cursor.execute(waiting + "to_regnamespace('pgmq')")
        functions = [(name, name.partition("(")[0]) for (name,) in cursor.fetchall()]
        assert functions
        try:
            for signature, name in functions:
                cursor.execute(f"ALTER FUNCTION {signature} RENAME TO {name.partition('.')[2]}_away")
            worker = start(environment)
            wait(lambda: Heartbeat.objects.filter(state="idle").exists())
            job = add("quick", "q", tmp_path)
            wakeups.send(Queue.SCANS)
            wait(lambda: state(job) == "done")
            cursor.execute("SELECT count(*) FROM pgmq.q_scans WHERE vt <= clock_timestamp()")
            assert cursor.fetchone() == (0,)
            kill(worker)
        finally:
            for signature, name in functions:
                away = signature.replace(name, f"{name}_away", 1)
                cursor.execute(f"ALTER FUNCTION {away} RENAME TO {name.partition('.')[2]}")
