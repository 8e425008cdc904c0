"""What every test may ask for: messages through the test database, the environment for child processes."""

import os
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.db import connection

from compliance.celery import app
from compliance.local.queue import install


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
def django_db_setup(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """Also the messages of this process go through the test database, when Postgres carries them."""
    if settings.CELERY_BROKER_URL == "pgmq://":
        with django_db_blocker.unblock():  # type: ignore[attr-defined]
            connection.ensure_connection()
            install(connection.connection)
        app.conf.broker_transport_options = {**app.conf.broker_transport_options, "conn_string": _url()}


@pytest.fixture
def process_environment(transactional_db: None) -> dict[str, str]:
    """The environment of a worker, beat or web process that shares this test's database and data folder."""
    return {**os.environ, "DATABASE_URL": _url(), "DJANGO_SETTINGS_MODULE": "compliance.settings"}
