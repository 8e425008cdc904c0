"""Slow clients hold no thread, are closed by the server in the end, and nobody else waits for them."""

import gzip
import hashlib
import json
from collections.abc import Callable, Mapping
from http.client import HTTPConnection, HTTPResponse, IncompleteRead

import pytest

from tests.embedded.conftest import wait_until
from tests.server.conftest import Serve, SlowClients
from tests.server.echo import LARGE

pytestmark = pytest.mark.slow

ECHO = "tests.server.echo"
HALF_SENT = {
    "a half-sent header": b"GET / HTTP/1.1\r\nHost: local",
    "a half-sent body": b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n{",
    "nothing at all": b"",
    "a webhook without an end": b"POST /webhooks/github/r/ HTTP/1.1\r\nHost: localhost\r\n"
    b"X-GitHub-Event: push\r\nContent-Type: application/json\r\nContent-Length: 20000\r\n\r\n{",
    "a chunked body": b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
}


def ask(
    port: int, path: str, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None
) -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(method, path, body or None, headers or {})
    return connection.getresponse()


def told(
    port: int, path: str, method: str = "GET", body: bytes = b"", headers: Mapping[str, str] | None = None
) -> dict[str, str]:
    return dict(json.loads(ask(port, path, method, body, headers).read()))


@pytest.mark.parametrize("way", HALF_SENT)
def test_others_are_served_and_the_slow_are_closed(
    serve: Serve, slow_clients: Callable[[int], SlowClients], process_environment: dict[str, str], way: str
) -> None:
    port = serve("compliance.asgi", process_environment)
    slow = slow_clients(port)
    slow.hold(60, HALF_SENT[way])
    response = ask(port, "/healthz")
    assert (response.status, response.read()) == (200, b"ok\n")
    if way != "a chunked body":  # answered at once: no view takes a body without a length
        assert slow.look() == 60, "they hold on while others are served"
    assert wait_until(lambda: slow.look() == 0, 90), f"{len(slow.open)} are still open"
    assert ask(port, "/healthz").status == 200


def test_readers_that_stop_reading_hold_no_thread_and_are_closed(
    serve: Serve, slow_clients: Callable[[int], SlowClients]
) -> None:
    port = serve(ECHO)
    slow = slow_clients(port)
    slow.hold(60, b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert told(port, "/")["REQUEST_METHOD"] == "GET"
    assert slow.look() == 60
    assert wait_until(lambda: slow.look() == 0, 150), f"{len(slow.open)} are still open"
    assert len(ask(port, "/large").read()) == LARGE


def test_a_client_that_goes_away_ends_the_response(serve: Serve) -> None:
    port = serve(ECHO)
    response = ask(port, "/large")
    response.read(10)
    response.close()
    assert wait_until(lambda: bool(told(port, "/")["closed"]))


@pytest.mark.parametrize("size", [0, 1, 5_000, 300_000, 20_000_000])
def test_bodies_and_answers_arrive_whole(serve: Serve, size: int) -> None:
    port = serve(ECHO)
    body = (b"%09d\n" * (size // 10 + 1) % tuple(range(size // 10 + 1)))[:size]
    assert told(port, "/x", "POST", body)["body"] == hashlib.sha256(body).hexdigest()
    large = ask(port, "/large").read()
    assert large == b"".join(b"%09d\n" % number * 1000 for number in range(LARGE // 10_000))


def test_a_compressed_body_arrives_as_it_was_sent(serve: Serve) -> None:
    """A gzipped test report is often sent with this header; only webhooks refuse it."""
    body = gzip.compress(b"<testsuites/>")
    seen = told(serve(ECHO), "/api/v1/x/test-reports", "POST", body, {"Content-Encoding": "gzip"})
    assert seen["body"] == hashlib.sha256(body).hexdigest()


def test_requests_are_passed_on_as_they_are(serve: Serve) -> None:
    port = serve(ECHO)
    seen = told(port, "/a%20b/%C3%A9?x=1&y=%2F", "PUT", b"{}", {"X-One": "1", "Content-Type": "a/b"})
    assert seen["PATH_INFO"] == "/a b/Ã©"  # PEP 3333: the bytes, as latin-1
    assert (seen["QUERY_STRING"], seen["REQUEST_METHOD"]) == ("x=1&y=%2F", "PUT")
    assert (seen["HTTP_X_ONE"], seen["CONTENT_TYPE"], seen["CONTENT_LENGTH"]) == ("1", "a/b", "2")
    assert (seen["REMOTE_ADDR"], seen["SCRIPT_NAME"]) == ("127.0.0.1", "")
    assert seen["SERVER_PORT"] == str(port)
    forged = told(port, "/", headers={"X_Forwarded_For": "6.6.6.6", "X-Forwarded-For": "1.2.3.4"})
    assert forged["HTTP_X_FORWARDED_FOR"] == "1.2.3.4"
    head = ask(port, "/large", "HEAD")
    assert (head.status, head.read()) == (200, b"")
    assert ask(port, "/nothing").status == 204


def test_one_connection_serves_several_requests(serve: Serve) -> None:
    port = serve(ECHO)
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    for number in range(5):
        connection.request("POST", f"/{number}", b"x" * number)
        answer = json.loads(connection.getresponse().read())
        assert answer["PATH_INFO"] == f"/{number}"
    connection.close()


def test_an_answer_that_breaks_off_does_not_look_whole(serve: Serve) -> None:
    port = serve(ECHO)
    response = ask(port, "/broken")
    with pytest.raises(IncompleteRead):
        response.read()
    assert ask(port, "/error").status == 500
    assert told(port, "/")["PATH_INFO"] == "/"


def test_a_body_that_is_too_long_is_refused_without_being_read(
    serve: Serve, process_environment: dict[str, str]
) -> None:
    port = serve("compliance.asgi", process_environment)
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest("POST", "/webhooks/github/r/")
    connection.putheader("Content-Length", str(10**9))
    connection.endheaders(b"{")
    assert connection.getresponse().status in {401, 404, 413}
