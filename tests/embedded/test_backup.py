"""An installation saved, and brought back in another one: every row of every table, and the key."""

import stat
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from compliance.embedded.paths import PostgresPaths
from compliance.embedded.postgres import Postgres, processes
from compliance.models import Repository
from tests.processes import manage
from tests.views.cast import world

pytestmark = pytest.mark.slow

TABLES = """SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
    WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1"""


def contents(url: str) -> dict[str, str]:
    """Table -> checksum of its rows."""
    with psycopg.connect(url) as connection:
        names = [name for (name,) in connection.execute(TABLES)]
        rows = "SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t"
        found = {}
        for name in names:
            query = sql.SQL(rows).format(sql.Identifier(*name.replace('"', "").split(".")))
            found[name] = (connection.execute(query).fetchone() or [""])[0]
        return found


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


def test_a_folder_that_is_no_backup_is_refused(here: dict[str, str], tmp_path: Path) -> None:
    told = manage(here, "restore", tmp_path)

    assert told.returncode == 1
    assert told.stderr.startswith(f"CommandError: {tmp_path} is not a backup: it has no database.dump.")
