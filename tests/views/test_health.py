"""Health, as a supervisor asks for it."""

import re
from datetime import timedelta
from pathlib import Path

from django.conf import LazySettings
from django.test import Client
from django.utils import timezone

from compliance.models import Heartbeat, Job


def test_a_process_that_answers_is_healthy(client: Client, db: None) -> None:
    assert client.get("/healthz").content == b"ok\n"


def test_ready_means_database_migrations_worker_and_queue(client: Client, db: None) -> None:
    Heartbeat.objects.create(name="sweep", at=timezone.now())

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "migrations": "ok", "worker": "ok", "queue": "ok"}


def test_a_worker_that_was_never_seen_is_not_ready(client: Client, db: None) -> None:
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "never seen" in answer.json()["worker"]


def test_a_silent_worker_is_not_ready(client: Client, db: None) -> None:
    Heartbeat.objects.create(name="sweep", at=timezone.now() - timedelta(minutes=10))

    assert re.search(r"no heartbeat for 60\d s", client.get("/readyz").json()["worker"])


def test_a_job_that_nobody_takes_is_not_ready(client: Client, db: None) -> None:
    Heartbeat.objects.create(name="sweep", at=timezone.now())
    Job.objects.create(kind="update", due_at=timezone.now() - timedelta(hours=1))

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert re.search(r"pending for 36[01]\d s", answer.json()["queue"])


def test_a_disk_with_little_space_is_not_ready(client: Client, db: None, settings: LazySettings) -> None:
    Heartbeat.objects.create(name="sweep", at=timezone.now())
    settings.DATA_DIR = Path("/proc")  # a file system without any space

    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["disk"]) == (503, "0 MB left for the data folder")


def test_a_data_folder_that_is_gone_is_not_ready(client: Client, db: None, settings: LazySettings) -> None:
    Heartbeat.objects.create(name="sweep", at=timezone.now())
    settings.DATA_DIR = Path("/nowhere")

    assert "No such file" in client.get("/readyz").json()["disk"]


def test_programs_that_watch_ask_by_the_machines_own_address(
    client: Client, db: None, settings: LazySettings
) -> None:
    settings.ALLOWED_HOSTS = ["tools.example.org"]
    Heartbeat.objects.create(name="sweep", at=timezone.now())
    for path in ("/livez", "/healthz", "/readyz", "/metrics"):
        for host in ("127.0.0.1:8000", "[::1]:8000", "tools.example.org"):
            assert client.get(path, headers={"Host": host}).status_code == 200, (path, host)
        assert client.post(path, headers={"Host": "127.0.0.1"}).status_code == 405
    assert client.get("/livez", headers={"Host": "10.244.0.17:8000"}).status_code == 200
    assert client.get("/sign-in/", headers={"Host": "127.0.0.1:8000"}).status_code == 400
