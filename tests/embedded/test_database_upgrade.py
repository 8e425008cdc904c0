"""`manage.py upgrade_database`: data of every older version, moved to newer ones, back, and interrupted."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from compliance.embedded import upgrade as module
from compliance.embedded.cluster import UPGRADED, PostgresError, exchange, kept_clusters
from compliance.embedded.comparison import differences, read_contents
from compliance.embedded.lock import Lock
from compliance.embedded.paths import PostgresPaths
from compliance.embedded.postgres import Postgres
from compliance.embedded.programs import Programs, find_programs
from compliance.embedded.server_processes import processes
from tests.embedded.conftest import wait_until
from tests.embedded.contents import EVERY_VALUE, Contents, contents, newest_of_each
from tests.processes import ROOT, manage
from tests.views.cast import world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

MAJORS = sorted(newest_of_each())
OLDEST = MAJORS[0]


@pytest.fixture
def there(paths: PostgresPaths, tmp_path: Path) -> dict[str, str]:
    """The environment of an installation with an embedded server."""
    return {"DATA_DIR": str(tmp_path / "var")}


def serve(paths: PostgresPaths, tmp_path: Path, programs: Programs | None = None) -> Postgres:
    server = Postgres(paths, tmp_path / "postgres.log", durable=False, programs=programs)
    server.start()
    return server


def fill(paths: PostgresPaths, tmp_path: Path) -> Contents:
    """Create data with the oldest version that is here, among them another role and database."""
    server = serve(paths, tmp_path, newest_of_each()[OLDEST])
    try:
        with server.connect("compliance") as connection:
            connection.execute(EVERY_VALUE.encode())
            connection.execute('CREATE ROLE reader LOGIN; GRANT SELECT ON "Every Value".texts TO reader')
            connection.execute("CREATE DATABASE other")
            connection.execute("ALTER DATABASE compliance SET work_mem = '7MB'")
        with server.connect("other") as connection:
            connection.execute("CREATE TABLE mine AS SELECT 1 AS n")
        return contents(paths.url)
    finally:
        server.stop()


def read(paths: PostgresPaths, tmp_path: Path) -> tuple[int, Contents]:
    """Start the server, and return its major version and contents."""
    server = serve(paths, tmp_path)
    try:
        return server.programs.major, contents(paths.url)
    finally:
        server.stop()


def test_data_are_moved_from_version_to_version_and_back(
    process_environment: dict[str, str], there: dict[str, str], paths: PostgresPaths, tmp_path: Path
) -> None:
    world()
    here = {**process_environment, "SECRET_KEY": settings.SECRET_KEY}
    assert manage(here, "backup", tmp_path / "saved").returncode == 0
    serve(paths, tmp_path, newest_of_each()[OLDEST]).stop()
    restored = manage(there, "restore", tmp_path / "saved")
    assert restored.returncode == 0, restored.stderr
    before = contents(process_environment["DATABASE_URL"])
    for major in MAJORS[1:]:
        done = manage(there, "upgrade_database", "--to", str(major))
        assert done.returncode == 0, done.stderr
        assert f"The data are now those of {newest_of_each()[major]}" in done.stdout
        assert read(paths, tmp_path) == (major, before)
    kept = [path.name for path in kept_clusters(paths.home)]
    assert [name.split("-until-")[0] for name in kept] == [f"data-{major}" for major in MAJORS[:-1]]

    again = manage(there, "upgrade_database")
    assert f"those of Postgres {MAJORS[-1]} already; nothing was changed" in again.stdout
    lower = manage(there, "upgrade_database", "--to", str(OLDEST))
    assert "use --roll-back" in lower.stderr
    back = manage(there, "upgrade_database", "--roll-back")
    assert f"The data are those of Postgres {MAJORS[-2]} again" in back.stdout, back.stderr
    assert read(paths, tmp_path) == (MAJORS[-2], before)
    found = json.loads(manage(there, "doctor", "--json").stdout)
    said = [f"{row['message']} {row['fix']}" for row in found if row["subject"] == "Postgres"]
    assert [
        sentence.startswith(words)
        for sentence, words in zip(
            said,
            (
                f"{newest_of_each()[MAJORS[-2]]}, data in {paths.data}.",
                f"{find_programs()[0]} was found, but the data are those of Postgres {MAJORS[-2]}. Stop",
                f"Upgrades have kept {len(MAJORS) - 1} earlier database",
            ),
            strict=True,
        )
    ] == [True, True, True], said
    listed = manage(there, "upgrade_database", "--list").stdout.splitlines()
    assert listed[0].startswith(f"Used: {paths.data}, Postgres {MAJORS[-2]}, ")
    assert sum(line.startswith("Kept: ") for line in listed) == len(MAJORS) - 1
    assert sum(line.startswith("Found: ") for line in listed) == len(find_programs())
    removed = manage(there, "upgrade_database", "--remove-kept")
    assert removed.stdout.count("Removed ") == len(MAJORS) - 1
    assert not kept_clusters(paths.home)
    assert "No earlier data are kept" in manage(there, "upgrade_database", "--roll-back").stderr


def test_every_value_role_and_database_is_moved(
    there: dict[str, str], paths: PostgresPaths, tmp_path: Path
) -> None:
    before = fill(paths, tmp_path)
    with (paths.data / "postgresql.conf").open("a") as file:
        file.write("work_mem = '6MB'\n")
    done = manage(there, "upgrade_database")
    assert done.returncode == 0, done.stderr
    assert "The setting work_mem = 6MB was changed by hand and not taken over." in done.stdout
    server = serve(paths, tmp_path)
    try:
        assert server.programs == find_programs()[0]
        assert contents(paths.url) == before
        with server.connect("compliance") as connection:
            grant = "SELECT has_table_privilege('reader', '\"Every Value\".texts', 'SELECT')"
            assert connection.execute(grant).fetchone() == (True,)
            assert connection.execute("SHOW work_mem").fetchone() == ("7MB",)
        with server.connect("other") as connection:
            assert connection.execute("SELECT n FROM mine").fetchone() == (1,)
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("step", "number"),
    [
        ("Copying", signal.SIGKILL),
        ("Copying", signal.SIGTERM),
        ("Comparing", signal.SIGKILL),
        ("Writing", signal.SIGKILL),
    ],
)
def test_an_upgrade_that_is_ended_leaves_the_data_as_they_were(
    there: dict[str, str], paths: PostgresPaths, tmp_path: Path, step: str, number: signal.Signals
) -> None:
    before = fill(paths, tmp_path)
    upgrading = subprocess.Popen(
        [sys.executable, "-u", "manage.py", "upgrade_database"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **there},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert upgrading.stdout is not None
    lines = iter(upgrading.stdout)
    said = next(line for line in lines if line.startswith(step))
    upgrading.send_signal(number)
    rest = upgrading.communicate()[0]
    assert upgrading.returncode == (1 if number == signal.SIGTERM else -number), said + rest
    assert read(paths, tmp_path) == (OLDEST, before)
    assert sorted(path.name for path in paths.home.iterdir() if path.name.startswith("data")) == ["data"]


def test_an_exchange_that_is_interrupted_between_its_renames_is_undone(
    paths: PostgresPaths, tmp_path: Path, python: Callable[[str], "subprocess.Popen[str]"]
) -> None:
    before = fill(paths, tmp_path)
    (paths.home / UPGRADED).mkdir()
    killed = python(
        "import os, pathlib\n"
        "from compliance.embedded.cluster import exchange\n"
        "from compliance.embedded.paths import PostgresPaths\n"
        "class Deadly(pathlib.PosixPath):\n"
        "    def rename(self, target): os.kill(os.getpid(), 9)\n"
        f"paths = PostgresPaths(pathlib.Path({str(paths.home)!r}), pathlib.Path({str(paths.socket)!r}))\n"
        f"exchange(paths, Deadly({str(paths.home / UPGRADED)!r}), {OLDEST})\n"
    )
    assert killed.wait() == -signal.SIGKILL
    assert not paths.data.exists()
    assert read(paths, tmp_path) == (OLDEST, before)
    assert not kept_clusters(paths.home)
    assert not (paths.home / UPGRADED).exists()


def test_an_exchange_that_fails_is_undone(paths: PostgresPaths, tmp_path: Path) -> None:
    before = fill(paths, tmp_path)
    with pytest.raises(FileNotFoundError):
        exchange(paths, paths.home / "not there", OLDEST)
    assert read(paths, tmp_path) == (OLDEST, before)


def test_a_disk_without_enough_room_is_refused(
    paths: PostgresPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fill(paths, tmp_path)
    monkeypatch.setattr(module, "RESERVE", shutil.disk_usage(paths.home).free)
    with pytest.raises(PostgresError, match=r"MB free, and the copy needs .* MB\. Make room, and try again"):
        module.upgrade(paths, find_programs()[0], tmp_path / "postgres.log", print)
    assert read(paths, tmp_path) == (OLDEST, before)


def test_a_copy_that_differs_is_refused(
    paths: PostgresPaths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something changes the copy before it is compared, as a fault in its memory or on its disk would."""
    before = fill(paths, tmp_path)
    copy = module._copy

    def copy_with_fault(old: Postgres, new: Postgres) -> None:
        copy(old, new)
        with new.connect("compliance") as connection:
            connection.execute("UPDATE \"Every Value\".parts SET word = word || '!' WHERE word = 'wörd 7'")

    monkeypatch.setattr(module, "_copy", copy_with_fault)
    with pytest.raises(PostgresError) as refused:
        module.upgrade(paths, find_programs()[0], tmp_path / "postgres.log", print)
    assert "The copy differs from the data, which are still used" in str(refused.value)
    assert "compliance: Every Value.parts_2025 has 60 rows before and 60 afterwards" in str(refused.value)
    assert read(paths, tmp_path) == (OLDEST, before)


