"""Webhooks that are kept in files: many at once, and while they are taken in."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DataError, OperationalError

from compliance.integrations import kept_webhooks
from compliance.integrations.kept_webhooks import Kept, keep, take_in
from compliance.integrations.provider import Signed

_THREADS, _EACH = 8, 40


def _webhook(body: bytes) -> Kept:
    return Kept("github", "shop", "/webhooks/github/shop/", Signed({"X-GitHub-Event": "push"}, {}, body))


def _run_in_threads(function: Callable[[int], bool]) -> list[bool]:
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(function, range(_THREADS * _EACH)))


def test_many_requests_at_once_each_keep_their_webhook() -> None:
    assert all(_run_in_threads(lambda number: keep(_webhook(b"%d" % number))))
    bodies: list[bytes] = []
    assert take_in(lambda webhook: bodies.append(webhook.signed.body)) == _THREADS * _EACH
    assert sorted(map(int, bodies)) == list(range(_THREADS * _EACH))


def test_webhooks_are_kept_while_others_are_taken_in() -> None:
    bodies: list[bytes] = []

    def act(number: int) -> bool:
        if number % 4 == 0:
            take_in(lambda webhook: bodies.append(webhook.signed.body))
        return keep(_webhook(b"%d" % number))

    assert all(_run_in_threads(act))
    take_in(lambda webhook: bodies.append(webhook.signed.body))
    assert sorted(map(int, bodies)) == list(range(_THREADS * _EACH))


def test_one_that_causes_an_error_holds_up_only_itself(caplog: pytest.LogCaptureFixture) -> None:
    for body in (b"0", b"1", b"2", b"3"):
        assert keep(_webhook(body))
    abandoned = kept_webhooks._folder() / "killed.partial"
    abandoned.touch()
    os.utime(abandoned, (0, 0))
    errors: dict[bytes, Exception] = {b"0": DataError("value out of range"), b"2": OperationalError("gone")}
    bodies: list[bytes] = []

    def receive(webhook: Kept) -> None:
        if error := errors.pop(webhook.signed.body, None):
            raise error
        bodies.append(webhook.signed.body)

    assert take_in(receive) == 2
    assert "value out of range" in caplog.text
    assert bodies == [b"1"], "the database can't store those after it, either"
    assert take_in(receive) == 2
    assert bodies == [b"1", b"2", b"3"]
    assert not list(kept_webhooks._folder().iterdir())
