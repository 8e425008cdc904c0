"""A forge as it is in the network: one https address that has the API and the repositories.

The API is that of a strict peer, to which requests are passed on; git's own http-backend serves the
repositories to those who may read them. A user name that the provider doesn't document is a fault.
"""

import base64
import os
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.integrations.peers.client import Peer
from tests.scanner.git.tls import certify

_GIT = ("/info/refs", "/git-upload-pack")
_KEPT = ("Accept", "Authorization", "Content-Type", "Private-Token", "User-Agent", "X-GitHub-Api-Version")


@dataclass
class ForgeMachine:
    """What came in: `reads` has the password of each request of git that was let in."""

    root: Path
    peer: Peer
    user: str
    may_read: Callable[[str], bool]
    reads: list[str] = field(default_factory=list)
    refusals: int = 0
    faults: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        """Return the address of the forge."""
        return f"https://localhost:{self.port}"


class _Handler(BaseHTTPRequestHandler):
    machine: ForgeMachine
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        if self.path.partition("?")[0].endswith(_GIT):
            self._serve_git(body)
        else:
            self._pass_on(body)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815  (the library's names)

    def _pass_on(self, body: bytes) -> None:
        peer = HTTPConnection("127.0.0.1", self.machine.peer.port, timeout=30)
        sent = {name: self.headers[name] for name in _KEPT if self.headers[name]}
        peer.request(self.command, self.path, body or None, sent)
        answer = peer.getresponse()
        kept = [
            (name, value)
            for name, value in answer.getheaders()
            if name.lower().startswith(("x-", "content-type"))
        ]
        self._say(answer.status, *kept, body=answer.read())
        peer.close()

    def _serve_git(self, body: bytes) -> None:
        machine = self.machine
        scheme, _, value = (self.headers["Authorization"] or "").partition(" ")
        user, _, password = (
            base64.b64decode(value).decode().partition(":") if scheme == "Basic" else ("", "", "")
        )
        if password and user != machine.user:
            machine.faults.append(f"git sends the user name {user}")
        if not password or not machine.may_read(password):
            machine.refusals += 1
            self._say(401, ("WWW-Authenticate", 'Basic realm="forge"'))
            return
        machine.reads.append(password)
        path, _, query = self.path.partition("?")
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            capture_output=True,
            check=True,
            env={
                **os.environ,
                "GIT_PROJECT_ROOT": str(machine.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": self.headers["Content-Type"] or "",
                "HTTP_CONTENT_ENCODING": self.headers["Content-Encoding"] or "",
                "GIT_PROTOCOL": self.headers["Git-Protocol"] or "",
            },
        )
        head, _, said = done.stdout.partition(b"\r\n\r\n")
        headers = message_from_bytes(head)
        self._say(int((headers["Status"] or "200").split()[0]), *headers.items(), body=said)

    def _say(self, status: int, *headers: tuple[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def forge_machine(machine: ForgeMachine, certificate: Path) -> Iterator[ForgeMachine]:
    """Serve a forge over TLS, and assert at the end that git sent nothing undocumented."""
    certify(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"machine": machine}))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    machine.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield machine
        assert machine.faults == []
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
