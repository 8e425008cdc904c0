"""A few random kills under `manage.py up`, with messages in Postgres and Redis: all is recorded once.

`python -m bench.kills` does the same with hundreds of kills, and with RabbitMQ.
"""

import shutil
from pathlib import Path

import pytest

from bench.kills.brokers import broker
from bench.kills.installation import Installation, wait
from bench.kills.storm import Storm

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("name", "seed", "terms"), [("postgres", 4, 2), ("redis", 5, 1)])
def test_random_kills_lose_nothing_and_leave_nothing_behind(
    name: str, seed: int, terms: int, tmp_path: Path
) -> None:
    with broker(name, tmp_path / "broker") as server:
        if server is not None:
            wait(server.answers, 60)
        installation = Installation(tmp_path / "data", server)
        storm = Storm(installation, tmp_path, seed, length=40)
        try:
            installation.start("--repo", str(storm.first), "--plan", str(storm.plan))
            result = storm.run(5, histories=1)
        finally:
            installation.stop(terms, group=True)
            left = installation.left_behind()
            shutil.rmtree((tmp_path / "data" / "postgres").resolve(), ignore_errors=True)
    assert result.kills.total() == 5
    assert result.faults == []
    assert left == []
