"""A program that knows nothing but the schema finds no fault: schemathesis, as a command, over HTTP."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import LazySettings
from ninja import Schema
from pytest_django.live_server_helper import LiveServer

from compliance.charts import CHARTS
from compliance.models import Claim, Commit, Phase, Waiver
from tests.api.conftest import Send, give
from tests.views.furnished import Furnished, furnished, somebody

pytestmark = pytest.mark.slow

CONFIG = Path(__file__).with_name("schemathesis.toml")


def dictionaries(world: Furnished) -> str:
    """What an address may name in this world, as schemathesis reads it."""
    rows = {int(places["pk"]) for places in world.pages.values() if "pk" in places}
    rows |= {world.violation.pk, Claim.objects.get().pk, *Waiver.objects.values_list("pk", flat=True)}
    known = {
        "slug": ["netra"],
        "pk": sorted(rows),
        "number": [1, 2],
        "key": ["#1274", *Phase.objects.values_list("key", flat=True)],
        "sha": list(Commit.objects.values_list("sha", flat=True)),
        "name": list(CHARTS),
    }
    lines = [f"{name} = {{ values = {json.dumps(values)} }}" for name, values in known.items()]
    return "\n".join(["[dictionaries]", *lines, "", CONFIG.read_text()])


def test_no_two_schemas_have_the_same_name() -> None:
    """In the document, the later one would silently replace the earlier one."""
    waiting, names = [Schema], Counter[str]()
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.startswith("compliance."):
                names[kind.__name__] += 1
    assert names["WaiverOut"] == 1
    assert [name for name, number in names.items() if number > 1] == []


def test_the_server_keeps_what_its_schema_says(
    live_server: LiveServer, send: Send, transactional_db: None, settings: LazySettings, tmp_path: Path
) -> None:
    settings.API_CALLS_AT_ONCE = 1_000_000
    person = somebody("administrator")
    config = tmp_path / "schemathesis.toml"
    config.write_text(dictionaries(furnished(person)))
    token = give(person)
    command = [
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(config)),
        *("run", f"{live_server.url}/api/v1/openapi.json"),
        *("--header", f"Authorization: Bearer {token}", "--phases", "fuzzing"),
        *("--max-examples", "2", "--generation-deterministic", "--no-shrink", "--request-timeout", "20"),
        *("--continue-on-failure", "--warnings", "off"),
    ]

    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    operations = len(send("GET", "/openapi.json", token).body["paths"])
    tested = re.search(r"Tested: (\d+)", done.stdout)
    assert tested is not None
    assert int(tested[1]) >= operations > 50
