"""Postgres that hangs, is gone or refuses sessions: health checks answer, and work goes on afterwards."""

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest

from compliance.embedded.postgres import Postgres
from compliance.embedded.server_processes import processes
from compliance.models.secret import SecretField
from tests.integrations.sender import Sender
from tests.processes import Start, answers, free_port, manage, wait
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, PLAN

pytestmark = pytest.mark.slow

THREADS = 8
"""Requests that one web process handles at the same time."""


def execute(server: Postgres, *statements: str) -> None:
    with psycopg.connect(server.paths.url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def end_sessions(server: Postgres) -> None:
    execute(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")


@contextmanager
def hangs(server: Postgres) -> Iterator[None]:
    frozen = processes(server.paths.data)
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)


@contextmanager
def refuses(server: Postgres) -> Iterator[None]:
    access = server.paths.data / "pg_hba.conf"
    before = access.read_text()
    assert server.process
    with psycopg.connect(server.paths.url, autocommit=True) as connection:
        access.write_text("local all all reject\n")
        server.process.send_signal(signal.SIGHUP)
        rules = "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'reject'"
        wait(lambda: connection.execute(rules).fetchone() == (1,))
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        connection.execute(others)
    try:
        yield
    finally:
        access.write_text(before)
        server.process.send_signal(signal.SIGHUP)


@contextmanager
def has_no_sessions_left(server: Postgres) -> Iterator[None]:
    with ExitStack() as held:
        end_sessions(server)
        with suppress(psycopg.OperationalError):
            while True:
                held.enter_context(psycopg.connect(server.paths.url))
        yield


@contextmanager
def accepts_no_changes(server: Postgres) -> Iterator[None]:
    execute(server, "ALTER DATABASE compliance SET default_transaction_read_only = on")
    end_sessions(server)
    try:
        yield
    finally:
        off = "SET default_transaction_read_only = off"
        execute(server, off, "ALTER DATABASE compliance RESET default_transaction_read_only")
        end_sessions(server)


WAYS = (hangs, refuses, has_no_sessions_left)
SAID: dict[Callable[[Postgres], AbstractContextManager[None]], str] = {
    hangs: "not responding",
    refuses: "The database refuses this server's user name or password.",
    has_no_sessions_left: "All sessions of the database are in use.",
}
SIGNED_IN = {"Cookie": f"sessionid={'x' * 32}"}


def ask(
    port: int, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
) -> tuple[int, str, str]:
    """Return the status, the body and Retry-After of a GET, or of a POST if there is a body."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET" if body is None else "POST", path, body, headers or {})
    response = connection.getresponse()
    return response.status, response.read().decode(), response.headers.get("Retry-After", "")


@pytest.mark.parametrize("way", WAYS, ids=[way.__name__ for way in WAYS])
def test_health_is_told_and_work_goes_on(
    way: Callable[[Postgres], AbstractContextManager[None]],
    installation: dict[str, str],
    server: Postgres,
    start: Start,
    redis_url: str,
    tmp_path: Path,
) -> None:
    environment = {**installation, "BROKER_URL": redis_url}
    port = free_port()
    start(environment, "web", port=port)
    start(environment)
    wait(lambda: answers(f"http://127.0.0.1:{port}"))
    wait(lambda: json.loads(ask(port, "/readyz")[1]).get("worker") == "ok")
    statuses: list[int] = []
    held = [
        threading.Thread(target=lambda: statuses.append(ask(port, "/webhooks/github/shop/", body=b"{}")[0]))
        for _ in range(2 * THREADS)
    ]
    with way(server):
        for thread in held:
            thread.start()
        assert ask(port, "/livez")[0] == 200
        status, body, _ = ask(port, "/readyz", SIGNED_IN)
        assert (status, json.loads(body)) == (503, {"database": SAID[way]})
        assert "\nssot_database_up 0.0\n" in ask(port, "/metrics", SIGNED_IN)[1]
        if way is not hangs:
            status, body, wait_seconds = ask(port, "/", SIGNED_IN)
            assert (status, wait_seconds) == (503, "30")
            assert "The database is unavailable" in body
        else:  # everyone waits, and still the process says that it lives
            assert ask(port, "/livez")[0] == 200
        worker = tmp_path / "worker1.log"
        wait(lambda: way is hangs or "The queue cannot be read" in worker.read_text())
    for thread in held:
        thread.join(60)
    assert set(statuses) <= {401, 503}
    assert len(statuses) == len(held)
    wait(lambda: json.loads(ask(port, "/readyz")[1]).get("database") == "ok", 40)
    wait(lambda: json.loads(ask(port, "/readyz")[1]).get("worker") == "ok", 40)
    assert "Unrecoverable" not in worker.read_text()


def test_a_server_that_accepts_no_changes_ends_no_process(
    installation: dict[str, str], server: Postgres, start: Start, tmp_path: Path
) -> None:
    """As during a failover, with the messages in Postgres as well."""
    write_history(tmp_path / "shop.git", list(HISTORY))
    (tmp_path / "plan.yaml").write_text(PLAN)
    plan = tmp_path / "plan.yaml"
    assert (
        manage(installation, "track", tmp_path / "shop.git", "--slug", "shop", "--plan", plan).returncode == 0
    )
    with psycopg.connect(server.paths.url) as connection:
        (stored,) = connection.execute("SELECT webhook_secret FROM compliance_repository").fetchone() or ("",)
    port = free_port()
    start(installation, "web", port=port)
    start(installation)
    wait(lambda: answers(f"http://127.0.0.1:{port}"))
    wait(lambda: json.loads(ask(port, "/readyz")[1]).get("worker") == "ok", 60)
    worker = tmp_path / "worker1.log"
    sender = Sender(port, "shop", SecretField().from_db_value(stored), pause=0.2)
    try:
        with accepts_no_changes(server):
            wait(lambda: ask(port, "/readyz")[0] == 503)
            assert json.loads(ask(port, "/readyz")[1])["database"] == "read-only: nothing can be recorded"
            sender.start()
            wait(lambda: sender.answers.statuses["503"] > 3)
            # Its first scan is what the worker then can't begin: an idle worker changes nothing.
            writing = {"PGOPTIONS": "-c default_transaction_read_only=off"}
            tracked = manage(
                installation | writing, "track", tmp_path / "shop.git", "--slug", "late", "--plan", plan
            )
            assert tracked.returncode == 0, tracked.stderr
            wait(lambda: "read-only" in worker.read_text())
        wait(lambda: sender.answers.statuses["202"] > 3)
    finally:
        sender.stop()
    assert set(sender.answers.statuses) <= {"202", "503"}
    wait(lambda: json.loads(ask(port, "/readyz")[1]).get("database") == "ok", 40)
    assert "Unrecoverable" not in worker.read_text()
    assert "Traceback" not in (tmp_path / "web0.log").read_text()
