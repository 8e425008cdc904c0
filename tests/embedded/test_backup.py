"""An installation saved, and brought back in another one: every row of every table, and the key."""

import io
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError

from compliance.embedded.paths import PostgresPaths
from compliance.embedded.postgres import Postgres
from compliance.embedded.programs import find_programs
from compliance.embedded.server_processes import processes
from compliance.management import database_programs
from compliance.management.restore import pass_on
from compliance.models import Repository
from tests.embedded.conftest import wait_until
from tests.embedded.contents import contents
from tests.processes import ROOT, manage
from tests.views.cast import world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def here(process_environment: dict[str, str]) -> dict[str, str]:
    return {key: process_environment[key] for key in ("DATABASE_URL", "DATA_DIR")} | {
        "SECRET_KEY": settings.SECRET_KEY
    }


def test_a_backup_is_restored_in_another_installation(
    here: dict[str, str], paths: PostgresPaths, tmp_path: Path
) -> None:
    world()
    Repository.objects.update(webhook_secret="only the key opens it")
    folder = tmp_path / "saved"
    saved = manage(here, "backup", folder)
    assert saved.returncode == 0, saved.stderr
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    there = {"DATA_DIR": str(tmp_path / "var")}
    restored = manage(there, "restore", folder)
    assert restored.returncode == 0, restored.stderr
    assert not processes(paths.data), "the server that restore started runs on"

    asked = (
        "from compliance.models import Repository; print(Repository.objects.get().webhook_secret)",
        "from django.core.management import call_command; call_command('migrate', check_unapplied=True)",
    )
    server = Postgres(paths, tmp_path / "postgres.log", durable=False)
    server.start()
    try:
        assert contents(paths.url) == contents(here["DATABASE_URL"])
        told = manage(there, "shell", "--no-imports", "-c", "\n".join(asked))
        again = manage(there, "restore", folder)
    finally:
        server.stop()
    assert told.stdout.splitlines()[0] == "only the key opens it", told.stderr
    assert told.returncode == 0, told.stderr
    assert again.returncode == 1
    assert "The database already has tables, and nothing is overwritten" in again.stderr


def test_a_backup_is_never_overwritten(here: dict[str, str], tmp_path: Path) -> None:
    told = manage(here, "backup", tmp_path)

    assert told.returncode == 1
    assert told.stderr == f"CommandError: {tmp_path} already exists. Give the path of a new folder; " + (
        "a backup is never overwritten.\n"
    )


def test_a_database_that_is_away_leaves_no_half_backup(tmp_path: Path) -> None:
    away = {"DATABASE_URL": "postgresql://127.0.0.1:1/none", "DATA_DIR": str(tmp_path / "var")}
    told = manage(away, "backup", tmp_path / "saved")

    assert told.returncode == 1
    assert "The database cannot be reached" in told.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["var"]


def test_a_folder_without_a_backup_is_rejected(here: dict[str, str], tmp_path: Path) -> None:
    told = manage(here, "restore", tmp_path)

    assert told.returncode == 1
    assert told.stderr.startswith(f"CommandError: {tmp_path} is not a backup: it has no database.dump.")


def test_settings_that_a_server_lacks_are_left_out() -> None:
    head = b"-- a dump\nSET statement_timeout = 0;\nSET transaction_timeout = 0;\nSET of_2030 = 'x;y';\n"
    rest = b"SELECT pg_catalog.set_config('search_path', '', false);\n"
    copied = io.BytesIO()
    pass_on(io.BytesIO(head + rest), copied, {b"statement_timeout"})
    assert copied.getvalue() == b"-- a dump\nSET statement_timeout = 0;\n" + rest


@pytest.mark.parametrize("described", [True, False])
def test_a_damaged_dump_restores_nothing(
    here: dict[str, str], server: Postgres, tmp_path: Path, described: bool
) -> None:
    """Backups of earlier releases have no description, so damage is only found while they are restored."""
    world()
    folder = tmp_path / "saved"
    assert manage(here, "backup", folder).returncode == 0
    dump = folder / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-2000])
    if not described:
        (folder / "backup.json").unlink()
    there = {**here, "DATABASE_URL": server.paths.url, "DATA_DIR": str(tmp_path / "there")}
    restored = manage(there, "restore", folder)
    assert restored.returncode == 1
    assert ("is damaged" if described else "nothing was saved") in restored.stderr
    assert contents(server.paths.url) == {}


def test_secrets_that_could_not_be_read_are_refused_before_anything_is_written(
    here: dict[str, str], server: Postgres, tmp_path: Path
) -> None:
    folder = tmp_path / "saved"
    assert manage(here, "backup", folder).returncode == 0
    there = {**here, "DATABASE_URL": server.paths.url, "DATA_DIR": str(tmp_path / "there")}
    other = manage({**there, "SECRET_KEY": "another key " * 5}, "restore", folder)
    assert "SECRET_KEY differs from the key of the backup" in other.stderr
    key = (folder / "secret_key").read_text()
    (folder / "secret_key").write_text("that of another backup " * 3)
    assert "is not the secret key of this backup" in manage(there, "restore", folder).stderr
    (folder / "secret_key").unlink()
    keyless = {name: value for name, value in there.items() if name != "SECRET_KEY"}
    assert f"{folder / 'secret_key'} is missing" in manage(keyless, "restore", folder).stderr
    assert contents(server.paths.url) == {}
    assert there["SECRET_KEY"] == key
    assert manage(there, "restore", folder).returncode == 0, "the key is known, so the file isn't needed"


