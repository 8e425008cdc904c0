"""`manage.py install_queue`: let Postgres carry Celery's messages."""

from typing import Any

from django.core.management import BaseCommand
from django.db import connection

from compliance.embedded.broker_tables import install


class Command(BaseCommand):
    """Not needed with Redis or RabbitMQ, nor with `manage.py up`, which does it by itself."""

    help = "Make the schema with which Postgres carries Celery's messages; changes nothing where it exists."

    def handle(self, *_: Any, **__: Any) -> None:
        """Raises what Postgres raises: the role must be allowed to make schemas."""
        connection.ensure_connection()
        made = install(connection.connection)
        self.stdout.write("The queue is ready." if made else "The queue was there already.")
