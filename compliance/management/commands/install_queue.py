"""`manage.py install_queue`: create the tables for Celery's messages in Postgres."""

from typing import Any

from django.core.management import BaseCommand
from django.db import connection

from compliance.embedded.broker_tables import install


class Command(BaseCommand):
    """Not needed with Redis or RabbitMQ, nor after `manage.py up`, which does the same."""

    help = "Create the Postgres schema for Celery's messages, unless it exists."

    def handle(self, *_: Any, **__: Any) -> None:
        """Create them. Raises Postgres errors, for example if the role may not create schemas."""
        connection.ensure_connection()
        made = install(connection.connection)
        self.stdout.write("The queue is ready." if made else "The queue already exists.")
