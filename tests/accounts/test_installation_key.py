"""All machines of an installation use one secret key; a process with another one doesn't start."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection

from compliance.accounts.installation_key import encrypt_again, fingerprint, keep_fingerprint
from compliance.models import KeyFingerprint, PublicLink, Repository
from tests.processes import ROOT, WEB_WORKER, free_port, manage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

OTHER = "another key of more than thirty-two characters"
COUNT = "from compliance.models import Repository; print(Repository.objects.count(), 'repositories')"


@pytest.fixture
def machine(process_environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of a new machine that is given the database, but no key."""
    environment = {name: value for name, value in process_environment.items() if name != "SECRET_KEY"}
    return {**environment, "DATA_DIR": str(tmp_path / "machine")}


def repository(settings: LazySettings) -> Repository:
    return Repository.objects.create(slug="r", name="r", url="https://example.org/r", webhook_secret="hush")


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT webhook_secret FROM compliance_repository")
        return str(cursor.fetchone()[0])


def test_commands_of_a_machine_without_the_key_are_refused(
    machine: dict[str, str], settings: LazySettings
) -> None:
    told = manage(machine, "shell", "--no-imports", "-c", COUNT)
    assert told.returncode == 1
    assert "This machine has no secret key, so it can't use the database" in told.stderr
    path = Path(machine["DATA_DIR"]) / "secret_key"
    assert f"copy the file secret_key from the DATA_DIR of one of them to {path}" in told.stderr
    assert not path.exists()

    told = manage({**machine, "SECRET_KEY": OTHER}, "shell", "--no-imports", "-c", COUNT)
    assert "SECRET_KEY is not the secret key of this installation" in told.stderr

    path.write_text(settings.SECRET_KEY)
    told = manage(machine, "shell", "--no-imports", "-c", COUNT)
    assert told.stdout == "0 repositories\n", told.stderr


@pytest.mark.parametrize("command", ["worker", "beat", "web"])
def test_a_process_with_another_key_ends(machine: dict[str, str], command: str) -> None:
    celery = ["celery", "-A", "compliance", command]
    web = ["gunicorn", "compliance.asgi", "--bind", f"127.0.0.1:{free_port()}", *WEB_WORKER]
    done = subprocess.run(
        [sys.executable, "-m", *(web if command == "web" else celery)],
        cwd=ROOT,
        env={**machine, "SECRET_KEY": OTHER},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == (3 if command == "web" else 1), done.stderr
    assert "SECRET_KEY is not the secret key of this installation" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_first_migration_stores_a_new_key(machine: dict[str, str]) -> None:
    KeyFingerprint.objects.all().delete()
    done = manage(machine, "migrate", "--verbosity", "0")
    assert done.returncode == 0, done.stderr
    key = (Path(machine["DATA_DIR"]) / "secret_key").read_text()
    assert KeyFingerprint.objects.get().fingerprint == fingerprint(key)


def test_a_migration_with_a_key_that_opens_nothing_stores_none(
    machine: dict[str, str], settings: LazySettings
) -> None:
    repository(settings)
    KeyFingerprint.objects.all().delete()
    done = manage(machine, "migrate", "--verbosity", "0")
    assert done.returncode == 1
    assert "opens none of the secrets in the database" in done.stderr
    assert not KeyFingerprint.objects.exists()
    assert not (Path(machine["DATA_DIR"]) / "secret_key").exists()


def test_a_secret_that_no_key_opens_is_never_written_back(settings: LazySettings) -> None:
    repository(settings)
    before, key = stored(), settings.SECRET_KEY
    settings.SECRET_KEY = OTHER
    row = Repository.objects.get()
    assert row.webhook_secret == ""
    row.save()
    assert stored() == before
    settings.SECRET_KEY = key
    assert Repository.objects.get().webhook_secret == "hush"


def test_the_key_is_rotated_without_losing_a_secret(settings: LazySettings) -> None:
    made = repository(settings)
    PublicLink.objects.create(repository=made, key="shown once", digest="0" * 64)
    keep_fingerprint()
    former = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OTHER, [former]
    assert encrypt_again() == (2, 0)
    settings.SECRET_KEY_FALLBACKS = []
    assert Repository.objects.get().webhook_secret == "hush"
    assert PublicLink.objects.get().key == "shown once"
    assert KeyFingerprint.objects.get().fingerprint == fingerprint(OTHER)
