"""`manage.py doctor` names the cause of whatever is wrong."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from compliance.management.diagnosis import Diagnosis, Level, describe
from compliance.management.doctor import examine
from compliance.models import Connection, Heartbeat, Job, OutboxItem, Repository, ScheduledTask
from tests.processes import ROOT, free_port


def run(environment: dict[str, str]) -> tuple[int, dict[str, list[str]]]:
    """The exit code, and the levels and messages by subject."""
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    found: dict[str, list[str]] = {}
    for row in json.loads(done.stdout):
        found.setdefault(row["subject"], []).append(f"{row['level']}: {row['message']} {row['fix']}")
    return done.returncode, found


def of(subject: str) -> list[Diagnosis]:
    return [diagnosis for diagnosis in examine() if diagnosis.subject == subject]


def test_a_database_and_a_broker_that_are_gone_are_named_together(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    port = free_port()
    gone = {"DATABASE_URL": f"postgresql://u@127.0.0.1:{port}/x", "BROKER_URL": f"redis://127.0.0.1:{port}/0"}
    code, found = run({**process_environment, **gone, "SECRET_KEY": "k" * 40})
    assert code == 1
    assert found["Database"][0].startswith("error: Postgres does not respond: ")
    assert "Check DATABASE_URL" in found["Database"][0]
    assert found["Broker"][0].startswith("error: It does not respond: ")
    assert "Check BROKER_URL" in found["Broker"][0]
    assert "Worker" not in found


@pytest.mark.django_db(transaction=True)
def test_a_wrong_key_is_named(process_environment: dict[str, str], tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        cwd=ROOT,
        env=process_environment,
        check=True,
        capture_output=True,
    )
    code, found = run({**process_environment, "SECRET_KEY": "another key " * 4})
    assert code == 1
    assert "is not the secret key of this installation" in found["Secret key"][0]


def test_a_folder_that_cannot_be_written_is_named(db: None, settings: LazySettings) -> None:
    settings.DATA_DIR = Path("/proc")  # nobody can write to it, not even root
    (found,) = of("Data folder")
    assert (found.level, found.message[:26]) == (Level.ERROR, "/proc cannot be written: N")
    assert "set DATA_DIR" in found.fix


def test_missing_and_newer_migrations_are_named(db: None) -> None:
    with connection.cursor() as cursor:
        newest = "(SELECT max(name) FROM django_migrations WHERE app = 'compliance')"
        cursor.execute(f"DELETE FROM django_migrations WHERE app = 'compliance' AND name = {newest}")
        cursor.execute("INSERT INTO django_migrations VALUES (DEFAULT, 'compliance', '9999_later', now())")
    messages = [found.message for found in of("Migrations")]
    assert messages[0] == "1 migration not applied."
    assert messages[1] == "The database was migrated by a newer release (up to 9999_later)."


def test_a_clock_that_differs_is_named(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert of("Clock") == []
    behind = timezone.now() - timedelta(hours=1)
    monkeypatch.setattr("compliance.jobs.clock.timezone.now", lambda: behind)
    (found,) = of("Clock")
    assert found.message.startswith("This machine's clock differs from that of Postgres by -36")


def test_what_the_records_tell(db: None) -> None:
    now = timezone.now()
    Heartbeat.objects.create(name="worker w", at=now)
    Heartbeat.objects.create(name="beat b", at=now - timedelta(hours=1))
    ScheduledTask.objects.create(name="sweep", sent_at=now - timedelta(hours=1), due_at=now)
    Job.objects.create(kind="patch", state="buried", error="Traceback\nKeyError: 'x'", finished_at=now)
    Job.objects.create(kind="patch", state="buried", error="old", finished_at=now - timedelta(days=2))
    for number in range(12):
        Repository.objects.create(
            slug=f"r{number:02}",
            name="R",
            url=f"https://h/{number}",
            trouble="No such host.",
            trouble_kind="unreachable",
        )
    Connection.objects.create(
        slug="hub",
        name="Hub",
        provider="github",
        api_url="https://h",
        last_failure="401",
        last_failure_at=now,
    )
    OutboxItem.objects.create(
        kind="notice", channel="slack", key="k", state="failed", outcome="404 Not Found"
    )

    found = list(examine())
    text = describe(found)

    said = {(diagnosis.level, diagnosis.subject, diagnosis.message) for diagnosis in found}
    assert (Level.OK, "Worker", "It works.") in said
    assert any(level == Level.ERROR and subject == "Beat" for level, subject, _ in said)
    last = "1 job of the kind patch failed within a day. The newest says: KeyError: 'x'"
    assert (Level.WARNING, "Jobs", last) in said
    troubled = [diagnosis.message for diagnosis in found if diagnosis.subject == "Repository"]
    assert troubled[0] == "r00: The repository cannot be reached. No such host."
    assert troubled[10] == "2 more repositories in trouble."
    assert (Level.WARNING, "Connection", "hub: the last call failed: 401") in said
    assert (Level.WARNING, "Outbox", "1 item could not be sent by slack: 404 Not Found") in said
    assert "To do: Start it: .venv/bin/python manage.py beat. Its log says why it ended.\n" in text
    assert text.endswith(" warnings.\n")
