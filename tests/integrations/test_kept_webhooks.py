"""Webhooks that are kept in files: many at once, and while they are taken in."""

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import DataError, OperationalError

from compliance.integrations import kept_webhooks
from compliance.integrations.kept_webhooks import Kept, keep, take_in
from compliance.integrations.provider import Signed
from compliance.management.doctor import examine

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

    assert take_in(receive) == 1
    assert "value out of range" in caplog.text
    assert bodies == [b"1"], "the database can't store those after it, either"
    assert take_in(receive) == 2
    assert bodies == [b"1", b"2", b"3"]
    (aside,) = kept_webhooks._folder().iterdir()
    assert [aside] == kept_webhooks.failed()

    aside.rename(aside.with_suffix(".webhook"))
    assert take_in(receive) == 1
    assert bodies == [b"1", b"2", b"3", b"0"]
    assert not list(kept_webhooks._folder().iterdir())


@pytest.mark.django_db
def test_one_that_failed_is_deleted_with_the_bodies_of_its_time(settings: Any) -> None:
    folder = kept_webhooks._folder()
    folder.mkdir(exist_ok=True)
    files = [folder / name for name in ("old.failed", "new.failed")]
    for file, days in zip(files, (settings.ENVIRONMENT.delivery_body_days + 1, 1), strict=True):
        file.touch()
        os.utime(file, (time.time() - days * 86_400,) * 2)
    take_in(lambda _: None)
    assert [path.name for path in kept_webhooks.failed()] == ["new.failed"]
    (diagnosis,) = (found for found in examine() if found.subject == "Kept webhooks")
    assert str(files[1]) in diagnosis.fix
    files[1].unlink()
