"""The examples of docs/api.md, run as they stand there: real curl, real server, answers as shown."""

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer

from tests.api.conftest import give
from tests.evidence.conftest import furnish
from tests.views.cast import World
from tests.views.furnished import readable
from tests.views.permissions import addresses, operations
from tests.views.pull_requests import judged

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "api.md"
_BLOCK = re.compile(r"```console\n(.*?)```", re.DOTALL)
_EXAMPLE = re.compile(r"\$ (curl [^\n]+)\n([^$\n]+)\n")


_ROW = re.compile(r"^\| (`[^|]+) \| (`[^|]+|- \(.+\)) \|$", re.MULTILINE)
_NAME = re.compile(r"`([\w-]+)`")
EDITED = """version: 1
name: Plan
target_percent: 96.0
rules:
  - {id: home, kind: deprecated-symbol, risk: high, symbols: [app.get_it], replacement: {symbol: app.make_it}}
"""


def examples() -> list[tuple[str, str]]:
    """Each command of the page with the answer shown for it."""
    return [found for block in _BLOCK.findall(PAGE.read_text()) for found in _EXAMPLE.findall(block)]


def shape(shown: str) -> re.Pattern[str]:
    """Return a pattern for a response, in which `...` matches any text."""
    parts = [re.escape(part) for part in shown.split("...")]
    return re.compile(".*".join(parts), re.DOTALL)


def test_every_example_answers_as_the_page_shows(live_server: LiveServer, netra: World, person: User) -> None:
    known = {"TOKEN": give(person), "SERVER": live_server.url, "FILE": netra.standing[0].file.path}
    known["PLAN"] = json.dumps(EDITED)[1:-1]
    judged(readable(furnish(netra)))
    found = examples()
    assert len(found) == PAGE.read_text().count("$ curl") >= 8

    for command, shown in found:
        for name, value in known.items():
            command = command.replace(f"${name}", value)  # noqa: PLW2901  (filled in step by step)
        arguments = [*shlex.split(command), "--silent", "--show-error", "--noproxy", "*"]
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=30, check=True)
        answer = json.loads(done.stdout)
        assert shape(shown).fullmatch(json.dumps(answer)), f"{command}\n{done.stdout}"
        if isinstance(answer, list) and answer[0]["state"] == "active":
            known["CLAIM"] = str(answer[0]["id"])
        if isinstance(answer, dict) and answer.get("state") == "in the making":
            known["DRAFT"] = str(answer["id"])
        if isinstance(answer, dict) and answer.get("state") == "running":
            known["TRIAL"] = str(answer["id"])


def test_every_page_has_its_operation_or_a_reason() -> None:
    rows = _ROW.findall(PAGE.read_text().partition("## Pages and operations")[2])
    told = {name: row[1] for row in rows for name in _NAME.findall(row[0])}
    known = {name for _, name, _ in operations()}

    for said in told.values():
        assert said.startswith("- (") or set(_NAME.findall(said)) <= known, said
    # A spreadsheet has what its list has.
    pages = {name.removesuffix("-csv") for name, _ in addresses()}
    assert set(told) == pages
    sent = {"test_reports_send_report", "measurements_send_measurement"}
    evidence = {"evidence_suites", "evidence_measurements"}  # pages tell of them by the criteria
    used = {name for said in told.values() for name in _NAME.findall(said)}
    teams = {"teams_index", "teams_write", "teams_change", "teams_remove"}  # they have no page yet
    assert known - used == sent | evidence | teams
