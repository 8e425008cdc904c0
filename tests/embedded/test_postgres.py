"""The embedded server: found again with its data, never fooled by a stale number, gone with its parent."""

import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from compliance.embedded.cluster import PostgresError
from compliance.embedded.paths import SOCKET_NAME, PostgresPaths, find_paths
from compliance.embedded.postgres import LARGEST_LOG, Postgres
from compliance.embedded.server_processes import processes

from .conftest import wait_until

pytestmark = pytest.mark.slow

Python = Callable[[str], "subprocess.Popen[str]"]
AS_ROOT = os.geteuid() == 0


def write(server: Postgres) -> None:
    with psycopg.connect(server.paths.url) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('here')")


def read(server: Postgres) -> str:
    with psycopg.connect(server.paths.url) as connection:
        row = connection.execute("SELECT word FROM kept").fetchone()
    assert row is not None
    return str(row[0])


def again(server: Postgres) -> Postgres:
    return Postgres(server.paths, server.log, durable=False)


def test_a_second_start_finds_what_the_first_one_wrote(server: Postgres) -> None:
    write(server)
    server.stop()
    assert not processes(server.paths.data)
    second = again(server)
    second.start()
    try:
        assert read(second) == "here"
    finally:
        second.stop()


def test_it_recovers_after_its_server_was_killed(server: Postgres) -> None:
    write(server)
    assert server.process is not None
    server.process.kill()
    second = again(server)
    second.start()
    try:
        assert read(second) == "here"
    finally:
        second.stop()


@pytest.mark.parametrize("mark", ["postmaster.pid", f"{SOCKET_NAME}.lock"])
def test_a_number_that_another_program_has_now_does_not_fool_it(server: Postgres, mark: str) -> None:
    write(server)
    server.stop()
    stranger = subprocess.Popen(["sleep", "60"])
    folder = server.paths.data if mark == "postmaster.pid" else server.paths.socket
    (folder / mark).write_text(
        f"{stranger.pid}\n{server.paths.data}\n1\n5432\n{server.paths.socket}\n\n0 0\n"
    )
    second = again(server)
    try:
        second.start()
        assert read(second) == "here"
        assert stranger.poll() is None, "a program that has nothing to do with us was ended"
    finally:
        second.stop()
        stranger.kill()
        stranger.wait()


def test_a_server_left_running_is_taken_over(server: Postgres) -> None:
    write(server)
    assert server.process is not None
    second = again(server)
    second.start()
    try:
        assert server.process.poll() is not None
        assert read(second) == "here"
    finally:
        second.stop()


