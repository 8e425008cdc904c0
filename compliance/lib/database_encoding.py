"""Refuses a database in which not every text can be stored."""

from typing import Any

from django.core.management import CommandError


def require_utf8(connection: Any) -> None:
    """Raise CommandError if the database of this connection has another encoding than UTF-8."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        (encoding,) = cursor.fetchone()
    if encoding != "UTF8":
        raise CommandError(
            f"The database has the encoding {encoding}, in which many texts cannot be stored. Create it with "
            "UTF8: CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0."
        )
