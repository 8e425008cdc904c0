"""A program that knows nothing but the schema finds no fault: schemathesis, as a command, over HTTP."""

import re
import subprocess
import sys
from pathlib import Path

from django.conf import LazySettings
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer

from tests.api.conftest import Send, give
from tests.pages.cast import World

CONFIG = Path(__file__).with_name("schemathesis.toml")


def test_the_server_keeps_what_its_schema_says(
    live_server: LiveServer, send: Send, netra: World, person: User, settings: LazySettings
) -> None:
    settings.API_CALLS_AT_ONCE = 1_000_000
    token = give(person)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)),
        *("run", f"{live_server.url}/api/v1/openapi.json"),
        *("--header", f"Authorization: Bearer {token}", "--phases", "fuzzing"),
        *("--max-examples", "5", "--generation-deterministic", "--no-shrink", "--request-timeout", "20"),
        *("--continue-on-failure", "--warnings", "off"),
    ]

    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    operations = len(send("GET", "/openapi.json", token).body["paths"])
    tested = re.search(r"Tested: (\d+)", done.stdout)
    assert tested is not None
    assert int(tested[1]) >= operations > 20
