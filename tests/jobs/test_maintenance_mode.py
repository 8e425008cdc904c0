"""In maintenance mode, jobs and periodic tasks wait. What Postgres and the file say is brought in line."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from compliance import tasks
from compliance.jobs import JobRun, enqueue, maintenance_mode
from compliance.jobs.maintenance_mode import Maintenance
from compliance.jobs.queue import claim, claimable_queues, is_any_claimable
from compliance.models import Heartbeat, Job, MaintenanceMode, Repository, ScheduledTask
from tests.jobs.beats import Beat

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: LazySettings) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


@contextmanager
def without_postgres() -> Iterator[None]:
    """Let every statement fail as if Postgres were stopped."""

    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("connection refused")

    with connection.execute_wrapper(refuse):
        yield


def run(*words: str) -> str:
    out = StringIO()
    call_command("maintenance", *words, stdout=out)
    return out.getvalue()


def test_no_job_is_claimed_and_a_running_one_makes_room() -> None:
    first = Repository.objects.create(slug="a", name="a", url="/a")
    second = Repository.objects.create(slug="b", name="b", url="/b")
    enqueue("update", first)
    running = claim("w")
    assert running
    enqueue("update", second)
    assert is_any_claimable()
    assert not JobRun(running).should_yield()

    run("on")

    assert JobRun(running).should_yield()
    assert claim("w") is None
    assert not is_any_claimable()
    assert claimable_queues() == []
    assert f"Still running: job {running.pk}, update of a, on w\n" in run("status")

    assert run("off") == "Maintenance mode is off.\n"
    found = claim("w")
    assert found
    assert found.repository == second


def test_on_waits_for_running_jobs_and_names_those_that_still_run() -> None:
    Job.objects.create(
        kind="update", state="running", worker="w", lease_until=timezone.now() + timedelta(minutes=1)
    )
    with pytest.raises(CommandError, match=r"1 job is still running after 0 s:\n  job \d+, update, on w"):
        run("on", "--wait", "0")
    Job.objects.update(state="done")
    assert run("on", "--wait", "0").endswith("No job is running.\n")


def test_beat_sends_nothing_and_a_message_that_arrives_does_nothing() -> None:
    beat = Beat()
    run("on")
    beat.tick()
    assert beat.sent == []
    assert Heartbeat.objects.filter(name__startswith="beat ").exists()
    tasks.sweep()
    assert not Heartbeat.objects.filter(name="sweep").exists()

    run("off")
    beat.tick()
    assert sorted(beat.sent) == ["poll", "sweep"]
    tasks.sweep()
    assert Heartbeat.objects.filter(name="sweep").exists()


def test_jobs_that_wait_and_tasks_that_are_not_sent_are_no_problem(client: Client) -> None:
    hour = timezone.now() - timedelta(hours=1)
    Heartbeat.objects.create(name="worker w", at=timezone.now())
    Job.objects.create(kind="update", due_at=hour)
    ScheduledTask.objects.create(name="sweep", sent_at=hour, due_at=hour)
    assert set(client.get("/readyz").json()) == {"database", "migrations", "worker", "queue", "beat"}
    run("on")
    assert client.get("/readyz").json() == dict.fromkeys(("database", "migrations", "worker", "queue"), "ok")


def test_the_message_and_the_end_can_be_changed() -> None:
    run("on", "--message", "The disk is replaced.", "--until", "2100-01-01T18:30")
    began = MaintenanceMode.objects.get().began_at
    text = run("status")
    assert "Announced end: 2100-01-01 18:30 UTC.\nMessage: The disk is replaced.\n" in text
    run("on", "--message", "Nearly done.")
    found = json.loads(run("status", "--json"))
    assert (found["on"], found["message"], found["until"]) == (True, "Nearly done.", None)
    assert MaintenanceMode.objects.get().began_at == began


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--until", "tomorrow"), "“tomorrow” is not a time; write HH:MM"),
        (("--until", "2001-01-01T10:00"), "“2001-01-01T10:00” is in the past"),
        (("--until", "25:00"), "“25:00” is not a time"),
        (("--message", "x" * 1001), "has 1001 characters"),
        (("--wait", "long"), "invalid int value"),
    ],
)
def test_an_invalid_value_is_refused(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        run("on", *words)
    assert not MaintenanceMode.objects.exists()


def test_a_time_of_day_is_the_next_one() -> None:
    for delta in (timedelta(minutes=-2), timedelta(minutes=2)):
        wanted = timezone.now() + delta
        run("on", "--until", wanted.strftime("%H:%M"))
        until = MaintenanceMode.objects.get().until
        assert until
        assert timezone.now() < until < timezone.now() + timedelta(days=1)


def test_off_says_if_it_was_not_on() -> None:
    assert run("off") == "Maintenance mode was not on.\n"
    assert run("status") == "Maintenance mode is off.\n"


def test_without_postgres_the_copy_in_the_file_counts(folder: Path) -> None:
    run("on", "--message", "Moving.")
    known = maintenance_mode.find()
    assert known
    with without_postgres():
        assert maintenance_mode.find() == known
        assert "Message: Moving." in run("status")
        with pytest.raises(CommandError, match="nothing was changed"):
            run("off")
    assert (folder / "maintenance.json").exists()
    assert MaintenanceMode.objects.exists()


def test_what_was_switched_on_without_postgres_is_recorded_later() -> None:
    with without_postgres():
        assert "for this machine only" in run("on", "--message", "Broken.")
        assert "known to this machine only" in run("status")
        found = maintenance_mode.refresh()
        assert found
        assert not found.is_recorded
    assert maintenance_mode.refresh() == replace(found, is_recorded=True)
    assert MaintenanceMode.objects.get().message == "Broken."


def test_what_only_this_machine_knows_ends_without_postgres() -> None:
    with without_postgres():
        run("on")
        assert run("off") == "Maintenance mode is off.\n"
        assert maintenance_mode.refresh() is None
    assert maintenance_mode.refresh() is None


def test_a_file_that_only_this_machine_knows_is_recorded_and_then_ends_with_the_row(folder: Path) -> None:
    began = timezone.now() - timedelta(hours=3)
    maintenance_mode._write(Maintenance(began, None, "Broken.", is_recorded=False))
    found = maintenance_mode.find()
    assert found
    assert not MaintenanceMode.objects.exists(), "looking changes nothing"

    found = maintenance_mode.refresh()

    row = MaintenanceMode.objects.get()
    assert (row.began_at, row.message) == (began, "Broken.")
    assert found == Maintenance(began, None, "Broken.")
    MaintenanceMode.objects.all().delete()  # another machine switched it off
    assert maintenance_mode.refresh() is None
    assert not (folder / "maintenance.json").exists()


def test_a_process_that_read_the_file_earlier_does_not_switch_it_on_again(folder: Path) -> None:
    with without_postgres():
        run("on")
    looks = []

    def look(execute: Callable[..., object], *arguments: object) -> object:
        result = execute(*arguments)
        looks.append(result)
        if len(looks) == 1:
            maintenance_mode.refresh()  # another process records it
            MaintenanceMode.objects.all().delete()  # another machine switches it off
        return result

    with connection.execute_wrapper(look):
        maintenance_mode.refresh()
    assert not MaintenanceMode.objects.exists()
    assert maintenance_mode.refresh() is None
    assert not (folder / "maintenance.json").exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"began_at": 5}', '{"began_at": "2026-01-01"}'])
def test_a_file_that_cannot_be_understood_still_closes_the_pages(folder: Path, text: str) -> None:
    (folder / "maintenance.json").write_text(text)
    found = maintenance_mode.find()
    assert found
    assert found.seconds(timezone.now()) < 3600


def test_a_folder_that_cannot_be_written_disturbs_nobody(settings: LazySettings) -> None:
    settings.DATA_DIR = Path("/proc")
    assert "Maintenance mode is on. All pages" in run("on")
    assert maintenance_mode.refresh() is not None
    with without_postgres(), pytest.raises(CommandError, match="data folder cannot be written"):
        run("on")


def test_how_long_it_lasts_and_when_to_ask_again() -> None:
    now = timezone.now()
    found = Maintenance(now - timedelta(hours=3))
    assert (found.seconds(now), found.seconds_overdue(now), found.retry_after(now)) == (10_800, 3600, 120)
    found = Maintenance(now - timedelta(hours=3), now + timedelta(minutes=10))
    assert (found.seconds_overdue(now), found.retry_after(now)) == (0, 600)
    found = Maintenance(now, now + timedelta(days=1))
    assert found.retry_after(now) == 3600
    found = Maintenance(now - timedelta(hours=1), now - timedelta(minutes=1))
    assert (found.seconds_overdue(now), found.retry_after(now)) == (60, 30)
