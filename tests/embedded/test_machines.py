"""Three worker machines and a web server on one Postgres, of which one is killed and loses its data.

`python -m bench.machines` does the same with more repositories, and with Redis and RabbitMQ.
"""

from pathlib import Path

import pytest

from bench.machines.story import Story

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.timeout(900),  # it starts nine processes, and a lease must expire
]


def test_a_killed_machine_is_replaced_and_one_with_nothing_works(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    names = ("DATABASE_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE")
    environment = {name: process_environment[name] for name in names}
    story = Story(tmp_path, environment, small=6, length=120, processes=1)
    assert story.run().faults == []
