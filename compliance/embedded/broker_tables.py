"""Installs the database tables and functions for Celery's messages, which are used if no other broker is
configured.
"""

from typing import Any

from pgmq.install import get_embedded_install_sql

from compliance.lib.queues import EVERY


def install(connection: Any) -> bool:
    """Create the pgmq schema and the queues if they are missing. Return true if the schema was created.

    The queues are created in advance so that senders don't have to declare them. The SQL of the schema can't
    be run twice. It also works on managed servers without the pgmq extension.

    Args:
        connection: an open psycopg connection; the schema is created in one transaction.
    """
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('pgmq'))")
        is_new = connection.execute("SELECT to_regnamespace('pgmq')").fetchone()[0] is None
        if is_new:
            connection.execute(get_embedded_install_sql())
        made = {name for (name,) in connection.execute("SELECT queue_name FROM pgmq.meta").fetchall()}
        for name in EVERY:
            if name not in made:  # creating it again would wait for the workers that read it
                connection.execute("SELECT pgmq.create(%s)", [name])
    return is_new
