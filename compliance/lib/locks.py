"""The lock under which a repository's records change; it is no row's, so nothing else waits for it."""

from django.db import connection

_RECORDS = 0x55075
"""The number of this kind of lock among the advisory locks of the database."""

PATIENCE = "60s"
"""How long to wait for it. The recording of a very large commit may hold it for some seconds."""


def lock_records(repository: int) -> None:
    """Let nobody else change the records of this repository until the end of the caller's transaction.

    Recording, waivers and evidence each derive figures from rows that the others write. An advisory lock
    keeps them apart; a lock on the repository's row would also stop webhooks and polling, which write there.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [PATIENCE])
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_RECORDS, repository % 2**31])
        cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
