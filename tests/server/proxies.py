"""Proxies with TLS before the web server, as deploy/proxy documents them: nginx, Caddy, and a small one."""

import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.processes import ROOT, wait

CONFIGURATIONS = ROOT / "deploy" / "proxy"
_NGINX = """
daemon off; pid {folder}/nginx.pid; error_log stderr; worker_processes 1;
events {{}}
http {{
    access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/site.conf;
}}
"""


@contextmanager
def nginx(folder: Path, port: int, plain: int, backend: str, certificate: Path) -> Iterator[None]:
    """Run nginx with the documented configuration, in which only ports, names and files differ."""
    text = (CONFIGURATIONS / "nginx.conf").read_text()
    text = text.replace("http://127.0.0.1:8000", backend).replace("tools.example.org;", "localhost;")
    text = re.sub(r"/etc/ssl/\S+;", f"{certificate};", text)
    text = re.sub(r"(listen (?:\[::\]:)?)80;", rf"\g<1>{plain};", text)
    text = re.sub(r"(listen (?:\[::\]:)?)443 ", rf"\g<1>{port} ", text)
    assert "443" not in text
    (folder / "site.conf").write_text(text)
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with _running([program, "-c", str(folder / "nginx.conf"), "-p", str(folder)], folder, port):
        yield


@contextmanager
def caddy(folder: Path, port: int, plain: int, backend: str, certificate: Path) -> Iterator[None]:
    """Run Caddy with the documented configuration, in which only ports, names and files differ."""
    text = (CONFIGURATIONS / "Caddyfile").read_text()
    options = (
        f"{{\n\tadmin off\n\thttp_port {plain}\n\thttps_port {port}\n\tauto_https disable_redirects\n}}\n"
    )
    hosts = ", ".join(f"https://{host}:{port}" for host in ("localhost", "127.0.0.1", "[::1]"))
    site = f"{hosts} {{\n\ttls {certificate} {certificate}"
    text = text.replace("tools.example.org {", site).replace("127.0.0.1:8000", urlsplit(backend).netloc)
    (folder / "Caddyfile").write_text(options + text)
    command = ["caddy", "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    with _running(command, folder, port):
        yield


@contextmanager
def _running(command: list[str], folder: Path, port: int) -> Iterator[None]:
    with (folder / "proxy.log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"}
        )
    try:
        wait(lambda: process.poll() is not None or _listens(port))
        assert process.poll() is None, (folder / "proxy.log").read_text()
        yield
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def small(folder: Path, port: int, plain: int, backend: str, certificate: Path) -> Iterator[None]:
    """Run a proxy that does the same with the headers, where no other one is installed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    target = urlsplit(backend)

    class Passing(BaseHTTPRequestHandler):
        """Passes a request on with the headers that the documented configurations set."""

        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            headers = {n: v for n, v in self.headers.items() if n.lower() not in ("forwarded", "connection")}
            before = self.headers.get("X-Forwarded-For")
            address = self.client_address[0].removeprefix("::ffff:")
            headers["X-Forwarded-For"] = f"{before}, {address}" if before else address
            headers["X-Forwarded-Proto"] = "https"
            connection = HTTPConnection(target.hostname or "", target.port, timeout=60)
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in (
                    "transfer-encoding",
                    "content-length",
                    "connection",
                    "date",
                    "server",
                ):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_POST = do_GET  # noqa: N815  (the library's name)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        """Listens on IPv6 and IPv4."""

        address_family = socket.AF_INET6

        def finish_request(self, request: object, client_address: object) -> None:
            with suppress(OSError):
                wrapped = context.wrap_socket(request, server_side=True)  # type: ignore[arg-type]
                super().finish_request(wrapped, client_address)

    server = Server(("::", port), Passing)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
