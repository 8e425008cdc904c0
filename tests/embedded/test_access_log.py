"""The web server's own log, written by a real gunicorn: who asked for what, and no key."""

import socket
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.embedded.conftest import ROOT, wait_until
from tests.processes import WEB_WORKER, free_port

pytestmark = pytest.mark.slow

KEY = "k3y-" * 11
ASKED = (
    f"/shared/{KEY}/",
    f"/join/{KEY}/",
    f"/unsubscribe/17:{KEY}/",
    f"/unsubscribe-topic/{KEY}:1abC:{KEY}/",
    f"/sign-in/x/callback/?code={KEY}&state={KEY}",
    f"/webhooks/jira/work/?a=1&secret={KEY}",
)
SHOWN = (
    "GET /shared/***/ HTTP",
    "GET /join/***/ HTTP",
    "/unsubscribe/***/ HTTP",
    "/unsubscribe-topic/***/ HTTP",
    "?code=***&state=***",
    "/webhooks/jira/work/?*** HTTP",
)


@pytest.mark.parametrize("program", [("compliance.asgi", *WEB_WORKER), ("compliance.wsgi",)])
def test_no_key_is_written(
    tmp_path: Path, process_environment: dict[str, str], program: tuple[str, ...]
) -> None:
    port, log = free_port(), tmp_path / "log"
    command = ["gunicorn", *program, "--bind", f"127.0.0.1:{port}", "--access-logfile", "-"]
    with log.open("wb") as output:
        web = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=process_environment, stdout=output, stderr=output
        )
    try:
        assert wait_until(lambda: "Listening at" in log.read_text())
        for address in ASKED:
            connection = HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", address, headers={"Referer": f"http://127.0.0.1{address}"})
            connection.getresponse().read()
            connection.close()
        assert wait_until(lambda: log.read_text().count("GET /") >= len(ASKED))
        if WEB_WORKER[1] in program:  # the other one logs nothing for a client that has left
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(b"POST /left/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\nhalf")
            assert wait_until(lambda: '"POST /left/ HTTP/1.1" 499 ' in log.read_text())
    finally:
        web.terminate()
        web.wait()

    written = log.read_text()
    assert KEY not in written
    assert [line for line in SHOWN if line not in written] == []
