"""Brokers over TLS: certificates are verified by default, and wrong parameters are named."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from kombu import Connection

from compliance.lib.service_urls import broker_settings
from tests.processes import free_port, wait
from tests.scanner.git.tls import certify


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that no authority has signed, with its key."""
    path = tmp_path / "broker.pem"
    certify(path)
    return path


@pytest.fixture
def redis_over_tls(certificate: Path, tmp_path: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    assert program is not None, "redis-server is missing. Debian: apt-get install redis-server"
    port = free_port()
    command = [program, "--bind", "127.0.0.1", "--port", "0", "--tls-port", str(port), "--save", ""]
    command += ["--tls-cert-file", str(certificate), "--tls-key-file", str(certificate)]
    command += ["--tls-auth-clients", "no", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        wait(lambda: not _refused(port))
        yield f"rediss://127.0.0.1:{port}/0"
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def rabbitmq_over_tls(certificate: Path) -> Iterator[str]:
    """Something that does the handshake of a RabbitMQ over TLS, and then says nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    client, _ = server.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(client, server_side=True):
                        pass
                except OSError:
                    client.close()

        threading.Thread(target=serve, daemon=True).start()
        yield f"amqps://guest:guest@127.0.0.1:{server.getsockname()[1]}//"


def _refused(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) != 0


def connect(url: str) -> None:
    address, tls = broker_settings(url)
    with Connection(address, ssl=tls or False, connect_timeout=5) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=5)


@pytest.mark.parametrize("parameters", ["", "?ssl_cert_reqs=required", "?ssl_cert_reqs=CERT_REQUIRED"])
def test_an_unknown_certificate_is_refused(redis_over_tls: str, parameters: str) -> None:
    with pytest.raises(Exception, match="certificate verify failed"):
        connect(f"{redis_over_tls}{parameters}")


def test_a_certificate_that_is_vouched_for_is_accepted(redis_over_tls: str, certificate: Path) -> None:
    connect(f"{redis_over_tls}?ssl_ca_certs={certificate}")
    connect(f"{redis_over_tls}?ssl_cert_reqs=none")


def test_rabbitmq_is_treated_alike(rabbitmq_over_tls: str, certificate: Path) -> None:
    with pytest.raises(Exception, match="certificate verify failed"):
        connect(rabbitmq_over_tls)
    for accepted in (f"ssl_ca_certs={certificate}", "ssl_cert_reqs=none"):
        with pytest.raises(Exception, match=r"(?i)closed|reset|timed out|expected") as failed:
            connect(f"{rabbitmq_over_tls}?{accepted}")
        assert "certificate" not in str(failed.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("amqps://broker?ssl_cert_reqs=", "invalid value of ssl_cert_reqs"),
        ("rediss://broker?ssl_cert_reqs=perhaps", "invalid value of ssl_cert_reqs"),
        ("rediss://broker?ssl_ca_certs=", "no value for ssl_ca_certs"),
        ("rediss://broker?ssl_ca=/x", "parameter ssl_ca, which rediss:// does not support"),
        ("redis://broker?ssl_cert_reqs=none", "parameter ssl_cert_reqs, which redis:// does not support"),
        ("amqp://broker?heartbeat=x", "parameter heartbeat"),
    ],
)
def test_a_wrong_parameter_is_named(url: str, said: str) -> None:
    with pytest.raises(ValueError, match="has") as failed:
        broker_settings(url)
    assert said in str(failed.value)
