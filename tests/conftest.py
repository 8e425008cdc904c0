"""What every test may ask for: messages through the test database, the environment for child processes."""

import gc
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from psycopg.conninfo import make_conninfo

from compliance.celery import app
from compliance.embedded.broker_tables import install
from compliance.jobs import wakeups
from tests.databases import empty_quickly, use_template
from tests.processes import broker, start

__all__ = ["broker", "start"]  # fixtures for every test

# Playwright runs an event loop in this thread, beside which Django would refuse to work.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# A shell starts what it puts in the background with Ctrl-C ignored, and every child would inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# A session that is asked to end, for example by `timeout`, ends its servers and removes its folder.
signal.signal(signal.SIGTERM, signal.default_int_handler)

empty_quickly()

# How fast values are drawn says how busy the machine is, not whether the product is right.
hypothesis_settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("patient")

LONGEST = ("embedded", "browser", "jobs", "docs", "pull_requests", "server")
"""Folders whose files take minutes, though they have few tests."""


def _url() -> str:
    """The test database as DATABASE_URL."""
    database = connection.settings_dict
    options = {"host": database["HOST"] or "", **database.get("OPTIONS", {})}
    if database["PORT"]:
        options["port"] = database["PORT"]
    if database["PASSWORD"]:
        options["password"] = database["PASSWORD"]
    return f"postgresql://{quote(database['USER'])}@/{database['NAME']}?{urlencode(options, quote_via=quote)}"


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: pytest.FixtureRequest
) -> None:
    """Beside the database of its own that each process has, migrate only once for all of them."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            use_template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """Also the messages of this process go through the test database, when Postgres carries them."""
    if settings.QUEUE_IN_POSTGRES:
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            connection.ensure_connection()
            install(connection.connection)
        # pgmq reads no host out of a URL's query, so this is the other form of a connection string.
        options = app.conf.broker_transport_options
        here = make_conninfo(options["conn_string"], dbname=connection.settings_dict["NAME"])
        app.conf.broker_transport_options = {**options, "conn_string": here}
    yield
    wakeups.close()
    app.pool.force_close_all()  # type: ignore[attr-defined]  # the stubs take it for a pool of producers


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """The environment of a worker, beat or web process that shares this test's database and data folder."""
    return {
        **os.environ,
        "DATABASE_URL": _url(),
        "DJANGO_SETTINGS_MODULE": "compliance.settings",
        "SECRET_KEY": settings.SECRET_KEY,
    }


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """BROKER_URL of a real Redis that lives as long as the session."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("redis-server is missing. Debian: apt-get install redis-server", pytrace=False)
    folder = tmp_path_factory.mktemp("redis")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder), "--save", ""]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        for _ in range(200):
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            pytest.fail("redis-server does not start:\n" + (folder / "log").read_text())
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.wait()


def chromium() -> str:
    """The browser of the tests: CHROMIUM, else the machine's own; its absence is a failure, never a skip.

    Chromium without a desktop comes first, which needs a third less time for the same pages.
    """
    known = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    for name in (os.environ.get("CHROMIUM"), *known):
        found = shutil.which(name) if name else None
        if found:
            return found
    pytest.fail(
        "Chromium is missing. Debian: apt-get install chromium-headless-shell; or set CHROMIUM.",
        pytrace=False,
    )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """How pytest-playwright starts it; its own sandbox does not work for root."""
    arguments = ["--disable-dev-shm-usage"] + (["--no-sandbox"] if os.geteuid() == 0 else [])
    return {**browser_type_launch_args, "executable_path": chromium(), "args": arguments}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that no process works alone at the end."""
    items.sort(key=lambda item: item.path.parts[-2] not in LONGEST)


def pytest_collection_finish() -> None:
    """Keep nine thousand collected tests, which live until the end, out of each search for unused objects."""
    gc.collect()
    gc.freeze()
