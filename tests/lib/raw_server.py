"""A server that answers as a test tells it, byte by byte, and records what arrives."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass
class Server:
    """`answer` is called with each connection, once the head of a request has arrived."""

    answer: Callable[[socket.socket], None]
    port: int = 0
    heads: list[str] = field(default_factory=list)
    """The request line and the headers of each request."""
    connections: int = 0
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def paths(self) -> list[str]:
        """The path of each request."""
        return [head.split()[1] for head in self.heads]


def says(answer: bytes) -> Callable[[socket.socket], None]:
    """Answer every request with these bytes."""
    return lambda connection: connection.sendall(answer)


def _end(connection: socket.socket) -> None:
    """End the answer, and close once the client has: closing before its whole request is read resets the
    connection, and may take the answer with it.
    """
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65536):
        pass
    connection.close()


@contextmanager
def serving(
    answer: Callable[[socket.socket], None],
    host: str = "127.0.0.1",
    context: ssl.SSLContext | None = None,
    port: int = 0,
) -> Iterator[Server]:
    """Serve on a port, by default a free one, until the block ends."""
    told = Server(answer)

    class Handler(BaseRequestHandler):
        """Reads the head of one request and lets the test answer it."""

        def handle(self) -> None:
            told.connections += 1
            with suppress(OSError):  # the client may end the connection at any time
                connection = context.wrap_socket(self.request, server_side=True) if context else self.request
                head = b""
                while b"\r\n\r\n" not in head:
                    part = connection.recv(65536)
                    if not part:
                        return
                    head += part
                told.heads.append(head.decode("latin-1").partition("\r\n\r\n")[0])
                told.answer(connection)
                _end(connection)

    class Listener(ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

    server = Listener((host, port), Handler)
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.ended.set()
        server.shutdown()
        server.server_close()
        thread.join()
