"""kombu's Postgres transport, with connections configured by the product.

The original transport uses only the host, port, name, user and password in the connection string, so
`sslmode` is lost. It also reads messages in a transaction with two round trips. If a worker is stopped
between them, it keeps a lock on the queue that blocks all other workers. Therefore, Postgres ends idle
transactions soon, and their messages are redelivered.
"""

from typing import Any

from kombu.transport import pgmq
from pgmq import PGMQueue
from psycopg.errors import ReadOnlySqlTransaction
from psycopg_pool import ConnectionPool

LIMITS = {
    "idle_in_transaction_session_timeout": "5s",
    "lock_timeout": "10s",
    "statement_timeout": "30s",
}
"""Limits for its sessions. No statement waits for a message."""


class Transport(pgmq.Transport):
    """kombu's transport, with the same options, except that `conn_string` is passed to libpq unchanged."""

    # If the server accepts no changes, for example during a failover, a worker reconnects instead of ending.
    connection_errors = (*pgmq.Transport.connection_errors, ReadOnlySqlTransaction)
    _connections: ConnectionPool[Any] | None = None

    def _create_pgmq_client(self) -> PGMQueue:
        options: Any = self.client and self.client.transport_options
        self._connections = ConnectionPool(
            options["conn_string"],
            min_size=1,
            max_size=options["pool_size"],
            timeout=options["pool_timeout"],
            kwargs={"options": " ".join(f"-c {name}={value}" for name, value in LIMITS.items())},
            check=ConnectionPool.check_connection,  # Postgres may have been restarted in the meantime
            open=True,
        )
        return PGMQueue(
            conn_string=options["conn_string"],
            pool=self._connections,
            vt=options["visibility_timeout"],
            init_extension=False,
        )

    def close_connection(self, connection: Any) -> None:
        """Close the connection and the pool, which the client doesn't do for a pool that was passed to it."""
        try:
            super().close_connection(connection)
        finally:
            if self._connections is not None:
                self._connections.close()
                self._connections = None
