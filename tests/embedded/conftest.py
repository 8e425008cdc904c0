"""Paths of an embedded server of the test's own, and processes that the test starts and kills."""

import contextlib
import gzip
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from compliance.embedded.paths import PostgresPaths, find_paths
from compliance.embedded.postgres import Postgres
from compliance.embedded.programs import newest_programs
from compliance.embedded.server_processes import processes
from tests.processes import manage

ROOT = Path(__file__).resolve().parents[2]


def wait_until(true: Callable[[], bool], seconds: float = 15.0) -> bool:
    """Return true if the condition becomes true before the timeout."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.05)
    return true()


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[PostgresPaths]:
    """Return where a first start would create its server, for a data folder that only root can enter."""
    data_dir = tmp_path / "var"
    data_dir.mkdir(mode=0o700)
    found = find_paths(data_dir)
    yield found
    for pid in processes(found.data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not processes(found.data))
    shutil.rmtree(found.home, ignore_errors=True)
    shutil.rmtree(found.socket, ignore_errors=True)


@pytest.fixture
def server(paths: PostgresPaths, tmp_path: Path) -> Iterator[Postgres]:
    """A running server below those paths."""
    postgres = Postgres(paths, tmp_path / "postgres.log", durable=False)
    postgres.start()
    yield postgres
    postgres.stop()


Restored = tuple[Postgres, dict[str, str]]


@pytest.fixture
def restore(paths: PostgresPaths, tmp_path: Path) -> Iterator[Callable[[Path], Restored]]:
    """Brings an installation of an earlier release back by this release's own command, its server running.

    The folder holds what `manage.py backup` of that release wrote, its dump packed once more.
    """
    started: list[Postgres] = []

    def bring_back(previous: Path) -> Restored:
        folder, there = tmp_path / "previous", {"DATA_DIR": str(tmp_path / "var")}
        folder.mkdir()
        shutil.copy(previous / "secret_key", folder)
        (folder / "database.dump").write_bytes(gzip.decompress((previous / "database.dump.gz").read_bytes()))
        done = manage(there, "restore", folder)
        assert done.returncode == 0, done.stderr
        started.append(Postgres(paths, tmp_path / "postgres.log", durable=False))
        started[0].start()
        return started[0], there

    yield bring_back
    for server in started:
        server.stop()


@pytest.fixture
def python(tmp_path: Path) -> Iterator[Callable[[str], "subprocess.Popen[str]"]]:
    """Runs a few lines of Python that use the product, as a process of its own."""
    started: list[subprocess.Popen[str]] = []

    def run(source: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", source],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.fixture
def installation(
    paths: PostgresPaths, server: Postgres, tmp_path: Path, process_environment: dict[str, str]
) -> dict[str, str]:
    """The environment of an installation with a server of its own, its tables those of the test database."""
    folder = newest_programs().bin
    dump: list[str | Path] = [
        folder / "pg_dump",
        "--format=custom",
        "--no-owner",
        "--no-acl",
        process_environment["DATABASE_URL"],
    ]
    tables = subprocess.run(dump, capture_output=True, check=True)
    restore: list[str | Path] = [folder / "pg_restore", "--no-owner", "--no-acl", f"--dbname={paths.url}"]
    subprocess.run(restore, input=tables.stdout, check=True)
    kept = {key: value for key, value in process_environment.items() if key != "BROKER_URL"}
    return {
        **kept,
        "DATABASE_URL": paths.url,
        "DATA_DIR": str(tmp_path / "data"),
        "SECRET_KEY": settings.SECRET_KEY,
    }
