"""Maintenance with real programs: pages close, jobs wait, Postgres stops and starts, nothing is lost."""

from http.client import HTTPConnection
from pathlib import Path

import psycopg
import pytest

from compliance.embedded.postgres import Postgres
from compliance.models.secret import SecretField
from tests.embedded.walk import Operator
from tests.integrations.sender import Sender
from tests.processes import Start, answers, free_port, kill, manage, wait
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY, PLAN, push

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),  # each wait may last as long as a busy machine needs
]

_OPEN = "SELECT count(*) FROM compliance_job WHERE state IN ('waiting', 'running')"


def one(server: Postgres, statement: str) -> int:
    with psycopg.connect(server.paths.url) as connection:
        (found,) = connection.execute(statement.encode()).fetchone() or (0,)
        return int(found)


def _post(port: int, path: str) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", path, b"{}", {"Content-Type": "application/json"})
    return connection.getresponse().status


def maintenance(environment: dict[str, str], *words: str) -> str:
    done = manage(environment, "maintenance", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_pages_close_jobs_wait_and_nothing_is_lost(
    installation: dict[str, str], server: Postgres, start: Start, tmp_path: Path
) -> None:
    upstream = tmp_path / "shop.git"
    write_history(upstream, list(HISTORY))
    (tmp_path / "plan.yaml").write_text(PLAN)
    plan = tmp_path / "plan.yaml"
    tracked = manage(installation, "track", upstream, "--slug", "shop", "--plan", plan)
    assert tracked.returncode == 0, tracked.stderr
    with psycopg.connect(server.paths.url) as connection:
        (stored,) = connection.execute("SELECT webhook_secret FROM compliance_repository").fetchone() or ("",)
        connection.execute("UPDATE compliance_repository SET poll = false")
    port = free_port()
    web = start(installation, "web", port=port)
    start(installation)
    start(installation, "beat", "compliance")
    wait(lambda: answers(f"http://127.0.0.1:{port}"))
    operator = Operator(installation, port, tmp_path)
    wait(
        lambda: one(server, _OPEN) == 0 and one(server, "SELECT count(*) FROM compliance_snapshot") == 3, 120
    )

    said = maintenance(installation, "on", "--message", "The disk is moved.", "--wait", "60")
    assert "No job is running." in said
    wait(lambda: operator.ask("/sign-in/")[0] == 503)
    assert "Maintenance The disk is moved. Try again" in operator.page("/sign-in/")
    push(upstream, "d", app__d_py="print(2)\n")
    sender = Sender(port, "shop", SecretField().from_db_value(stored))
    assert sender.run(4).statuses == {"202": 4}

    beats = (
        "SELECT min(extract(epoch FROM at)) * 1000 FROM compliance_heartbeat WHERE name ~ '^(worker|beat) '"
    )
    sent = "SELECT extract(epoch FROM max(sent_at)) * 1000 FROM compliance_scheduledtask"
    last = []
    for _ in range(2):  # every process has reported twice since the webhooks, and so has looked for jobs
        before = one(server, "SELECT extract(epoch FROM clock_timestamp()) * 1000")
        wait(lambda before=before: one(server, beats) > before)  # type: ignore[misc]
        last.append(one(server, sent))
    assert one(server, "SELECT count(*) FROM compliance_job WHERE state = 'waiting'") > 0
    assert one(server, "SELECT count(*) FROM compliance_job WHERE state = 'running'") == 0
    assert last[0] == last[1], "beat sends nothing"

    deliveries = "SELECT count(*) FROM compliance_delivery WHERE repository_id IS NOT NULL"
    assert one(server, deliveries) == 4

    server.stop()
    assert "The disk is moved." in operator.page()
    later = Sender(port, "shop", SecretField().from_db_value(stored), prefix="later")
    assert later.run(3).statuses == {"202": 3}
    forged = Sender(port, "shop", "another secret", prefix="forged")
    assert forged.run(1).statuses == {"202": 1}, "nobody can know yet that it is forged"
    assert _post(port, "/webhooks/gitlab/shop/") == 503, "GitLab sends it again"
    kill(web)
    web = start(installation, "web", port=port)
    wait(lambda: answers(f"http://127.0.0.1:{port}"))
    assert "The disk is moved." in operator.page(), "a web server that starts without Postgres knows it, too"
    assert (operator.ask("/readyz")[0], operator.ready()["maintenance"][:9]) == (200, "on since ")
    found = operator.metrics()
    assert (found["ssot_database_up"], found["ssot_maintenance_seconds"] > 0) == (0, True)
    assert "nothing was changed" in manage(installation, "maintenance", "off").stderr

    server.start()
    assert maintenance(installation, "off") == "Maintenance mode is off.\n"
    wait(lambda: operator.ask("/sign-in/")[0] == 200)
    wait(lambda: one(server, "SELECT count(*) FROM compliance_snapshot") == 4, 120)
    wait(lambda: one(server, _OPEN) == 0, 120)
    wait(lambda: one(server, deliveries) == 7, 120)
    wait(
        lambda: (
            one(server, "SELECT count FROM compliance_rejectedwebhook WHERE repository_id IS NOT NULL") == 1
        )
    )
    wait(lambda: not list((Path(installation["DATA_DIR"]) / "kept-webhooks").glob("*.webhook")))
    assert not (Path(installation["DATA_DIR"]) / "maintenance.json").exists()

    kill(web)
    _miss_a_push(server, upstream, Sender(port, "shop", SecretField().from_db_value(stored), prefix="missed"))
    assert one(server, deliveries) == 7


def _miss_a_push(server: Postgres, upstream: Path, sender: Sender) -> None:
    """Push while no web server runs; the next poll finds it, although webhooks usually report pushes."""
    sha = push(upstream, "e", app__e_py="print(3)\n")
    assert not sender.run(2).acknowledged
    with psycopg.connect(server.paths.url) as connection:
        connection.execute(
            "UPDATE compliance_repository SET poll = true, hooked_at = now() - interval '2 hours', "
            "polled_at = now() - interval '15 minutes'"
        )
    commits = f"SELECT id FROM compliance_commit WHERE sha = '{sha}'"
    wait(lambda: one(server, f"SELECT count(*) FROM compliance_snapshot WHERE commit_id IN ({commits})"), 120)
    relies = "SELECT count(*) FROM compliance_repository WHERE hooked_at IS NOT NULL"
    assert one(server, relies) == 0, "it polls every minute from now on"


def test_what_is_switched_on_without_postgres_reaches_the_others(
    installation: dict[str, str], server: Postgres, start: Start, tmp_path: Path
) -> None:
    other = {**installation, "DATA_DIR": str(tmp_path / "other")}
    server.stop()
    assert "for this machine only" in maintenance(installation, "on", "--message", "Postgres is repaired.")
    ports = [free_port(), free_port()]
    for environment, port in zip((installation, other), ports, strict=True):
        start(environment, "web", port=port)
        wait(lambda port=port: answers(f"http://127.0.0.1:{port}"))  # type: ignore[misc]
    here, there = (Operator(installation, port, tmp_path) for port in ports)
    assert "Postgres is repaired." in here.page()
    assert "The database isn't responding." in there.page()
    server.start()
    wait(lambda: "Postgres is repaired." in there.page(), 120)
    maintenance(other, "off")
    wait(lambda: here.ask("/sign-in/")[0] == 200)
    wait(lambda: not (Path(installation["DATA_DIR"]) / "maintenance.json").exists())
