"""Limits of database sessions: each kind of process sets its own, and what they end is explained."""

import json
import threading
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models.functions import Now
from django.test import Client

from compliance.embedded.transport import LIMITS
from compliance.jobs import JobRun, enqueue, sweep
from compliance.jobs.queue import claim
from compliance.jobs.runner import take
from compliance.lib.database_limits import Process, job_session
from compliance.lib.locks import lock_records
from compliance.models import Job, Repository
from tests.processes import Start, kill, manage, wait

pytestmark = pytest.mark.slow

NAMES = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "application_name")
SHOW = "import {module}; from tests.jobs.probe import limits; print(limits())"


def track() -> Repository:
    return Repository.objects.create(slug="one", name="One", url="/srv/one.git", branch="main")


def claimed() -> Job:
    job = claim("tester")
    assert job is not None
    return job


def expected(process: Process) -> dict[str, str]:
    limits = settings.DATABASE_LIMITS[process]
    seconds = (limits.statement, limits.lock, limits.idle_in_transaction)
    values = dict(zip(NAMES, (str(1000 * value) for value in seconds), strict=False))
    return {**values, "application_name": f"ssot {process}"}


def another() -> "psycopg.Connection[tuple[object, ...]]":
    """Another session of the same database."""
    return psycopg.connect(**connection.get_connection_params(), autocommit=True)


@pytest.mark.parametrize(
    ("module", "process"),
    [("compliance.wsgi", Process.WEB), ("compliance.models", Process.COMMAND)],
)
def test_web_processes_and_commands_set_their_limits(
    process_environment: dict[str, str], module: str, process: Process
) -> None:
    done = manage(
        process_environment, "shell", "--no-imports", "--verbosity", "0", "-c", SHOW.format(module=module)
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == expected(process)


def test_workers_set_their_limits(process_environment: dict[str, str], start: Start, tmp_path: Path) -> None:
    enqueue("limits", track(), key="told", detail={"folder": str(tmp_path)})
    start(process_environment)
    told = tmp_path / "told.json"

    wait(told.exists)
    wait(told.read_text)

    job = Job.objects.get()
    name = job_session(job.pk, job.attempts)
    assert json.loads(told.read_text()) == {**expected(Process.WORKER), "application_name": name}


def test_beat_sets_its_limits(process_environment: dict[str, str], start: Start, tmp_path: Path) -> None:
    told = tmp_path / "beat.json"
    start({**process_environment, "PROBE_BEAT": str(told)}, "beat")

    wait(told.exists)
    wait(told.read_text)

    assert json.loads(told.read_text()) == expected(Process.BEAT)


def test_sessions_that_carry_messages_have_limits_too() -> None:
    assert set(NAMES[:3]) == set(LIMITS)


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_a_timeout_ends_is_explained_and_tried_again() -> None:
    def run_long(_: JobRun) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '20ms'")
            cursor.execute("SELECT pg_sleep(60)")
        return True

    job = enqueue("long", track())
    take(claimed(), {"long": run_long})
    connection.close()

    job.refresh_from_db()
    assert job.state == "waiting"
    assert "canceled a statement" in job.error
    assert "STATEMENT_TIMEOUT" in job.error


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_waits_too_long_for_a_lock_is_explained_and_tried_again() -> None:
    repository = track()
    job = enqueue("rename", repository)

    def rename(run: JobRun) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '20ms'")
        return bool(Repository.objects.filter(pk=run.repository.pk).update(name="new"))

    mine = claimed()
    with another() as other, other.transaction():
        other.execute("UPDATE compliance_repository SET name = 'held' WHERE id = %s", [repository.pk])
        take(mine, {"rename": rename})
    connection.close()

    job.refresh_from_db()
    assert (job.state, "LOCK_TIMEOUT" in job.error) == ("waiting", True)


@pytest.mark.django_db(transaction=True)
def test_after_the_lock_of_the_records_the_usual_limit_holds_again() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        usual = cursor.fetchone()
        lock_records(track().pk)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == usual


@pytest.mark.django_db(transaction=True)
def test_the_sessions_of_a_lost_attempt_are_ended() -> None:
    job = enqueue("update", track())
    lost = claimed()
    orphan = another()
    orphan.execute("SELECT set_config('application_name', %s, false)", [job_session(lost.pk, lost.attempts)])
    bystander = another()
    bystander.execute("SELECT set_config('application_name', %s, false)", [job_session(lost.pk, 2)])
    ended: list[str | None] = []

    def run() -> None:
        try:
            orphan.execute("SELECT pg_sleep(600)")
        except psycopg.Error as error:
            ended.append(error.sqlstate)

    thread = threading.Thread(target=run)
    thread.start()
    Job.objects.filter(pk=job.pk).update(lease_until=Now() - timedelta(seconds=1))

    assert sweep() == 1
    thread.join()
    assert ended == ["57P01"]
    assert bystander.execute("SELECT 1").fetchone() == (1,)
    bystander.close()


def test_a_killed_worker_leaves_no_statement_running(
    process_environment: dict[str, str], start: Start
) -> None:
    job = enqueue("asleep", track())
    worker = start({**process_environment, "PROBE_LEASE": "600"})
    name = job_session(job.pk, 1)
    wait(lambda: running(name))

    kill(worker)

    wait(lambda: not running(name))


def running(name: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s "
            "AND query LIKE '%%pg_sleep(600)%%'",
            [name],
        )
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/settings/password/", "/api/v1/repositories"])
def test_a_request_that_a_timeout_ends_says_so(address: str) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.create_superuser("ada"), "django.contrib.auth.backends.ModelBackend")
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '20ms'")
    with another() as other, other.transaction():
        other.execute("LOCK TABLE auth_user, compliance_repository IN ACCESS EXCLUSIVE MODE")
        answer = client.get(address)
    connection.close()

    assert answer.status_code == 503
    assert answer["Retry-After"] == "30"
    assert "LOCK_TIMEOUT" in answer.content.decode()
