"""A git server over TLS on this machine, as a forge is over the network: git's own http-backend behind it."""

import base64
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address, ip_network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from scanner import permit_networks


class Forge:
    """What came in: the paths asked for, and each process's arguments at that moment."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.password = ""
        self.moved_to = ""
        self.speaks_version_2 = True
        self.is_dumb = False
        self.connections = 0
        self.answering = threading.Event()  # while it is not set, no request is answered
        self.answering.set()
        self.asked: list[str] = []
        self.arguments: list[bytes] = []
        self.port = 0


class _Handler(BaseHTTPRequestHandler):
    forge: Forge
    protocol_version = "HTTP/1.1"  # connections are kept

    def setup(self) -> None:
        """Count the connection."""
        super().setup()
        self.forge.connections += 1

    def do_GET(self) -> None:
        """Answer by git's own program (git-http-backend(1)), once who asks may."""
        forge = self.forge
        forge.asked.append(self.path)
        forge.answering.wait()
        forge.arguments += _all_arguments()
        if forge.moved_to:
            self._say(302, ("Location", f"{forge.moved_to}{self.path}"))
            return
        known = base64.b64encode(f"ada:{forge.password}".encode()).decode()
        if forge.password and self.headers["Authorization"] != f"Basic {known}":
            self._say(401, ("WWW-Authenticate", "Basic"))
            return
        path, _, query = self.path.partition("?")
        if forge.is_dumb:
            file = forge.root / path.lstrip("/")
            self._say(200 if file.is_file() else 404, body=file.read_bytes() if file.is_file() else b"")
            return
        done = subprocess.run(
            ["git", "http-backend"],
            input=self.rfile.read(int(self.headers["Content-Length"] or 0)),
            capture_output=True,
            check=True,
            env={
                **os.environ,
                "GIT_PROJECT_ROOT": str(forge.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": self.headers["Content-Type"] or "",
                "HTTP_CONTENT_ENCODING": self.headers["Content-Encoding"] or "",
                "GIT_PROTOCOL": (self.headers["Git-Protocol"] or "") if forge.speaks_version_2 else "",
            },
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        said = message_from_bytes(head)
        self._say(int((said["Status"] or "200").split()[0]), *said.items(), body=body)

    def do_POST(self) -> None:
        """As GET; git's program tells them apart."""
        self.do_GET()

    def _say(self, status: int, *headers: tuple[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        with suppress(OSError):  # the client may have gone
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def permitted(*networks: str) -> Iterator[None]:
    """Permit remotes on this machine until the block ends, as OUTGOING_ALLOW does."""
    permit_networks(map(ip_network, networks or ("127.0.0.0/8", "::1/128")))
    try:
        yield
    finally:
        permit_networks(())


@contextmanager
def forge(root: Path, certificate: Path, address: str = "127.0.0.1") -> Iterator[Forge]:
    """Serve the repositories below a folder as https://localhost:PORT/; the certificate goes to a file."""
    served = Forge(root)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certify(certificate)
    context.load_cert_chain(certificate)
    handler = type("Handler", (_Handler,), {"forge": served})
    kind = type(
        "Server",
        (ThreadingHTTPServer,),
        {"address_family": socket.AF_INET6 if ":" in address else socket.AF_INET},
    )
    server = kind((address, 0), handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    served.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def certify(path: Path) -> None:
    """A key and a certificate of its own for localhost, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), *(x509.IPAddress(ip_address(at)) for at in ("127.0.0.1", "::1"))]
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = serialization.PrivateFormat.PKCS8
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, private, plain)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )


def _all_arguments() -> list[bytes]:
    """The arguments of every process of this machine, as anybody's `ps` shows them."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found.append((entry / "cmdline").read_bytes())
            except OSError:
                continue
    return found
