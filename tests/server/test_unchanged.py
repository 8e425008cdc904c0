"""Open pages ask the event loop whether anything has changed, and it asks Django only now and then."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from compliance import jobs
from compliance.models import Repository
from compliance.server import unchanged
from compliance.server.types import AsgiScope, Message, Receive, Send
from compliance.server.unchanged import UnchangedPages
from compliance.views.lookup import state_token
from tests.embedded.conftest import wait_until
from tests.server.conftest import Serve

PATH = b"/repositories/netra/live/"


class Pages:
    """An application that answers as Django does, and notes who asked it. `token` is None while it fails."""

    def __init__(self) -> None:
        self.token: bytes | None = b"a1"
        self.asked: list[bytes] = []

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        self.asked.append(dict(scope["headers"]).get(b"cookie", b""))
        seen = scope["query_string"].removeprefix(b"seen=")
        status = 503 if self.token is None else 204 if seen == self.token else 200
        headers = [(unchanged.HEADER, self.token)] if self.token else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def ask(app: UnchangedPages, cookie: bytes, seen: bytes = b"a1", path: bytes = PATH) -> int:
    """Ask as an open page of this reader does; the status of the response."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "method": "GET",
        "raw_path": path,
        "query_string": b"seen=" + seen,
        "headers": [(b"cookie", cookie)],
    }
    with ThreadPoolExecutor(1) as thread:  # the browser's tests run an event loop in this one
        thread.submit(asyncio.run, app(scope, receive, send)).result()
    return int(sent[0]["status"])


def statuses(app: UnchangedPages, cookies: Sequence[bytes]) -> set[int]:
    return {ask(app, cookie) for cookie in cookies}


def test_many_pages_cost_one_request_of_django_each_and_then_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unchanged, "STATE_SECONDS", 3600.0)
    pages = Pages()
    app = UnchangedPages(pages)
    cookies = [b"sessionid=%d" % number for number in range(50)]

    assert statuses(app, cookies) == {204}
    assert sorted(pages.asked) == sorted(cookies)
    for _ in range(20):
        assert statuses(app, cookies) == {204}
    assert len(pages.asked) == 50


def test_when_the_state_is_old_one_request_asks_for_all() -> None:
    pages = Pages()
    app = UnchangedPages(pages)
    cookies = [b"sessionid=%d" % number for number in range(10)]
    statuses(app, cookies)
    for state in app._states.values():
        state.until = 0.0
    pages.asked.clear()

    assert statuses(app, cookies) == {204}
    assert pages.asked == cookies[:1]

    pages.token = b"b2"
    for state in app._states.values():
        state.until = 0.0
    assert [ask(app, cookie) for cookie in cookies] == [200] * 10


def test_a_reader_is_checked_again_after_a_while_and_a_stranger_always() -> None:
    pages = Pages()
    app = UnchangedPages(pages)
    ask(app, b"sessionid=ada")
    ask(app, b"sessionid=stranger")
    ask(app, b"sessionid=ada", path=b"/repositories/other/live/")
    assert len(pages.asked) == 3
    assert ask(app, b"sessionid=ada") == 204
    assert len(pages.asked) == 3

    app._readers = type(app._readers)(dict.fromkeys(app._readers, 0.0))
    assert ask(app, b"sessionid=ada") == 204
    assert len(pages.asked) == 4


def test_when_django_fails_everybody_sees_it() -> None:
    pages = Pages()
    app = UnchangedPages(pages)
    cookies = [b"sessionid=%d" % number for number in range(5)]
    statuses(app, cookies)
    pages.token = None
    for state in app._states.values():
        state.until = 0.0

    assert statuses(app, cookies) == {503}


def test_the_memory_for_readers_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unchanged, "MOST_READERS", 10)
    monkeypatch.setattr(unchanged, "MOST_PAGES", 3)
    app = UnchangedPages(Pages())
    for number in range(40):
        ask(app, b"sessionid=%d" % number, path=b"/repositories/r%d/live/" % (number % 8))

    assert (len(app._readers), len(app._states)) == (10, 3)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_web_server_tells_of_a_change_and_tells_strangers_nothing(
    serve: Serve, process_environment: dict[str, str]
) -> None:
    repository = Repository.objects.create(slug="netra", name="Netra", url="https://example.org/netra.git")
    client = Client()
    client.force_login(User.objects.create_user("ada"))
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    connection = HTTPConnection("127.0.0.1", serve("compliance.asgi:application", process_environment))

    def answer(cookies: str, seen: str) -> int:
        connection.request("GET", f"/repositories/netra/live/?seen={seen}", headers={"Cookie": cookies})
        response = connection.getresponse()
        response.read()
        return response.status

    seen = state_token("netra")
    assert [answer(cookie, seen) for _ in range(20)] == [204] * 20
    assert answer("sessionid=unknown", seen) == 302
    assert answer(cookie, "another") == 200

    jobs.enqueue("update", repository)
    assert wait_until(lambda: answer(cookie, seen) == 200, 20)
    assert answer(cookie, state_token("netra")) == 204
    connection.close()
