"""The advisory lock for changes to a repository's records. It locks no rows, so nothing else is blocked."""

from django.db import connection

_RECORDS = 0x55075
"""The number that identifies this kind of lock among the database's advisory locks."""

PATIENCE = "60s"
"""How long to wait for the lock. Recording a very large commit may hold it for several seconds."""


def lock_records(repository: int) -> None:
    """Prevent others from changing the records of this repository until the end of the caller's transaction.

    Recording, waivers and evidence each derive figures from rows that the others write, so they must not run
    at the same time. A lock on the repository's row would also block webhooks and polling, which update that
    row.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout')")
        (usual,) = cursor.fetchone()
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_RECORDS, repository % 2**31])
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [usual])
