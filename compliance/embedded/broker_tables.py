"""The tables and functions that carry Celery's messages when no other broker is configured."""

from typing import Any

from pgmq.install import get_embedded_install_sql

QUEUE = "celery"
"""Celery's default queue, created up front so that senders needn't declare it."""


def install(connection: Any) -> bool:
    """Create the pgmq schema if it is missing; return whether it was created.

    It is plain SQL that cannot be run twice, and a managed server without the extension takes it too.

    Args:
        connection: an open psycopg connection; the schema is made in one transaction.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('pgmq'))")
        if connection.execute("SELECT to_regnamespace('pgmq')").fetchone()[0] is not None:
            return False
        connection.execute(get_embedded_install_sql())
        connection.execute("SELECT pgmq.create(%s)", [QUEUE])
    return True
