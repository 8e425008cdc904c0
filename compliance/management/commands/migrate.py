"""Migrate the database, under a lock, and create the queue in it: `manage.py migrate`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import CommandError
from django.core.management.commands import migrate
from django.db import connections

from compliance.embedded.broker_tables import install

_LOCK = 0x55074  # an arbitrary number that isn't used by any other lock in this database


class Command(migrate.Command):
    """Django's command, which also creates the tables for Celery's messages, unless BROKER_URL is set.

    If several processes migrate at the same time, one does it and the others wait.
    """

    help = (
        "Updates database schema, and creates the tables for Celery's messages unless BROKER_URL is set. "
        "Several processes may run it at once."
    )

    def handle(self, *arguments: Any, **options: Any) -> None:
        """Migrate. Raises CommandError, and Django's database errors."""
        if options["plan"] or options["check_unapplied"] or options["prune"]:
            super().handle(*arguments, **options)
            return
        with _alone(options["database"]):
            super().handle(*arguments, **options)
            if settings.QUEUE_IN_POSTGRES and not options["app_label"]:
                _install_queue(options["database"])


@contextmanager
def _alone(database: str) -> Iterator[None]:
    with connections[database].cursor() as cursor:
        # Another process may need long to migrate; that is no reason to give up.
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        cursor.execute("SET lock_timeout = '60s'")
    try:
        yield
    finally:
        with connections[database].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _install_queue(database: str) -> None:
    try:
        install(connections[database].connection)
    except psycopg.errors.InsufficientPrivilege as error:
        raise CommandError(
            f"The tables for Celery's messages cannot be created: {str(error).strip()}\n"
            "Permit it (GRANT CREATE ON DATABASE name TO role), or set BROKER_URL to Redis or RabbitMQ."
        ) from None
