"""Backups made on each version of Postgres, restored into each: equal row by row, whatever the values are."""

import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from compliance.embedded.paths import find_paths
from compliance.embedded.postgres import Postgres
from compliance.models import Repository
from tests.embedded.contents import EVERY_VALUE, contents, newest_of_each, objects
from tests.processes import manage
from tests.views.cast import world

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

AT_ONCE = 2


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[int, Postgres]]:
    """A running server of each version that is found here."""
    found: dict[int, Postgres] = {}
    try:
        for major, programs in newest_of_each().items():
            folder = tmp_path_factory.mktemp(f"postgres-{major}")
            found[major] = Postgres(
                find_paths(folder), folder / "postgres.log", durable=False, programs=programs
            )
            found[major].start()
        yield found
    finally:
        for server in found.values():
            server.stop()
            shutil.rmtree(server.paths.home, ignore_errors=True)
            shutil.rmtree(server.paths.socket, ignore_errors=True)


def url(server: Postgres, name: str) -> str:
    return server.paths.url.replace("@/compliance?", f"@/{name}?")


def create(server: Postgres, name: str) -> str:
    """Create a database, and return its URL."""
    with server.connect("postgres") as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return url(server, name)


def environment(address: str, folder: Path) -> dict[str, str]:
    return {"DATABASE_URL": address, "DATA_DIR": str(folder), "SECRET_KEY": settings.SECRET_KEY}


def fill(server: Postgres, dump: bytes) -> str:
    """Create a database with the product's tables and rows, and with every kind of value."""
    address = create(server, "source")
    command: list[str | Path] = [
        server.programs.bin / "psql",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        f"--dbname={address}",
    ]
    subprocess.run(command, input=dump, stdout=subprocess.DEVNULL, check=True)
    with psycopg.connect(address) as connection:
        connection.execute(EVERY_VALUE.encode())
    return address


def test_backups_of_every_version_are_restored_in_every_version(
    servers: dict[int, Postgres], process_environment: dict[str, str], tmp_path: Path
) -> None:
    assert {16, 18} <= servers.keys()
    world()
    Repository.objects.update(webhook_secret="only the key opens it")
    # 16's programs can't read 18, and what they write, all three can read
    here = process_environment["DATABASE_URL"]
    newest = servers[18].programs.bin / "pg_dump"
    dump = subprocess.run([newest, "--no-owner", "--no-acl", here], capture_output=True, check=True).stdout
    dump = dump.replace(b"SET transaction_timeout = 0;\n", b"")
    sources = {major: fill(server, dump) for major, server in servers.items()}
    expected = {major: (contents(address), objects(address)) for major, address in sources.items()}
    assert len(expected[18][0]) > 100

    def save(major: int) -> None:
        done = manage(environment(sources[major], tmp_path / f"var-{major}"), "backup", tmp_path / str(major))
        assert done.returncode == 0, done.stderr

    def restore(pair: tuple[int, int]) -> str:
        before, after = pair
        address = create(servers[after], f"from_{before}")
        done = manage(environment(address, tmp_path / f"{before}-{after}"), "restore", tmp_path / str(before))
        assert done.returncode == 0, (pair, done.stderr)
        return address

    pairs = list(product(servers, servers))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(save, servers))
        addresses = list(pool.map(restore, pairs))
    for (before, after), address in zip(pairs, addresses, strict=True):
        assert contents(address) == expected[before][0], (before, after)
        found = objects(address)
        if before == after:  # versions write definitions differently
            assert found == expected[before][1]
        assert [row[:2] for row in found] == [row[:2] for row in expected[before][1]], (before, after)


def test_what_an_older_version_lacks_is_refused_and_nothing_is_written(
    servers: dict[int, Postgres], tmp_path: Path
) -> None:
    address = create(servers[18], "newer")
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE first (n int)")
        connection.execute("INSERT INTO first VALUES (1)")
        connection.execute("CREATE TABLE newer (n int, twice int GENERATED ALWAYS AS (n * 2) VIRTUAL)")
    assert manage(environment(address, tmp_path / "a"), "backup", tmp_path / "saved").returncode == 0
    target = create(servers[16], "older")
    done = manage(environment(target, tmp_path / "b"), "restore", tmp_path / "saved")
    assert done.returncode == 1
    assert "The backup was made on Postgres 18, and this server is Postgres 16" in done.stderr
    assert "nothing was saved" in done.stderr
    assert contents(target) == {}
