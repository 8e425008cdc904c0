"""The HTTP client: which addresses it refuses, what it connects to, and what no server can make it do."""

import socket
import ssl
import time
from datetime import timedelta
from ipaddress import ip_network
from itertools import chain, count, repeat
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from django.utils.http import http_date
from pytest_django import Settings

from compliance.lib.outgoing import (
    LONGEST_WAIT,
    Answer,
    OutgoingError,
    RefusedAddressError,
    UnansweredError,
    UnreachableError,
    client,
)
from tests.lib.raw_server import OK, says, serving
from tests.scanner.git.tls import certify

THIS_ONE = ip_network("127.0.0.1/32")


@pytest.fixture
def permitted(settings: Settings) -> None:
    """127.0.0.1 is permitted, as OUTGOING_ALLOW would make it, and the rest of the loopback isn't."""
    settings.OUTGOING_ALLOW = [THIS_ONE]


def name_server(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Answer as a name server would, each time with the next of the answers. Returns the names asked for."""
    asked: list[str] = []
    turns = chain(answers, repeat(answers[-1]))
    known = socket.getaddrinfo

    def look_up(host: str, *rest: Any, **named: Any) -> list[Any]:
        if host[0].isdigit():  # no name server is asked for the address of an address
            return list(known(host, *rest, **named))
        asked.append(host)
        return [
            (socket.AF_INET6 if ":" in text else socket.AF_INET, 1, 6, "", (text, 0)) for text in next(turns)
        ]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "017700000001",
        "localhost",
        "LOCALHOST",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:10.0.0.1]",
        "[2002:7f00:1::]",
        "[64:ff9b::127.0.0.1]",
        "[64:ff9b::10.0.0.1]",
        "[64:ff9b:1::10.0.0.1]",
        "[2001:0:53aa:64c::1]",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "100.100.100.200",
        "169.254.169.254",
        "192.0.2.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "[fe80::1]",
        "[fe80::1%25lo]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[fec0::1]",
        "[ff02::1]",
        "[2001:db8::1]",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_address_that_is_not_public_is_refused(host: str, scheme: str) -> None:
    with pytest.raises(RefusedAddressError, match="OUTGOING_ALLOW") as caught:
        client().request("GET", f"{scheme}://{host}:9/secret")
    assert "secret" not in str(caught.value)
    assert not caught.value.may_have_arrived


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "::1", "fd12::1", "169.254.169.254"])
def test_a_name_that_resolves_to_such_an_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    name_server(monkeypatch, [address])
    with pytest.raises(RefusedAddressError, match=r"hooks\.example\.org"):
        client().request("GET", "https://hooks.example.org/")


@pytest.mark.parametrize("addresses", [["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.1"]])
def test_a_name_with_a_permitted_and_a_refused_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, permitted: None, addresses: list[str]
) -> None:
    with serving(says(OK)) as server:
        name_server(monkeypatch, addresses)
        with pytest.raises(RefusedAddressError, match=r"127\.0\.0\.2"):
            client().request("GET", f"http://hooks.example.org:{server.port}/")
    assert server.connections == 0


def test_a_name_that_resolves_to_something_else_a_moment_later_gains_nothing(
    monkeypatch: pytest.MonkeyPatch, permitted: None
) -> None:
    with serving(says(OK)) as right, serving(says(OK), "127.0.0.2") as wrong:
        asked = name_server(monkeypatch, ["127.0.0.1"], ["127.0.0.2"])
        answer = client().request("GET", f"http://hooks.example.org:{right.port}/a")
        with pytest.raises(RefusedAddressError):
            client().request("GET", f"http://hooks.example.org:{wrong.port}/b")
    assert answer.body == b"ok"
    assert asked == ["hooks.example.org"] * 2
    assert right.paths == ["/a"]
    assert f"Host: hooks.example.org:{right.port}" in right.heads[0]
    assert wrong.connections == 0


def test_the_next_address_of_a_name_is_used_if_one_does_not_respond(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.OUTGOING_ALLOW = [ip_network("127.0.0.0/8")]
    with serving(says(OK), "127.0.0.3") as server:
        name_server(monkeypatch, ["127.0.0.2", "127.0.0.3"])
        assert client().request("GET", f"http://hooks.example.org:{server.port}/").status == 200


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://user:password@example.org/", "user name"),
        ("https://example.org@127.0.0.1/", "user name"),
        ("https://example.org:0/", "port"),
        ("https://example.org:65536/", "invalid"),
        ("https://example.org:port/", "invalid"),
        ("https://example.org:-1/", "invalid"),
        ("ftp://example.org/", "https://"),
        ("file:///etc/passwd", "https://"),
        ("gopher://127.0.0.1:6379/_x", "https://"),
        ("//example.org/", "https://"),
        ("https:///path", "name a host"),
        ("", "https://"),
        ("https://example.org\\@127.0.0.1/", "backslashes"),
        ("https://example.org/\r\nHost: other", "control characters"),
        ("https://exa mple.org/", "spaces"),
        ("https://[::1", "invalid"),
        ("https://example.org/" + "a" * 5000, "longer"),
    ],
)
def test_a_url_that_could_be_read_in_two_ways_is_refused(url: str, said: str) -> None:
    with pytest.raises(RefusedAddressError, match=said) as caught:
        client().request("GET", url)
    assert "password" not in str(caught.value)


def test_a_name_that_does_not_exist(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(UnreachableError, match="cannot be found: Name or service not known"):
        client().request("GET", "https://nowhere.example.org/")


def test_a_port_at_which_nothing_listens(permitted: None) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        with pytest.raises(UnreachableError, match="Connection refused") as caught:
            client().request("POST", f"http://127.0.0.1:{port}/hook/secret", body=b"x")
    assert "secret" not in str(caught.value)
    assert not caught.value.may_have_arrived


def redirect(status: int, location: str) -> bytes:
    """An answer that leads elsewhere."""
    return f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_a_refused_address_is_not_followed(permitted: None, status: int) -> None:
    with serving(says(OK), "127.0.0.2") as inner:
        with (
            serving(says(redirect(status, f"http://127.0.0.2:{inner.port}/"))) as outer,
            pytest.raises(RefusedAddressError),
        ):
            client().request("GET", f"http://127.0.0.1:{outer.port}/")
        assert inner.connections == 0


def test_a_redirect_within_the_server_is_followed_with_its_headers(permitted: None) -> None:
    answers = iter((redirect(301, "/b?c=d"), OK))
    with serving(lambda connection: connection.sendall(next(answers))) as server:
        answer = client().request("GET", f"http://127.0.0.1:{server.port}/a", headers={"Authorization": "t"})
    assert (answer.status, server.paths) == (200, ["/a", "/b?c=d"])
    assert all("Authorization: t" in head for head in server.heads)


def test_a_body_is_never_sent_to_another_server(permitted: None) -> None:
    with (
        serving(says(OK)) as other,
        serving(says(redirect(307, f"http://127.0.0.1:{other.port}/"))) as server,
    ):
        answer = client().request("POST", f"http://127.0.0.1:{server.port}/a", body=b"private")
    assert (answer.status, other.connections) == (307, 0)


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_post_does_not_become_a_get(permitted: None, status: int) -> None:
    with serving(says(redirect(status, "/b"))) as server:
        assert client().request("POST", f"http://127.0.0.1:{server.port}/a").status == status
    assert server.paths == ["/a"]


def test_endless_redirects_end(permitted: None) -> None:
    numbers = count()
    with serving(lambda peer: peer.sendall(redirect(302, f"/{next(numbers)}"))) as server:
        assert client().request("GET", f"http://127.0.0.1:{server.port}/").status == 302
    assert server.connections == 4


HEAD = b"HTTP/1.1 200 OK\r\n"


def endlessly(*parts: bytes, every: float = 0.0) -> Any:
    """Send the parts, the last one again and again until the client has had enough."""

    def send(connection: socket.socket) -> None:
        for part in chain(parts, repeat(parts[-1])):
            connection.sendall(part)
            if every:
                time.sleep(every)

    return send


@pytest.mark.parametrize(
    "parts",
    [
        (HEAD + b"\r\n", b"x" * 65536),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"ffff\r\n" + b"x" * 65535 + b"\r\n"),
        (HEAD + b"Content-Length: 1000000000000\r\n\r\n", b"x" * 65536),
    ],
)
def test_an_endless_answer_is_cut_off(permitted: None, parts: tuple[bytes, ...]) -> None:
    with (
        serving(endlessly(*parts)) as server,
        pytest.raises(UnansweredError, match="longer than 100,000 bytes") as caught,
    ):
        client(longest=100_000).request("GET", f"http://127.0.0.1:{server.port}/")
    assert caught.value.status == 200


@pytest.mark.parametrize(
    "parts",
    [
        (HEAD, b"X-Header: " + b"x" * 60_000 + b"\r\n"),
        (HEAD, b"x" * 65536),
        (b"x" * 65536,),
    ],
)
def test_endless_headers_are_cut_off(permitted: None, parts: tuple[bytes, ...]) -> None:
    with serving(endlessly(*parts)) as server, pytest.raises(UnansweredError, match="incomplete or not HTTP"):
        client().request("GET", f"http://127.0.0.1:{server.port}/")


@pytest.mark.parametrize(
    "parts",
    [
        (HEAD + b"Content-Length: 1000\r\n\r\n", b"x"),  # a byte now and then
        (HEAD + b"X-", b"x"),  # within a header
        (b"HTTP/1.1 100 Continue\r\n\r\n",),  # for ever about to answer
        (b"",),  # silence
    ],
)
def test_a_server_that_answers_too_slowly_is_left(permitted: None, parts: tuple[bytes, ...]) -> None:
    with (
        serving(endlessly(*parts, every=0.05)) as server,
        pytest.raises(UnansweredError, match="did not answer in time") as caught,
    ):
        client(seconds=0.6).request("POST", f"http://127.0.0.1:{server.port}/", body=b"x")
    assert caught.value.may_have_arrived


def test_a_server_that_does_not_read_is_left(permitted: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(UnansweredError, match="in time"):
        client(seconds=0.6).request(
            "POST", f"http://127.0.0.1:{silent.getsockname()[1]}/", body=bytes(50_000_000)
        )


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"", None),
        (b"HTTP/1.1 2", None),
        (HEAD + b"Content-Length: 1000\r\n\r\nhalf of it", 200),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n64\r\nhalf of it", 200),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\nnot a size\r\n", 200),
        (b"SSH-2.0-OpenSSH_9.6\r\n", None),
    ],
)
def test_an_answer_that_ends_too_early(permitted: None, answer: bytes, status: int | None) -> None:
    with serving(says(answer)) as server, pytest.raises(UnansweredError, match="incomplete") as caught:
        client().request("POST", f"http://127.0.0.1:{server.port}/", body=b"x")
    assert caught.value.may_have_arrived
    assert caught.value.status == status


def test_an_answer_that_ends_within_its_headers_has_no_body(permitted: None) -> None:
    with serving(says(HEAD + b"Content-")) as server:
        answer = client().request("GET", f"http://127.0.0.1:{server.port}/")
    assert (answer.status, answer.body) == (200, b"")


def test_nothing_is_unpacked(permitted: None) -> None:
    packed = HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"
    with serving(says(packed)) as server:
        assert client().request("GET", f"http://127.0.0.1:{server.port}/").body == b"\x1f\x8b\x08\x00"
    assert "Accept-Encoding: identity" in server.heads[0]


def test_json_in_both_directions(permitted: None) -> None:
    with serving(says(HEAD + b'Content-Length: 8\r\n\r\n{"a": 1}')) as server:
        answer = client().request("PUT", f"http://127.0.0.1:{server.port}/x?y=z", json_body={"b": 2})
    assert answer.json() == {"a": 1}
    assert answer.is_success
    assert server.heads[0].startswith("PUT /x?y=z HTTP/1.1")
    assert "Content-Type: application/json" in server.heads[0]


@pytest.mark.parametrize(
    ("host", "is_trusted", "said"),
    [
        ("localhost", True, ""),
        ("127.0.0.1", True, ""),
        ("hooks.example.org", True, "certificate is not valid .*hooks.example.org"),
        ("localhost", False, "certificate is not valid .*self-signed"),
    ],
)
def test_the_certificate_must_be_for_the_name(
    permitted: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, host: str, is_trusted: bool, said: str
) -> None:
    certificate = tmp_path / "certificate.pem"
    certify(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    name_server(monkeypatch, ["127.0.0.1"])
    with serving(says(OK), context=context) as server:
        url = f"https://{host}:{server.port}/hook"
        if not said:
            assert client().request("POST", url, body=b"x").body == b"ok"
            return
        with pytest.raises(UnreachableError, match=said):
            client().request("POST", url, body=b"x")
        assert not server.heads


def test_proxies_of_the_environment_are_not_used(permitted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(says(OK)) as server, serving(says(OK)) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.port}")
        client().request("GET", f"http://127.0.0.1:{server.port}/")
    assert (server.connections, proxy.connections) == (1, 0)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0), ("120", 120), ("9999999999999", 21600), ("-5", None), ("soon", None), ("", None), ("²", None)],
)
def test_retry_after_in_seconds(value: str, seconds: int | None) -> None:
    wait = Answer(429, {"Retry-After": value}, b"").retry_after()
    assert wait == (None if seconds is None else timedelta(seconds=seconds))


def test_retry_after_as_a_date() -> None:
    def wait(after: timedelta) -> timedelta:
        date = http_date((timezone.now() + after).timestamp())
        found = Answer(503, {"Retry-After": date}, b"").retry_after()
        assert found is not None
        return found

    assert timedelta(minutes=59) < wait(timedelta(hours=1)) <= timedelta(hours=1)
    assert wait(timedelta(hours=-1)) == timedelta()
    assert wait(timedelta(days=400)) == LONGEST_WAIT


def test_check_deploy_warns_about_permitted_addresses(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    # The variable of this test session is an error of its own.
    settings.SILENCED_SYSTEM_CHECKS = [*settings.SILENCED_SYSTEM_CHECKS, "async.E001"]
    call_command("check", deploy=True)
    assert "OUTGOING_ALLOW" not in capsys.readouterr().err
    settings.OUTGOING_ALLOW = [ip_network("10.0.0.0/8")]
    call_command("check", deploy=True)
    assert "(compliance.W001) OUTGOING_ALLOW permits connections to 10.0.0.0/8" in capsys.readouterr().err
    call_command("check")
    assert "OUTGOING_ALLOW" not in capsys.readouterr().err


def test_check_deploy_warns_about_links_that_lead_nowhere(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.SILENCED_SYSTEM_CHECKS = [*settings.SILENCED_SYSTEM_CHECKS, "async.E001"]
    settings.IS_PUBLIC_URL_GIVEN = False
    call_command("check", deploy=True)
    assert "(compliance.W002) PUBLIC_URL is not set" in capsys.readouterr().err
    settings.IS_PUBLIC_URL_GIVEN = True
    call_command("check", deploy=True)
    assert "PUBLIC_URL" not in capsys.readouterr().err


def test_every_error_is_an_os_error() -> None:
    assert issubclass(OutgoingError, OSError)
