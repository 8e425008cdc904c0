"""What the machines share: a migrated Postgres and the broker."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.kills.brokers import broker
from bench.kills.installation import wait
from bench.machines.machine import Machine
from compliance.embedded.paths import PostgresPaths
from compliance.embedded.postgres import Postgres

KEY = "a secret key that all machines of the bench share"
MIGRATE = """
from compliance.management.startup_steps import migrate
migrate()
"""


@contextmanager
def ground(folder: Path, broker_name: str) -> Iterator[dict[str, str]]:
    """Run Postgres and a broker over a folder until the block ends; gives the environment of machines."""
    folder.chmod(0o711)  # the account that Postgres runs as may walk through it
    paths = PostgresPaths(home=folder / "postgres", socket=folder / "postgres" / "socket")
    paths.home.mkdir(mode=0o711)
    server = Postgres(paths, folder / "postgres.log", durable=False)
    server.start()
    try:
        with broker(broker_name, folder / "broker") as messages:
            environment = {"DATABASE_URL": paths.url, "SECRET_KEY": KEY}
            if messages is not None:
                wait(messages.answers, 120)
                environment["BROKER_URL"] = messages.url
            Machine("setup", folder / "setup", environment).shell(MIGRATE)
            yield environment
    finally:
        server.stop()
