"""gunicorn's ASGI worker, with limits on the time for sending a request and for reading a response."""

import asyncio
import resource
import struct
from socket import SO_LINGER, SOL_SOCKET
from typing import Any

from gunicorn.asgi.protocol import ASGIProtocol
from gunicorn.workers import gasgi

HEADER_SECONDS = 10.0
ANSWER_SECONDS = 30.0
"""Number of seconds within which a client must read the data that is waiting for it, which is at most 64
kB.
"""

MOST_CONNECTIONS = 2000
_FILES_FOR_ELSE = 200


class BoundedConnection(ASGIProtocol):  # type: ignore[misc]  # the library has no types
    """A connection from a client."""

    def __init__(self, worker: Any) -> None:
        super().__init__(worker)
        self._header_limit: asyncio.TimerHandle | None = None
        self._answer_limit: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the headers of the first request. For later ones, the keep-alive timeout applies."""
        if self.worker.nr_conns >= self.worker.most_connections:
            transport.abort()
            self._closed = self._conn_lost_handled = True
            return
        super().connection_made(transport)
        self.worker.connections.add(self)
        self._header_limit = self.worker.loop.call_later(HEADER_SECONDS, self.close_if_idle)

    def _on_headers_complete(self) -> Any:
        _cancel(self._header_limit)
        return super()._on_headers_complete()

    def close_if_idle(self) -> None:
        """Close the connection unless a request is being handled."""
        if self._current_request is None:
            self._close_transport()
            if self._request_ready is not None:
                self._request_ready.set()

    def pause_writing(self) -> None:
        """Start the time limit within which the client must read what has been written so far."""
        super().pause_writing()
        self._limit_answer()

    def resume_writing(self) -> None:
        """Remove the time limit that `pause_writing` started."""
        super().resume_writing()
        _cancel(self._answer_limit)

    def _close_transport(self) -> None:
        """Close the connection once the client has read the rest, within the same time limit."""
        super()._close_transport()
        if self.transport is not None and self.transport.get_write_buffer_size():
            self._limit_answer()

    def _limit_answer(self) -> None:
        _cancel(self._answer_limit)
        self._answer_limit = self.worker.loop.call_later(ANSWER_SECONDS, self._reset)

    def _reset(self) -> None:
        """Close the connection at once, discarding what the system would otherwise still send (socket(7),
        SO_LINGER).
        """
        socket = self.transport.get_extra_info("socket")
        if socket is not None:
            socket.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Remove the connection and its time limits."""
        _cancel(self._header_limit)
        _cancel(self._answer_limit)
        self.worker.connections.discard(self)
        super().connection_lost(exc)


def _cancel(limit: asyncio.TimerHandle | None) -> None:
    if limit is not None:
        limit.cancel()


class Worker(gasgi.ASGIWorker):  # type: ignore[misc]  # the library has no types
    """A worker process that limits the number and the duration of its connections."""

    def init_process(self) -> None:
        """Raise the limit on open files to the system's maximum, and allow fewer connections than that."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MOST_CONNECTIONS + _FILES_FOR_ELSE
        allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        if soft != resource.RLIM_INFINITY and soft < allowed:
            resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
            soft = allowed
        room = wanted if soft == resource.RLIM_INFINITY else soft
        # A response or body that doesn't fit into memory needs a file as well.
        self.most_connections = max(min(MOST_CONNECTIONS, (room - _FILES_FOR_ELSE) // 2), 16)
        self.connections: set[BoundedConnection] = set()
        gasgi.ASGIProtocol = BoundedConnection  # gunicorn's worker has no setting for the protocol class
        super().init_process()

    async def _shutdown(self) -> None:
        """Stop the worker without waiting for clients that have no request in progress."""
        for server in self.servers:
            server.close()
        for connection in list(self.connections):
            connection.close_if_idle()
        await super()._shutdown()
