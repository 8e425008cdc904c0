"""kombu's transport over Postgres, on connections of our own making.

As it comes, it keeps only host, port, name, user and password of a connection string (`sslmode` is lost), and
reads messages in a transaction of two round trips: a worker that is stopped between them keeps a lock on the
queue that lets no other worker begin. Postgres ends such a transaction soon; its messages are read again.
"""

from typing import Any

from kombu.transport import pgmq
from pgmq import PGMQueue
from psycopg_pool import ConnectionPool

PATIENCE = "5s"


class Transport(pgmq.Transport):
    """The transport options are those of kombu's; `conn_string` is given to libpq as it stands."""

    _connections: ConnectionPool[Any] | None = None

    def _create_pgmq_client(self) -> PGMQueue:
        options: Any = self.client and self.client.transport_options
        self._connections = ConnectionPool(
            options["conn_string"],
            min_size=1,
            max_size=options["pool_size"],
            timeout=options["pool_timeout"],
            kwargs={"options": f"-c idle_in_transaction_session_timeout={PATIENCE}"},
            check=ConnectionPool.check_connection,  # Postgres may have been started again since
            open=True,
        )
        return PGMQueue(
            conn_string=options["conn_string"],
            pool=self._connections,
            vt=options["visibility_timeout"],
            init_extension=False,
        )

    def close_connection(self, connection: Any) -> None:
        """Close the pool too: the client leaves to its owner what it was given."""
        try:
            super().close_connection(connection)
        finally:
            if self._connections is not None:
                self._connections.close()
                self._connections = None