def test_each_kind_of_difference_is_found(server: Postgres) -> None:
    with server.connect("compliance") as connection:
        connection.execute(EVERY_VALUE.encode())
        connection.execute('SET search_path = "Every Value"')
        last = read_contents(server.connect)
        for change, found in (
            ("UPDATE texts SET body = body || ' ' WHERE id = 9000000007", "Every Value.texts has "),
            ("SELECT nextval('untouched')", "Every Value.untouched has 1 rows before and 1 afterwards"),
            ("SELECT lo_put(4711, 5, 'x')", "large objects has"),
            ("DELETE FROM parts_else WHERE word = 'wörd 99'", "Every Value.parts_else has"),
            ("DROP INDEX one_null", 'relation i "Every Value".one_null is missing'),
            (
                "CREATE FUNCTION added() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                'function "Every Value".added() is new',
            ),
            ("ALTER TABLE dropped_column DROP CONSTRAINT later", "constraint later on"),
            ("DROP TABLE empty", "Every Value.empty exists only before"),
        ):
            connection.execute(change.encode())
            now = read_contents(server.connect)
            assert any(line.startswith(f"compliance: {found}") for line in differences(last, now)), change
            last = now
        assert differences(last, read_contents(server.connect)) == []


def test_a_running_product_and_another_database_are_refused(
    there: dict[str, str], paths: PostgresPaths, tmp_path: Path
) -> None:
    lock = Lock(tmp_path / "var" / "up.lock")
    try:
        refused = manage(there, "upgrade_database")
    finally:
        lock.release()
    assert "The product is already running here" in refused.stderr
    assert "Stop it first." in refused.stderr
    elsewhere = manage({**there, "DATABASE_URL": "postgresql://127.0.0.1:1/x"}, "upgrade_database")
    assert "DATABASE_URL is set" in elsewhere.stderr
    assert "There are no data in" in manage(there, "upgrade_database").stderr
    assert not processes(paths.data)


def test_a_server_that_was_left_running_is_stopped_before_its_data_are_moved(
    there: dict[str, str], paths: PostgresPaths, tmp_path: Path
) -> None:
    before = fill(paths, tmp_path)
    left = serve(paths, tmp_path)
    with psycopg.connect(paths.url) as connection:
        connection.execute('INSERT INTO "Every Value".dropped_column VALUES (8, 9)')
    done = manage(there, "upgrade_database")
    assert done.returncode == 0, done.stderr
    assert wait_until(lambda: left.ended() is not None)
    major, after = read(paths, tmp_path)
    assert major == MAJORS[-1]
    assert after.pop("Every Value.dropped_column")[0] == 2
    assert before.pop("Every Value.dropped_column")[0] == 1
    assert after == before
