"""`python -m bench.urgency.remotes FOLDER CERTIFICATE`: one repository's refs at every path, over TLS.

It answers what a poll asks (`GET …/info/refs?service=git-upload-pack`) as a git server of protocol version 0
does: gitprotocol-http(5). It writes its certificate to a file and prints its port, then, each time it reads a
line, how many requests it has answered.
"""

import asyncio
import ssl
import subprocess
import sys
from pathlib import Path
from threading import Thread

from tests.scanner.git.tls import certify


class Remotes:
    """The server and its count."""

    def __init__(self, folder: Path) -> None:
        command = ["git", "upload-pack", "--stateless-rpc", "--http-backend-info-refs", str(folder)]
        refs = subprocess.run(command, check=True, capture_output=True).stdout
        self.body = b"001e# service=git-upload-pack\n0000" + refs
        self.answered = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                found = b"/info/refs?service=git-upload-pack" in head.split(b"\r\n", 1)[0]
                body = self.body if found else b"There is no such page.\n"
                writer.write(
                    b"HTTP/1.1 %s\r\nContent-Type: application/x-git-upload-pack-advertisement\r\n"
                    b"Cache-Control: no-cache\r\nContent-Length: %d\r\n\r\n%s"
                    % (b"200 OK" if found else b"404 Not Found", len(body), body)
                )
                await writer.drain()
                self.answered += found
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            writer.close()

    async def run(self, certificate: Path) -> None:
        """Serve until standard input ends."""
        certify(certificate)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0, ssl=context)
        print(server.sockets[0].getsockname()[1], flush=True)
        ended = asyncio.Event()
        Thread(target=self._count, args=(asyncio.get_running_loop(), ended), daemon=True).start()
        await ended.wait()

    def _count(self, loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
        for _ in sys.stdin:
            print(self.answered, flush=True)
        loop.call_soon_threadsafe(ended.set)


if __name__ == "__main__":
    asyncio.run(Remotes(Path(sys.argv[1])).run(Path(sys.argv[2])))
