"""Errors are reported to Sentry without source code, secrets, requests or people, and only with a DSN."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from compliance.lib.error_reports import SILENCE, _Filter, reduced
from compliance.lib.logs import log_context
from compliance.models import Job
from tests.lib import sentry_server
from tests.processes import ROOT, Start, answers, free_port, manage, wait

TOKEN = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"


class Sentry:
    """The server, and what it has received."""

    def __init__(self, port: int, folder: Path) -> None:
        self.dsn = f"http://{sentry_server.KEY}@127.0.0.1:{port}/{sentry_server.PROJECT}"
        self.folder = folder

    def texts(self) -> list[str]:
        assert not (self.folder / "refused").exists(), (self.folder / "refused").read_text()
        return [path.read_text() for path in sorted(self.folder.glob("*.json"))]

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(text) for text in self.texts()]


@pytest.fixture
def sentry(tmp_path: Path) -> Iterator[Sentry]:
    folder, port = tmp_path / "sentry", free_port()
    folder.mkdir()
    process = subprocess.Popen([sys.executable, sentry_server.__file__, str(port), str(folder)])
    try:
        wait(lambda: _refuses(port))
        (folder / "refused").unlink()
        yield Sentry(port, folder)
    finally:
        process.kill()
        process.wait()


def _refuses(port: int) -> bool:
    """Return true once the server refuses a request of another kind."""
    try:
        urlopen(Request(f"http://127.0.0.1:{port}/", b"x"), timeout=5).close()
    except HTTPError as error:
        return error.code == 400
    except OSError:
        return False
    return False


@pytest.mark.slow
def test_the_web_server_reports_what_failed_and_nothing_of_the_request(
    process_environment: dict[str, str], sentry: Sentry, start: Start
) -> None:
    port = free_port()
    environment = {
        **process_environment,
        "DATABASE_URL": f"postgresql://someone:hunter2@127.0.0.1:{free_port()}/x",
        "SENTRY_DSN": sentry.dsn,
        "SENTRY_ENVIRONMENT": "staging",
        "MACHINE_NAME": "alpha",
    }
    start(environment, "web", port=port)
    wait(lambda: answers(f"http://127.0.0.1:{port}"))
    headers = {
        "Cookie": "sessionid=a-secret-session",
        "Authorization": f"Bearer {TOKEN}",
        "X-Request-ID": "r1",
    }
    request = Request(f"http://127.0.0.1:{port}/?name=ada@example.org", headers=headers)
    with pytest.raises(HTTPError):
        urlopen(request, timeout=60)
    wait(lambda: any("exception" in event for event in sentry.events()))
    event = next(event for event in sentry.events() if "exception" in event)
    assert event["environment"] == "staging"
    assert event["server_name"] == "alpha"
    assert event["release"].startswith("ssot-compliance@")
    assert event["tags"]["request"] == "r1"
    assert event["exception"]["values"][-1]["type"] == "OperationalError"
    assert event["exception"]["values"][-1]["stacktrace"]["frames"][-1]["function"]
    for text in sentry.texts():
        for secret in (
            "a-secret-session",
            TOKEN,
            "ada@example.org",
            "hunter2",
            "context_line",
            '"vars"',
            "cookie",
        ):
            assert secret not in text
        assert not {"request", "user", "breadcrumbs", "modules", "extra"} & set(json.loads(text))


@pytest.mark.slow
def test_a_worker_reports_a_job_that_failed(
    process_environment: dict[str, str], sentry: Sentry, start: Start, tmp_path: Path
) -> None:
    environment = {**process_environment, "SENTRY_DSN": sentry.dsn}
    Job.objects.create(kind="unknown-kind", queue="urgent", max_attempts=1)
    start(environment)
    wait(lambda: any(event.get("tags", {}).get("kind") == "unknown-kind" for event in sentry.events()), 60)
    event = next(event for event in sentry.events() if event.get("tags", {}).get("kind") == "unknown-kind")
    assert event["tags"]["job"] == str(Job.objects.get().pk)
    assert event["exception"]["values"][-1]["type"] == "UnknownJobError"
    assert event["transaction"] == "compliance.tasks.work"


def test_without_a_dsn_the_library_is_not_loaded() -> None:
    command = "import sys, compliance.settings; print('sentry_sdk' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", command], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("sentry.example.org", "SENTRY_DSN: must be the DSN of a project"),
        ("https://sentry.example.org/42", "SENTRY_DSN: must be the DSN of a project"),
        ("https://hunter2@sentry.example.org/", "SENTRY_DSN: does not end with the number of a project"),
    ],
)
def test_an_invalid_dsn_is_refused(value: str, said: str, tmp_path: Path) -> None:
    done = manage({"DATA_DIR": str(tmp_path), "SENTRY_DSN": value}, "check")
    assert done.returncode != 0
    assert said in done.stderr
    assert "hunter2" not in done.stderr


def test_what_is_left_of_an_event() -> None:
    frame = {"filename": "a.py", "function": "f", "lineno": 3, "context_line": "secret = 1", "vars": {"x": 1}}
    value = f"cannot read https://u:{TOKEN}@host for ada@example.org\nsource code\nDETAIL: Key (email)"
    event = {
        "event_id": "1",
        "level": "error",
        "user": {"email": "ada@example.org"},
        "request": {"url": "x"},
        "extra": {"sys.argv": ["x"]},
        "breadcrumbs": {"values": [1]},
        "contexts": {"runtime": {"name": "CPython"}, "trace": {"data": "x"}},
        "exception": {"values": [{"type": "E", "value": value, "stacktrace": {"frames": [frame]}}]},
    }
    with log_context(job=7):
        found = reduced(event)
    assert found == {
        "event_id": "1",
        "level": "error",
        "contexts": {"runtime": {"name": "CPython"}},
        "tags": {"job": "7"},
        "exception": {
            "values": [
                {
                    "type": "E",
                    "value": "cannot read https://***@host for ***",
                    "stacktrace": {"frames": [{"filename": "a.py", "function": "f", "lineno": 3}]},
                }
            ]
        },
    }
    logged = {"logentry": {"message": "Mail to %s failed", "params": ["ada@example.org"]}, "logger": "l"}
    assert reduced(logged)["logentry"] == {"message": "Mail to *** failed"}


def test_the_same_error_is_sent_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("compliance.lib.error_reports.time.monotonic", lambda: now)
    send = _Filter()
    event = {"logger": "l", "logentry": {"message": "It failed"}}
    assert send(event, {}) is not None
    assert send(event, {}) is None
    assert send({**event, "logentry": {"message": "It failed again"}}, {}) is not None
    now += SILENCE
    assert send(event, {}) is not None
