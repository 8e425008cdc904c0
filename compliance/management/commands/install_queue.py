"""`manage.py install_queue`: create the tables for Celery's messages in Postgres."""

from typing import Any

from django.core.management import BaseCommand
from django.db import connection

from compliance.embedded.broker_tables import install


class Command(BaseCommand):
    """Not needed with Redis or RabbitMQ, or with `manage.py up`, which does the same."""

    help = "Make the schema with which Postgres carries Celery's messages; changes nothing where it exists."

    def handle(self, *_: Any, **__: Any) -> None:
        """Create them. Raises Postgres's errors: the role must be allowed to create schemas."""
        connection.ensure_connection()
        made = install(connection.connection)
        self.stdout.write("The queue is ready." if made else "The queue was there already.")
