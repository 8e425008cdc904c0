"""What the browser and axe have to say about a page: at both widths, in both colour schemes."""

import json
from collections.abc import Iterator
from time import sleep
from typing import Any, Literal

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import CDPSession, Page

from tests.browser.conftest import Reader

Scheme = Literal["light", "dark"]

JUMP = 0.001
"""Layout shift below this is a digit's width; 0.1 still counts as good, see https://web.dev/articles/cls."""
LATE = 150
"""Milliseconds that the first script comes late; the others wait for it, so each page is painted first."""
SHIFTS = """window.shift = 0;
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});"""

LEAST_GAP = 4
"""Pixels between two buttons, or they look like one."""
TOUCHING = """(least) => {
    const buttons = [...document.querySelectorAll("main .btn, main .btn-tool")];
    // A bar that stays in view covers what scrolls below it.
    const barOf = (each) => !each || ["sticky", "fixed"].includes(getComputedStyle(each).position)
        ? each : barOf(each.parentElement);
    const boxes = buttons.filter((each) => each.checkVisibility())
        .map((each) => [each.innerText || each.ariaLabel, each.getBoundingClientRect(), barOf(each)]);
    const isNear = (one, other) =>
        Math.max(one.left, other.left) - Math.min(one.right, other.right) < least &&
        Math.max(one.top, other.top) - Math.min(one.bottom, other.bottom) < least;
    return boxes.flatMap(([name, box, bar], index) => boxes.slice(index + 1)
        .filter(([, other, its]) => bar === its && isNear(box, other))
        .map(([other]) => `${name} and ${other}`));
}"""

TURNED = """(scheme) => document.documentElement.dataset.bsTheme === scheme
    && !document.getAnimations().some((each) => each instanceof CSSTransition)"""
"""Whether a page shows a colour scheme, and all transitions of colours have ended."""
OF_COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules of axe whose result depends on the colour scheme."""


def axe_faults(page: Page, **options: Any) -> list[str]:
    """Return what axe finds, a line each: rule, place and reason. `options` are those of `axe.run`."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    wanted = json.dumps({"resultTypes": ["violations"], **options})
    found = page.evaluate(f"axe.run({wanted}).then((results) => results.violations)")
    return [
        f"{violation['id']} at {node['target']}: {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]


def turn(page: Page, scheme: Scheme) -> None:
    """Let the system prefer another colour scheme, and wait until the page shows it."""
    page.emulate_media(color_scheme=scheme)
    page.wait_for_function(TURNED, arg=scheme)


def other_scheme(page: Page, scheme: Scheme) -> list[str]:
    """Return what axe finds in the other colour scheme of a page that it has seen, which `scheme` names."""
    turn(page, scheme)
    return [f"{scheme}: {fault}" for fault in axe_faults(page, runOnly=OF_COLOURS)]


def too_wide(page: Page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return [f"{wide} pixels too wide"] if wide > 0 else []


def touching(page: Page) -> list[str]:
    return [f"touching: {pair}" for pair in page.evaluate(TOUCHING, LEAST_GAP)]


def shifts(page: Page) -> list[str]:
    shift = page.evaluate("window.shift")
    return [f"parts jump by {shift}"] if shift >= JUMP else []


def torn(page: Page) -> Iterator[str]:
    """Yield a fault unless, in a very wide window, the page is centred and still has a readable width."""
    size = page.viewport_size
    assert size
    page.set_viewport_size({"width": 2560, "height": 1300})
    box = page.locator("main .container-xl, main .container-tight").first.bounding_box()
    if not box or box["width"] > 1760 or abs(box["x"] + box["width"] / 2 - 1280) > 12:
        yield f"very wide: {box}"
    page.set_viewport_size(size)


def taken(reader: Reader) -> list[str]:
    """Return the console's complaints so far, and forget them."""
    complaints, reader.complaints[:] = list(reader.complaints), []
    return complaints


def delay_scripts(reader: Reader) -> None:
    """Deliver the first script late, as on a slow line, and note what moves once it is there.

    The protocol of the browser does it, because the routes of Playwright turn the cache off.
    """
    reader.context.add_init_script(SHIFTS)
    session = reader.context.new_cdp_session(reader.page)
    session.on("Fetch.requestPaused", lambda paused: _come_late(session, paused["requestId"]))
    session.send("Fetch.enable", {"patterns": [{"urlPattern": "*/htmx.min*.js*"}]})


def _come_late(session: CDPSession, request: str) -> None:
    sleep(LATE / 1000)
    session.send("Fetch.continueRequest", {"requestId": request})
