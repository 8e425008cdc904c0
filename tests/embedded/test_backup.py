"""An installation saved, and brought back in another one: every row of every table, and the key."""

import io
import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from compliance.embedded.paths import PostgresPaths
from compliance.embedded.postgres import Postgres, processes
from compliance.management.backup import pass_on
from compliance.models import Repository
from tests.embedded.conftest import wait_until
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


def test_a_folder_without_a_backup_is_rejected(here: dict[str, str], tmp_path: Path) -> None:
    told = manage(here, "restore", tmp_path)

    assert told.returncode == 1
    assert told.stderr.startswith(f"CommandError: {tmp_path} is not a backup: it has no database.dump.")


DEBIAN = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture(params=["16", *(["15"] if DEBIAN.is_dir() else [])])
def older(request: pytest.FixtureRequest, paths: PostgresPaths, tmp_path: Path) -> Iterator[str]:
    """The URL of a database in Postgres 16, whose programs come with the same package, or in Debian's 15."""
    known = Postgres(paths, tmp_path / "postgres.log", durable=False)
    programs, socket = known.bin.parents[1] / "pginstall" / "bin", paths.socket
    programs = DEBIAN if request.param == "15" else programs
    who = {"user": known.account.uid, "group": known.account.gid, "extra_groups": []}
    who = who if os.geteuid() == 0 else {}
    for folder in (paths.data, socket):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.chown(folder, known.account.uid, known.account.gid)
    created = [programs / "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "--username=old"]
    subprocess.run([*created, "-D", paths.data], check=True, cwd="/", capture_output=True, **who)  # type: ignore[call-overload]
    serve = [programs / "postgres", "-D", paths.data, "-k", socket, "-c", "listen_addresses="]
    server = subprocess.Popen(serve, cwd="/", stderr=subprocess.DEVNULL, **who)  # type: ignore[call-overload]
    url = f"postgresql://old@/postgres?{urlencode({'host': str(socket)})}"
    assert wait_until(lambda: answers(url))
    yield url
    server.send_signal(signal.SIGINT)
    server.wait()


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_a_backup_is_restored_in_an_older_postgres(here: dict[str, str], older: str, tmp_path: Path) -> None:
    world()
    folder = tmp_path / "saved"
    assert manage(here, "backup", folder).returncode == 0
    with psycopg.connect(older) as connection:
        assert connection.info.server_version < 170000
    there = {**here, "DATABASE_URL": older, "DATA_DIR": str(tmp_path / "there")}
    restored = manage(there, "restore", folder)
    assert restored.returncode == 0, restored.stderr
    assert contents(older) == contents(here["DATABASE_URL"])


def test_settings_that_a_server_lacks_are_left_out() -> None:
    head = b"-- a dump\nSET statement_timeout = 0;\nSET transaction_timeout = 0;\nSET of_2030 = 'x;y';\n"
    rest = b"SELECT pg_catalog.set_config('search_path', '', false);\n"
    copied = io.BytesIO()
    pass_on(io.BytesIO(head + rest), copied, {b"statement_timeout"})
    assert copied.getvalue() == b"-- a dump\nSET statement_timeout = 0;\n" + rest


def test_a_damaged_dump_restores_nothing(here: dict[str, str], server: Postgres, tmp_path: Path) -> None:
    world()
    folder = tmp_path / "saved"
    assert manage(here, "backup", folder).returncode == 0
    dump = folder / "database.dump"
    dump.write_bytes(dump.read_bytes()[:-2000])
    there = {**here, "DATABASE_URL": server.paths.url, "DATA_DIR": str(tmp_path / "there")}
    restored = manage(there, "restore", folder)
    assert restored.returncode == 1
    assert "nothing was saved" in restored.stderr
    assert contents(server.paths.url) == {}


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "LATIN9"])
def test_a_database_that_cannot_store_every_text_is_refused(
    here: dict[str, str], server: Postgres, encoding: str
) -> None:
    create = f"CREATE DATABASE other ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0"
    with psycopg.connect(server.paths.url, autocommit=True) as connection:
        connection.execute(create.encode())
        url = server.paths.url.replace(f"@/{connection.info.dbname}", "@/other", 1)
    told = manage({**here, "DATABASE_URL": url}, "migrate")
    assert told.returncode == 1
    assert f"The database has the encoding {encoding}" in told.stderr
    assert contents(url) == {}
