"""`manage.py track` where something it needs is not there yet: a sentence, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from compliance.models import Job
from tests.processes import ROOT
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY

pytestmark = pytest.mark.slow

NOWHERE = "redis://127.0.0.1:1/0"


def track(folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", "track", str(folder)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "compliance.settings", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_history(tmp_path / "r.git", list(HISTORY))
    return tmp_path / "r.git"


def test_without_a_database_it_says_what_to_start(folder: Path) -> None:
    refused(track(folder, DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"), "cannot be reached")


@pytest.mark.django_db(transaction=True)
def test_in_an_empty_database_it_says_what_to_run(folder: Path, process_environment: dict[str, str]) -> None:
    ours = str(connection.settings_dict["NAME"])
    url = process_environment["DATABASE_URL"].replace(f"/{ours}", "/postgres")
    refused(track(folder, DATABASE_URL=url), "is not set up")


def refused(ran: "subprocess.CompletedProcess[str]", words: str) -> None:
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"CommandError: The database {words}"), ran.stderr
    assert "make up" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.django_db(transaction=True)
def test_without_a_broker_the_job_is_kept_and_says_so(
    folder: Path, process_environment: dict[str, str]
) -> None:
    ran = track(folder, **{**process_environment, "BROKER_URL": NOWHERE})
    assert ran.returncode == 0, ran.stderr
    assert "The job update is queued" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert Job.objects.get(kind="update").state == Job.State.WAITING
