"""A WSGI application behind ASGI: what it is asked, what is sent, and what a failure leaves."""

import asyncio
import io
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from compliance.server.django_threads import ThreadedApp
from compliance.server.types import Environ, Message

Sent = list[Message]


def ask(app: ThreadedApp, *bodies: bytes, **changed: Any) -> Sent:
    """The messages sent for one request."""
    sent: Sent = []
    parts = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    parts.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Message:
        if parts:
            return parts.pop(0)
        await asyncio.Event().wait()  # the client stays connected
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/a b/",
        "raw_path": b"/a%20b/",
        "query_string": b"page=2",
        "http_version": "1.1",
        "headers": [
            (b"x-one", b"1"),
            (b"x-one", b"2"),
            (b"x_two", b"3"),
            (b"content-type", b"text/plain"),
            (b"content-length", b"%d" % sum(map(len, bodies))),
        ],
        "client": ("127.0.0.1", 5000),
        "server": ("127.0.0.1", 80),
        **changed,
    }
    with ThreadPoolExecutor(1) as thread:  # the browser's tests run an event loop in this one
        thread.submit(asyncio.run, app(scope, receive, send)).result()
    return sent


def test_status_headers_and_body_are_those_of_the_application() -> None:
    asked: list[Environ] = []

    def application(environ: Environ, start_response: Any) -> Iterable[bytes]:
        asked.append({**environ, "body": environ["wsgi.input"].read()})
        start_response("201 Created", [("Content-Type", "text/plain"), ("X-Name", "Zo\xeb")])
        return [b"one ", b"", b"two"]

    start, *rest = ask(ThreadedApp(application, 1), b"12", b"34")
    assert (start["type"], start["status"]) == ("http.response.start", 201)
    assert start["headers"] == [(b"content-type", b"text/plain"), (b"x-name", b"Zo\xeb")]
    assert b"".join(message["body"] for message in rest) == b"one two"
    assert [message["more_body"] for message in rest][-1] is False
    (environ,) = asked
    assert (environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"]) == (
        "POST",
        "/a b/",
        "page=2",
    )
    assert (environ["HTTP_X_ONE"], environ["CONTENT_TYPE"], environ["body"]) == ("1,2", "text/plain", b"1234")
    assert "HTTP_X_TWO" not in environ
    assert (environ["REMOTE_ADDR"], environ["SERVER_PORT"]) == ("127.0.0.1", "80")


def test_what_the_application_returns_is_closed() -> None:
    class Parts(io.BytesIO):
        """A response that knows if it was closed."""

    parts = Parts(b"whole")

    def application(_: Environ, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return parts

    assert ask(ThreadedApp(application, 1))[0]["status"] == 200
    assert parts.closed


def test_a_failure_before_the_head_sends_nothing_and_is_raised() -> None:
    def application(_: Environ, __: Any) -> Iterable[bytes]:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        ask(ThreadedApp(application, 1))
