"""Takes one picture of each shot in each shape with Chromium."""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from django.conf import settings
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from tests.screenshots.clock import LOOK
from tests.screenshots.pages import Shot


@dataclass(frozen=True)
class Shape:
    """A width in pixels, a colour scheme, and whether the page is printed."""

    width: int
    scheme: Literal["light", "dark"] = "light"
    printed: bool = False


SHAPES = {
    "light": Shape(1440),
    "dark": Shape(1440, "dark"),
    "narrow": Shape(390),
    "narrow-dark": Shape(390, "dark"),
    "print": Shape(1440, printed=True),
}
HEIGHT = 900
PAPER: ViewportSize = {"width": 726, "height": 1055}
"""A4 within its margins of 9 mm, in pixels of 1/96 inch."""


@dataclass(frozen=True)
class Camera:
    """A browser, the product's address, and the session key of each role that signs in."""

    browser: Browser
    server: str
    sessions: Mapping[str, str]

    def take(self, shots: Mapping[str, Shot], into: Path) -> int:
        """Take every shot in every shape, and return how many pictures there are."""
        for width in sorted({shape.width for shape in SHAPES.values()}):
            for role in sorted({shot.role for shot in shots.values()}):
                context = self._context(width, role)
                for name, shot in shots.items():
                    if shot.role == role:
                        for shape_name, taken in self._pictures(context, shot, width):
                            (into / f"{name}-{shape_name}.png").write_bytes(taken)
                context.close()
        return len(shots) * len(SHAPES)

    def _context(self, width: int, role: str) -> BrowserContext:
        context = self.browser.new_context(
            viewport={"width": width, "height": HEIGHT}, timezone_id="UTC", locale="en-GB"
        )
        context.clock.set_fixed_time(LOOK)
        if role in self.sessions:
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": self.sessions[role], "url": self.server}
            context.add_cookies([cookie])  # type: ignore[list-item]
        return context

    def _pictures(self, context: BrowserContext, shot: Shot, width: int) -> Iterator[tuple[str, bytes]]:
        """Visit a page once, and yield the name and the PNG of each shape of this width."""
        page = context.new_page()
        response = page.goto(self.server + shot.address)
        if response is None or response.status >= 500:
            sys.exit(f"{shot.address} returned an error.")
        if shot.prepare:
            shot.prepare(page)
        expect(page.locator("figure[data-chart]:not([data-points])")).to_have_count(0)
        expect(page.locator("#patch[hx-get]")).to_have_count(0, timeout=60_000)
        for name, shape in SHAPES.items():
            if shape.width == width:
                page.set_viewport_size(PAPER if shape.printed else {"width": width, "height": HEIGHT})
                page.emulate_media(media="print" if shape.printed else "screen", color_scheme=shape.scheme)
                if shape.printed:
                    page.evaluate("dispatchEvent(new Event('beforeprint'))")
                yield name, _picture(page, shot.height)
        page.close()


def _picture(page: Page, most: int) -> bytes:
    """Return the PNG of a page as it is, in full or down to `most` pixels, once its colours have changed."""
    page.wait_for_timeout(250)
    size = page.viewport_size or PAPER
    height = min(most, page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
    return page.screenshot()


def reduce_colours(picture: Path) -> Image.Image:
    """Return a picture in 256 colours, a third of the bytes.

    These are the 160 most frequent colours, then those farthest from them, so that small dots keep theirs.
    """
    with Image.open(picture) as opened:
        pixels = np.asarray(opened.convert("RGB")).astype(np.int64) @ (1 << 16, 1 << 8, 1)
    found, places, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    colours = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
    chosen = colours[np.argsort(-counts)[:160]]
    far = np.min(((colours[:, None] - chosen) ** 2).sum(axis=2), axis=1)
    while len(chosen) < 256 and (weight := far * counts**0.5).max():
        chosen = np.vstack([chosen, colours[weight.argmax()]])
        far = np.minimum(far, ((colours - chosen[-1]) ** 2).sum(axis=1))
    nearest = ((colours[:, None] - chosen) ** 2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    reduced = Image.fromarray(nearest[places].reshape(pixels.shape), "P")
    reduced.putpalette(chosen.flatten().tolist())
    return reduced
