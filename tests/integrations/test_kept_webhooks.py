"""Webhooks that are kept in files: many at once, and while they are taken in."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

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
