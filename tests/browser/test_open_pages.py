"""Open pages ask for changes every few seconds while somebody can see them, and not otherwise."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, expect

from compliance import jobs
from compliance.models import Repository
from tests.browser.conftest import Seat
from tests.views.cast import World

pytestmark = pytest.mark.slow

AT = "/repositories/netra/"
TURN = """hidden => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
}"""
"""A browser without a window never hides a page, so the page is told that it is hidden."""


def is_pulse(request: Request) -> bool:
    return urlsplit(request.url).path.endswith("/live/")


@pytest.mark.parametrize("path", ["", "scans/"])
def test_a_hidden_page_asks_nothing_and_a_page_that_is_seen_again_asks_at_once(
    seat: Seat, netra: World, path: str
) -> None:
    reader = seat()
    page = reader.goto(f"{AT}{path}")
    with page.expect_request(is_pulse):
        pass
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if is_pulse(request) else None)

    page.evaluate(TURN, True)
    tries = _polls_tried(page, 3)
    assert tries >= 3
    assert asked == []

    with page.expect_request(is_pulse, timeout=1_500):
        page.evaluate(TURN, False)
    assert reader.complaints == []


def _polls_tried(page: Page, number: int) -> int:
    """Wait until htmx has wanted to ask so often; how often it was."""
    return int(
        page.evaluate(
            """number => new Promise(done => {
                let tries = 0;
                document.addEventListener("htmx:beforeRequest", () => {
                    tries += 1;
                    if (tries >= number) done(tries);
                });
            })""",
            number,
        )
    )


def test_a_page_asks_less_often_while_history_is_filled_in(seat: Seat, netra: World) -> None:
    Repository.objects.update(history_done=True)
    page = seat().goto(AT)
    expect(page.locator("#pulse")).to_have_attribute("hx-trigger", "every 2s, shown")

    Repository.objects.update(history_done=False)
    jobs.enqueue("backfill", netra.repository)
    expect(page.locator("#pulse")).to_have_attribute("hx-trigger", "every 5s, shown", timeout=15_000)