def test_a_backup_while_others_write_is_of_one_moment(
    here: dict[str, str], server: Postgres, tmp_path: Path
) -> None:
    """Two tables always have the same number of rows, and so have they in the backup."""
    count = "SELECT (SELECT count(*) FROM one), (SELECT count(*) FROM zwei)"
    stop = threading.Event()
    with psycopg.connect(here["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE TABLE one (n int); CREATE TABLE zwei (n int)")

    def write() -> None:
        with psycopg.connect(here["DATABASE_URL"]) as connection:
            while not stop.is_set():
                connection.execute("INSERT INTO one VALUES (1)")
                connection.execute("INSERT INTO zwei VALUES (1)")
                connection.commit()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        saved = manage(here, "backup", tmp_path / "saved")
    finally:
        stop.set()
        writer.join()
        with psycopg.connect(here["DATABASE_URL"], autocommit=True) as connection:
            last = connection.execute(count).fetchone()
            connection.execute("DROP TABLE one, zwei")
    assert saved.returncode == 0, saved.stderr
    there = {**here, "DATABASE_URL": server.paths.url, "DATA_DIR": str(tmp_path / "there")}
    assert manage(there, "restore", tmp_path / "saved").returncode == 0
    with psycopg.connect(server.paths.url) as connection:
        found = connection.execute(count).fetchone()
    assert found is not None
    assert last is not None
    assert found[0] == found[1]
    assert 0 < found[0] < last[0]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_restore_that_is_ended_leaves_nothing(
    here: dict[str, str], server: Postgres, tmp_path: Path, number: signal.Signals
) -> None:
    assert manage(here, "backup", tmp_path / "saved").returncode == 0
    there = {**here, "DATABASE_URL": server.paths.url, "DATA_DIR": str(tmp_path / "there")}
    restoring = begin(there, "restore", tmp_path / "saved")
    with server.connect("postgres") as connection:
        sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'psql'"
        at_work = f"{sessions} AND backend_xid IS NOT NULL"
        assert wait_until(lambda: (connection.execute(at_work).fetchone() or [0])[0] == 1, 60)
        restoring.send_signal(number)
        said = restoring.communicate()[0]
        assert wait_until(lambda: (connection.execute(sessions).fetchone() or [1])[0] == 0)
    assert restoring.returncode == (1 if number == signal.SIGTERM else -number)
    assert ("nothing was restored" in said) == (number == signal.SIGTERM)
    assert contents(server.paths.url) == {}
    again = manage(there, "restore", tmp_path / "saved")
    assert again.returncode == 0, again.stderr
    assert contents(server.paths.url) == contents(here["DATABASE_URL"])


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_backup_that_is_ended_leaves_nothing(
    here: dict[str, str], tmp_path: Path, number: signal.Signals
) -> None:
    """pg_dump waits for a lock when the command is ended, and ends with it."""
    folder = tmp_path / "saved"
    with psycopg.connect(here["DATABASE_URL"]) as connection:
        connection.execute("LOCK TABLE compliance_repository")
        saving = begin(here, "backup", folder)
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pg_dump'"
            " AND wait_event_type = 'Lock' AND datname = current_database()"
        )
        with psycopg.connect(here["DATABASE_URL"], autocommit=True) as other:
            assert wait_until(lambda: (other.execute(waiting).fetchone() or [0])[0] == 1, 60)
            saving.send_signal(number)
            saving.communicate()
            assert wait_until(lambda: (other.execute(waiting).fetchone() or [1])[0] == 0)
    assert not folder.exists()
    assert manage(here, "backup", folder).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["saved"]


def test_a_server_that_is_newer_than_the_programs_is_refused(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    (older,) = [programs for programs in find_programs() if programs.major == 16]
    monkeypatch.setattr(database_programs, "newest_programs", lambda: older)
    with pytest.raises(CommandError, match="Install the programs of Postgres 18 on this machine"):
        database_programs.client_programs()


def begin(environment: dict[str, str], *words: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "manage.py", *map(str, words)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_store_every_text_is_refused(
    here: dict[str, str], server: Postgres, tmp_path: Path, encoding: str
) -> None:
    create = f"CREATE DATABASE other ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"
    with psycopg.connect(server.paths.url, autocommit=True) as connection:
        connection.execute(create.encode())
        url = server.paths.url.replace(f"@/{connection.info.dbname}", "@/other", 1)
    told = manage({**here, "DATABASE_URL": url}, "migrate")
    assert told.returncode == 1
    assert f"The database has the encoding {encoding}" in told.stderr
    assert contents(url) == {}
    folder = tmp_path / "saved"
    assert manage(here, "backup", folder).returncode == 0
    told = manage({**here, "DATABASE_URL": url}, "restore", folder)
    assert told.returncode == 1
    assert f"The database has the encoding {encoding}" in told.stderr
    assert contents(url) == {}