def test_it_ends_when_its_parent_is_killed(paths: PostgresPaths, tmp_path: Path, python: Python) -> None:
    parent = python(
        "import time; from pathlib import Path\n"
        "from compliance.embedded.paths import PostgresPaths\n"
        "from compliance.embedded.postgres import Postgres\n"
        f"paths = PostgresPaths(Path({str(paths.home)!r}), Path({str(paths.socket)!r}))\n"
        f"server = Postgres(paths, Path({str(tmp_path / 'log')!r}))\n"
        "server.start(); print('up', flush=True); time.sleep(60)\n"
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "up\n"
    assert processes(paths.data)
    parent.send_signal(signal.SIGKILL)
    assert wait_until(lambda: not processes(paths.data)), "Postgres outlived the process that started it"


def test_a_start_succeeds_after_an_interrupted_first_start(paths: PostgresPaths, tmp_path: Path) -> None:
    (paths.home / "data.partial").mkdir()
    (paths.home / "data.partial" / "PG_VERSION").write_text("18\n")
    server = Postgres(paths, tmp_path / "log", durable=False)
    server.start()
    server.stop()
    assert not (paths.home / "data.partial").exists()


def test_no_folder_of_others_changes_its_mode(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    data_dir = closed / "project" / "var"
    data_dir.mkdir(parents=True)
    closed.chmod(0o700)
    package = binaries_package()
    before = {path: path.stat().st_mode for path in (*data_dir.parents, *package.parents)}
    paths = find_paths(data_dir)
    server = Postgres(paths, tmp_path / "log", durable=False)
    try:
        server.start()
        server.stop()
        assert {path: path.stat().st_mode for path in before} == before
        assert stat.S_IMODE(paths.socket.stat().st_mode) == 0o700
        assert stat.S_IMODE(paths.data.stat().st_mode) == 0o700
    finally:
        server.stop()
        shutil.rmtree(paths.home, ignore_errors=True)


def test_only_the_account_and_its_role_can_connect(server: Postgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="Peer authentication failed"):
        psycopg.connect(server.paths.url.replace("compliance@", "postgres@"))
    if AS_ROOT:
        stranger = subprocess.run(
            [server.bin / "pg_isready", "-h", server.paths.socket],
            check=False,
            user=pwd.getpwnam("daemon").pw_uid,
            extra_groups=[],
            cwd="/",
            capture_output=True,
        )
        assert stranger.returncode == 2, stranger


def test_it_never_runs_as_root(server: Postgres) -> None:
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    uids = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1:]
    assert "0" not in uids
    assert set(uids) == {str(server.account.uid)}


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    data_dir = tmp_path / ("long" * 30)
    data_dir.mkdir()
    if AS_ROOT:  # the server's home is then elsewhere anyway: name the long one
        for folder in (data_dir, *data_dir.parents):
            if not folder.stat().st_mode & stat.S_IXOTH:
                folder.chmod(0o711)
    paths = find_paths(data_dir)
    server = Postgres(paths, tmp_path / "log", durable=False)
    try:
        server.start()
        write(server)
        assert paths.home == data_dir / "postgres"
        assert stat.S_IMODE(paths.socket.stat().st_mode) == 0o700
    finally:
        server.stop()
        shutil.rmtree(paths.socket, ignore_errors=True)


def test_a_socket_folder_that_others_can_enter_is_refused(paths: PostgresPaths, tmp_path: Path) -> None:
    paths.socket.mkdir(mode=0o755)
    paths.socket.chmod(0o755)
    with pytest.raises(PostgresError, match=r"only .* can enter"):
        Postgres(paths, tmp_path / "log", durable=False).start()


def binaries_package() -> Path:
    return Path(sys.prefix).resolve()


@pytest.mark.parametrize("full", [False, True])
def test_its_log_has_a_limit(server: Postgres, full: bool) -> None:
    """If the older part cannot be kept, as on a full disk, it is lost, but the log is still limited."""
    older = server.log.with_name("postgres.log.1")
    if full:
        older.mkdir()
        (older / "file").touch()
    with server.log.open("ab") as log:
        log.write(b"x" * LARGEST_LOG)
    assert server.ended() is None
    assert server.log.stat().st_size < LARGEST_LOG / 10
    assert full or older.stat().st_size >= LARGEST_LOG
    write(server)
    with psycopg.connect(server.paths.url) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT * FROM nowhere_to_be_found")
    assert wait_until(lambda: b"nowhere_to_be_found" in server.log.read_bytes())
    assert server.log.read_bytes().count(b"\0") == 0


@pytest.mark.parametrize("name", ["spaces and 'quotes' ü", 'a "double" one', "one, two"])
def test_a_path_may_contain_any_character(tmp_path: Path, name: str) -> None:
    data_dir = tmp_path / name
    data_dir.mkdir()
    for folder in (data_dir, *data_dir.parents):
        if AS_ROOT and not folder.stat().st_mode & stat.S_IXOTH:
            folder.chmod(0o711)
    paths = find_paths(data_dir)
    server = Postgres(paths, tmp_path / "log", durable=False)
    try:
        server.start()
        write(server)
        assert read(server) == "here"
        assert paths.home == data_dir / "postgres"
    finally:
        server.stop()
        shutil.rmtree(paths.socket, ignore_errors=True)
