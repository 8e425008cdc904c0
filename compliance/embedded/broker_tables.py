"""Installs the database tables and functions for Celery's messages, which are used if no other broker is
configured.
"""

from typing import Any

from pgmq.install import get_embedded_install_sql

QUEUE = "celery"
"""Celery's default queue, which is created in advance so that senders don't have to declare it."""


def install(connection: Any) -> bool:
    """Create the pgmq schema if it is missing. Return true if it was created.

    The SQL can't be run twice. It also works on managed servers without the pgmq extension.

    Args:
        connection: an open psycopg connection; the schema is created in one transaction.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('pgmq'))")
        if connection.execute("SELECT to_regnamespace('pgmq')").fetchone()[0] is not None:
            return False
        connection.execute(get_embedded_install_sql())
        connection.execute("SELECT pgmq.create(%s)", [QUEUE])
    return True
