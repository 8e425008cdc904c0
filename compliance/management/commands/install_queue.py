"""Create the tables for Celery's messages in Postgres: `manage.py install_queue`."""

from typing import Any

from django.core.management import BaseCommand
from django.db import connection

from compliance.embedded.broker_tables import install


class Command(BaseCommand):
    """Creates the tables. This isn't needed with Redis or RabbitMQ, or if `manage.py up` is used, which does
    the same.
    """

    help = "Create the Postgres schema for Celery's messages, unless it exists."

    def handle(self, *_: Any, **__: Any) -> None:
        """Create the tables. Raises Postgres errors, for example if the role may not create schemas."""
        connection.ensure_connection()
        made = install(connection.connection)
        self.stdout.write("The queue is ready." if made else "The queue already exists.")
