"""A clock that a test moves forward, for this process and for the database.

Postgres finds functions for the current time in a schema that comes before its own. Defaults of columns keep
the real time, so the clock only goes into the future.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

_FUNCTIONS = ("now", "statement_timestamp", "clock_timestamp")


class Clock:
    """The time, which passes at its usual speed after it was set."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.shift = timedelta()

    def set(self, moment: datetime) -> None:
        """Let it be a later time than it is."""
        shift = moment - datetime.now(UTC)
        assert shift >= self.shift, "the clock only goes forward"
        self.shift = shift
        self._patch.setattr(timezone, "now", lambda: datetime.now(UTC) + shift)
        with connection.cursor() as cursor:
            cursor.execute("UPDATE clock.shift SET seconds = %s", [shift.total_seconds()])


@contextmanager
def running(patch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Let the functions for the time be those of the clock, in all sessions that begin by then."""
    database = connection.settings_dict["NAME"]
    path = "clock, public, pg_catalog"
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA clock")
        cursor.execute("CREATE TABLE clock.shift (seconds double precision)")
        cursor.execute("INSERT INTO clock.shift VALUES (0)")
        for name in _FUNCTIONS:
            cursor.execute(
                f"CREATE FUNCTION clock.{name}() RETURNS timestamptz LANGUAGE sql STABLE AS "
                f"$$ SELECT pg_catalog.{name}() + make_interval(secs => seconds) FROM clock.shift $$"
            )
        cursor.execute(f'ALTER DATABASE "{database}" SET search_path = {path}')
        cursor.execute(f"SET search_path = {path}")
    try:
        yield Clock(patch)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{database}" RESET search_path')
            cursor.execute("RESET search_path")
            cursor.execute("DROP SCHEMA clock CASCADE")
