"""For each failure, the page, the metrics, the alerts and the doctor name the cause and what to do.

docs/monitoring/README.md has the same as a table.
"""

import re
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest

from compliance.embedded.postgres import Postgres
from tests.embedded.walk import Operator
from tests.processes import Start, answers, free_port, kill, wait

pytestmark = pytest.mark.slow


def execute(server: Postgres, statement: str) -> None:
    with psycopg.connect(server.paths.url, autocommit=True) as connection:
        connection.execute(statement.encode())


def start_web(start: Start, environment: dict[str, str], folder: Path) -> Operator:
    port = free_port()
    start(environment, "web", port=port)
    wait(lambda: answers(f"http://127.0.0.1:{port}"))
    return Operator(environment, port, folder)


def test_killed_processes(
    installation: dict[str, str], server: Postgres, start: Start, tmp_path: Path
) -> None:
    operator = start_web(start, installation, tmp_path)
    worker, beat = start(installation), start(installation, "beat")
    operator.sign_in()
    wait(lambda: operator.ready().get("worker") == "ok" and "beat" not in operator.ready(), 120)
    with psycopg.connect(server.paths.url) as connection:
        sent = "SELECT count(*) FROM compliance_scheduledtask WHERE sent_at IS NOT NULL"
        wait(lambda: (connection.execute(sent).fetchone() or (0,))[0] > 0, 120)
    wait(lambda: "Component Problem What to do" not in operator.page("/system/"))

    kill(worker)
    kill(beat)
    execute(server, "UPDATE compliance_heartbeat SET at = at - interval '100 s'")  # time passes
    execute(server, "UPDATE compliance_scheduledtask SET sent_at = sent_at - interval '100 s'")

    page = operator.page("/system/")
    assert re.search(r"Worker no heartbeat for 1\d\d s", page)
    assert "Start one: .venv/bin/python manage.py worker." in page
    assert re.search(r"Beat nothing was sent for 1\d\d s", page)
    found = operator.metrics()
    assert found['ssot_component_up{component="worker"}'] == 0
    assert found['ssot_component_up{component="beat"}'] == 0
    assert found['ssot_component_up{component="broker"}'] == 1
    told = operator.doctor()
    assert "error    Worker         no heartbeat for 1" in told
    assert "To do: Start it: .venv/bin/python manage.py beat." in told
    assert f"ok       Web server     It responds at http://127.0.0.1:{operator.port}/livez." in told
    alerts = operator.alerts()
    assert {"SsotNoWorker", "SsotNoBeat"} <= alerts
    assert not {"SsotDatabaseDown", "SsotBrokerDown", "SsotClock"} & alerts


def test_a_killed_web_server(installation: dict[str, str], tmp_path: Path) -> None:
    told = Operator(installation, free_port(), tmp_path).doctor()
    assert "warning  Web server     None responds on this machine at http://127.0.0.1:" in told
    assert "Connection refused" in told
    assert "To do: Start it: .venv/bin/python manage.py web" in told


def test_a_broker_that_is_gone(installation: dict[str, str], start: Start, tmp_path: Path) -> None:
    port, program = free_port(), shutil.which("redis-server")
    assert program, "Debian: apt-get install redis-server"
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)]
    redis = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    environment = {**installation, "BROKER_URL": f"redis://127.0.0.1:{port}/0"}
    try:
        operator = start_web(start, environment, tmp_path)
        start(environment)
        operator.sign_in()
        wait(lambda: operator.ready().get("worker") == "ok", 120)
    finally:
        redis.kill()
        redis.wait()

    wait(lambda: operator.ready().get("broker") == "the workers cannot connect to it", 120)

    assert "Broker the workers cannot connect to it. Check BROKER_URL" in operator.page("/system/")
    found = operator.metrics()
    assert found['ssot_component_up{component="broker"}'] == 0
    assert found['ssot_component_up{component="worker"}'] == 1
    told = operator.doctor()
    assert "error    Broker         It does not respond: " in told
    assert "To do: Check BROKER_URL: that server must be running" in told
    alerts = operator.alerts()
    assert "SsotBrokerDown" in alerts
    assert not {"SsotNoWorker", "SsotNoBeat", "SsotDatabaseDown"} & alerts


def test_a_database_that_is_gone_and_comes_back(
    installation: dict[str, str], server: Postgres, start: Start, tmp_path: Path
) -> None:
    operator = start_web(start, installation, tmp_path)
    server.stop()
    _check_database(operator, "unreachable", "The database isn't responding.", "Postgres does not respond: ")
    assert "Check DATABASE_URL: that server must be running" in operator.doctor()
    server.start()
    wait(lambda: operator.ready().get("database") == "ok")
    assert operator.metrics()["ssot_database_up"] == 1


