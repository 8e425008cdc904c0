"""A real Chromium, signed in as Ada, that notes every complaint the browser has about a page."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.processes import wait
from tests.views.cast import World, world

WATCH = """addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))"""


class Reader:
    """One person at one browser window; `complaints` has what the console said."""

    def __init__(self, context: BrowserContext, server: str) -> None:
        self.context = context
        self.server = server
        self.complaints: list[str] = []
        self.page = self.open()

    def open(self) -> Page:
        """A new tab."""
        page = self.context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def goto(self, address: str) -> Page:
        """Go to a page and wait until nothing moves any more."""
        self.page.goto(self.server + address)
        self.page.wait_for_load_state("load")
        expect(self.page.locator("figure[data-chart]:not([data-points])")).to_have_count(0)
        return self.page

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.text} ({message.location.get('url', '')})")


Seat = Callable[..., Reader]


@pytest.fixture
def seat(browser: Browser, live_server: LiveServer, transactional_db: None) -> Iterator[Seat]:
    """Sit down at a window: `seat(width=1440, theme="dark")`; signed in as Ada unless told not to be."""
    cache.clear()
    contexts = []

    def sit(*, width: int = 1440, theme: str = "light", signed_in: bool = True, **more: Any) -> Reader:
        size = {"width": width, "height": 900}
        context = browser.new_context(viewport=size, color_scheme=theme, **more)  # type: ignore[arg-type]
        context.add_init_script(WATCH)
        contexts.append(context)
        if signed_in:
            client = Client()
            client.force_login(User.objects.get_or_create(username="ada", is_staff=True)[0])
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
            )
        return Reader(context, live_server.url)

    yield sit
    for context in contexts:
        context.close()
    # What a page has asked for last, and nobody waited for, would be written to the next test's tables.
    wait(lambda: not any("process_request_thread" in thread.name for thread in threading.enumerate()))


@pytest.fixture
def netra(transactional_db: None) -> World:
    return world()
