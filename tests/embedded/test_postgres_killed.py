"""Postgres is killed while webhooks come in and a worker works: what was acknowledged is there, all go on."""

from pathlib import Path

import psycopg
import pytest

from compliance.embedded.paths import PostgresPaths
from compliance.embedded.postgres import Postgres
from compliance.models.secret import SecretField
from tests.integrations.sender import Sender
from tests.processes import Start, answers, free_port, manage, wait
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, OLD, PLAN, git, push

pytestmark = pytest.mark.slow


def ask(paths: PostgresPaths, question: str) -> str:
    """The one value that a query gives."""
    with psycopg.connect(paths.url) as connection:
        row = connection.execute(question.encode()).fetchone()
    return str(row[0]) if row else ""


def test_acknowledged_deliveries_survive_and_processes_reconnect(
    installation: dict[str, str], server: Postgres, start: Start, tmp_path: Path
) -> None:
    paths, upstream = server.paths, tmp_path / "shop.git"
    write_history(upstream, list(HISTORY))
    (tmp_path / "plan.yaml").write_text(PLAN)
    tracked = manage(installation, "track", upstream, "--slug", "shop", "--plan", tmp_path / "plan.yaml")
    assert tracked.returncode == 0, tracked.stderr
    secret = SecretField().from_db_value(ask(paths, "SELECT webhook_secret FROM compliance_repository"))
    port = free_port()
    running = [start(installation, "web", port=port), start(installation), start(installation, "beat")]
    wait(lambda: answers(f"http://127.0.0.1:{port}"))
    sender = Sender(port, "shop", secret, pause=0.02)
    sender.start()
    told = sender.answers
    try:
        wait(lambda: len(told.acknowledged) > 100)
        assert server.process is not None
        server.process.kill()
        tip = push(upstream, "while it was away", app__more=OLD)
        wait(lambda: told.statuses["503"] > 3)
        again = Postgres(paths, server.log, durable=False)
        again.start()
        server.process = again.process
        before = len(told.acknowledged)
        wait(lambda: len(told.acknowledged) > before + 100)
    finally:
        sender.stop()
    assert set(told.statuses) <= {"202", "503"}, told.statuses
    assert told.waits == {"30"}
    with psycopg.connect(paths.url) as connection:
        kept = {row for (row,) in connection.execute("SELECT delivery_id FROM compliance_delivery")}
    assert set(told.acknowledged) <= kept
    head = "SELECT c.sha FROM compliance_repository r JOIN compliance_commit c ON c.id = r.head_id"
    wait(lambda: ask(paths, head) == tip == git(upstream, "rev-parse", "main"), 40)
    undone = "SELECT count(*) FROM compliance_job WHERE state IN ('waiting', 'running')"
    wait(lambda: ask(paths, undone) == "0", 40)
    assert ask(paths, "SELECT count(*) FROM compliance_snapshot") == "4"
    assert [process.poll() for process in running] == [None, None, None]
