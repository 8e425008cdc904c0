"""kombu's Postgres transport, with connections configured by the product.

The original transport uses only the host, port, name, user and password in the connection string, so
`sslmode` is lost. It also reads messages in a transaction with two round trips. If a worker is stopped
between them, it keeps a lock on the queue that blocks all other workers. Therefore, Postgres ends idle
transactions soon, and their messages are redelivered.
"""

from collections.abc import Callable
from queue import Empty
from typing import Any

from kombu.transport import pgmq
from pgmq import PGMQueue
from psycopg import sql
from psycopg.errors import ReadOnlySqlTransaction
from psycopg_pool import ConnectionPool

LIMITS = {
    "idle_in_transaction_session_timeout": "5s",
    "lock_timeout": "10s",
    "statement_timeout": "30s",
}
"""Limits for its sessions. No statement waits for a message."""


_HAS_MESSAGE = sql.SQL(
    "SELECT {name} WHERE EXISTS (SELECT FROM pgmq.{table} WHERE vt <= clock_timestamp() LIMIT 1)"
)


class Channel(pgmq.Channel):
    """kombu's channel, which asks for the messages of all its queues in one statement."""

    _last = ""

    def _poll(self, cycle: Any, callback: Callable[..., Any], timeout: float | None = None) -> Any:  # noqa: ARG002  (kombu's order of queues)
        """Read from the queues that have messages, each in its turn. Raises Empty if there are none."""
        ready = self._ready()
        later = [queue for queue in ready if queue > self._last]
        for queue in later or ready:
            self._last = queue
            try:
                return self._get_bulk(queue, callback, timeout=timeout)  # type: ignore[no-untyped-call]
            except Empty:  # another worker has read the message
                continue
        raise Empty

    def _ready(self) -> list[str]:
        """Return the queues that have messages, sorted by name."""
        names = sorted(self._active_queues)
        parts = [
            _HAS_MESSAGE.format(name=sql.Literal(name), table=sql.Identifier(f"q_{self._queue_name(name)}"))
            for name in names
        ]
        if not parts:
            return []
        transport: Any = self.connection
        with transport.pool.connection() as session:
            rows = session.execute(sql.SQL(" UNION ALL ").join(parts)).fetchall()
        found = {name for (name,) in rows}
        return [name for name in names if name in found]


class Transport(pgmq.Transport):
    """kombu's transport, with the same options, except that `conn_string` is passed to libpq unchanged."""

    # If the server accepts no changes, for example during a failover, a worker reconnects instead of ending.
    connection_errors = (*pgmq.Transport.connection_errors, ReadOnlySqlTransaction)
    Channel = Channel
    _connections: ConnectionPool[Any] | None = None

    @property
    def pool(self) -> ConnectionPool[Any]:
        """Return the connections to the message tables."""
        self._get_pgmq_client()
        if self._connections is None:
            raise RuntimeError("The transport has been closed.")
        return self._connections

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