def _check_database(operator: Operator, cause: str, sentence: str, told: str) -> None:
    """Check that everything names one cause for which the database can't be used."""
    wait(lambda: operator.ask("/", operator.cookie)[0] == 503)
    page = operator.page()
    assert f"The database is unavailable {sentence} The request was not saved." in page
    status, body = operator.ask("/api/v1/repositories", {"Authorization": f"Bearer ssot_{'x' * 40}"})
    assert (status, sentence in body) == (503, True)
    found = operator.metrics()
    assert found[f'ssot_database_problem{{cause="{cause}"}}'] == 1
    assert sum(value for name, value in found.items() if name.startswith("ssot_database_problem")) == 1
    assert told in operator.doctor()
    assert "SsotDatabaseDown" in operator.alerts()


def test_a_wrong_password(
    installation: dict[str, str], server: Postgres, start: Start, tmp_path: Path
) -> None:
    execute(server, "CREATE ROLE someone LOGIN SUPERUSER PASSWORD 'right'")
    access = server.paths.data / "pg_hba.conf"
    access.write_text("local all someone scram-sha-256\n" + access.read_text())
    execute(server, "SELECT pg_reload_conf()")
    url = installation["DATABASE_URL"]
    user = url.partition("//")[2].partition("@")[0]
    wrong = {**installation, "DATABASE_URL": url.replace(f"//{user}@", "//someone:wrong@", 1)}
    operator = start_web(start, wrong, tmp_path)
    sentence = "The database refuses this server's user name or password."
    _check_database(operator, "access", sentence, f"error    Database       {sentence[:-1]}: ")
    assert "To do: Correct the user name and password in DATABASE_URL" in operator.doctor()
    assert operator.ready()["database"] == sentence


def test_a_database_that_does_not_exist(installation: dict[str, str], start: Start, tmp_path: Path) -> None:
    wrong = {**installation, "DATABASE_URL": installation["DATABASE_URL"].replace("@/compliance", "@/other")}
    assert wrong != installation
    operator = start_web(start, wrong, tmp_path)
    sentence = "The database doesn't exist on its server."
    _check_database(operator, "missing", sentence, f"error    Database       {sentence[:-1]}: ")


def test_a_key_that_turns_out_to_be_wrong(
    installation: dict[str, str], server: Postgres, start: Start, tmp_path: Path
) -> None:
    """A process that starts while the database is gone can't know yet that its key is wrong."""
    server.stop()
    wrong = {**installation, "SECRET_KEY": "another key of more than thirty-two characters"}
    operator = start_web(start, wrong, tmp_path)
    start(wrong)
    server.start()
    execute(server, "SELECT 1")
    sentence = "This server's secret key is not the installation's."
    wait(lambda: operator.ready().get("database") == sentence)
    _check_database(
        operator, "key", sentence, "error    Secret key     SECRET_KEY is not the secret key of this"
    )
    log = tmp_path / "worker1.log"
    wait(lambda: "SECRET_KEY is not the secret key of this installation" in log.read_text())


def test_a_clock_of_postgres_that_is_wrong_and_then_set_right(
    installation: dict[str, str],
    server: Postgres,
    start: Start,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        pytest.skip("libfaketime is missing. Debian: apt-get install faketime")
    server.stop()
    with monkeypatch.context() as fake:
        for name, value in {"LD_PRELOAD": str(library), "FAKETIME": "+2h", "NO_FAKE_STAT": "1"}.items():
            fake.setenv(name, value)
        server.start()
    operator = start_web(start, installation, tmp_path)
    operator.sign_in()
    assert -7300 < operator.metrics()["ssot_clock_drift_seconds"] < -7100
    words = "This machine's clock differs from that of Postgres by -7"
    assert f"Clock {words}" in operator.page("/system/")
    assert f"warning  Clock          {words}" in operator.doctor()
    assert "SsotClock" in operator.alerts()
    execute(
        server,
        "INSERT INTO compliance_job (kind, key, detail, queue, priority, state, attempts, max_attempts,"
        " merged, due_at, worker, done_steps, total_steps, error, cause, created_at) VALUES"
        " ('update', '', '{}', 'scans', 0, 'done', 1, 1, 0, now(), '', 0, 0, '', '', now())",
    )

    server.stop()
    server.start()

    wait(lambda: operator.metrics().get("ssot_clock_set_back_seconds", 0) > 6000)
    assert abs(operator.metrics()["ssot_clock_drift_seconds"]) < 100
    assert "s in the future: the clock of Postgres was set back." in operator.page("/system/")
    assert "warning  Clock          The newest job is " in operator.doctor()
    assert "SsotClock" in operator.alerts()
