"""The product's clock, set back so that every run of the picture taker begins at the same moment.

Time still passes: leases and retries need it. Python's clock is replaced in each process by
tests/screenshots/settings.py, the database's by functions that hide those of pg_catalog, and the browser's by
Playwright.
"""

import os
from datetime import UTC, datetime, timedelta

import psycopg
from django.utils import timezone

START = datetime(2025, 10, 24, 12, tzinfo=UTC)
"""A few hours after the newest commit of the demonstration with its original dates."""
LOOK = START + timedelta(minutes=80)
"""The browser's time: whatever the run did in its first 20 minutes is "1 hour ago"."""
SHIFT = "SCREENSHOTS_CLOCK_SHIFT"
"""The environment variable that gives child processes the same shift, in seconds."""
DATABASE_FUNCTIONS = ("now", "statement_timestamp", "clock_timestamp")


def shift() -> timedelta:
    """Return how far the clock is set back, which the first process of a run decides."""
    seconds = os.environ.setdefault(SHIFT, str((datetime.now(UTC) - START).total_seconds()))
    return timedelta(seconds=float(seconds))


def set_python_clock() -> None:
    """Make Django's `timezone.now` return the shifted time in this process."""
    difference = shift()
    timezone.now = lambda: datetime.now(UTC) - difference


def set_database_clock(url: str) -> None:
    """Make the SQL functions for the current time return the shifted time in every later session."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name in DATABASE_FUNCTIONS:
            connection.execute(
                f"CREATE OR REPLACE FUNCTION public.{name}() RETURNS timestamptz LANGUAGE sql STABLE AS "
                f"$$ SELECT pg_catalog.{name}() - interval '{shift().total_seconds()} seconds' $$"
            )
        database = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{database}" SET search_path = public, pg_catalog')
