"""Each page in each theme at each width: the browser and axe have nothing to say."""

from time import sleep

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Route

from tests.browser.conftest import Seat
from tests.browser.factories import furnish, told
from tests.views.cast import World

pytestmark = pytest.mark.slow

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


def come_late(route: Route) -> None:
    """A slow line: the scripts are there once the page is."""
    sleep(LATE / 1000)
    route.continue_()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_fault(seat: Seat, netra: World, theme: str, width: int) -> None:
    reader = seat(theme=theme, width=width, timezone_id="Asia/Kathmandu")
    reader.context.add_init_script(SHIFTS)
    reader.context.route("**/htmx.min*.js", come_late)
    faults = []
    for name, address in furnish(netra).items():
        page = reader.goto(address)
        faults += [f"{name}: {complaint}" for complaint in reader.complaints]
        reader.complaints.clear()
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        faults += [f"{name}: {wide} pixels too wide"] if wide > 0 else []
        faults += [f"{name}: touching: {pair}" for pair in page.evaluate(TOUCHING, LEAST_GAP)]
        shift = page.evaluate("window.shift")
        faults += [f"{name}: parts jump by {shift}"] if shift >= JUMP else []
        found = Axe().run(page, options={"rules": {"target-size": {"enabled": True}}})
        faults += [f"{name}: {fault}" for fault in told(found)]

    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_signing_in_has_no_fault(seat: Seat, netra: World, theme: str) -> None:
    reader = seat(theme=theme, signed_in=False)
    page = reader.goto("/repositories/netra/")

    assert page.url.endswith("/sign-in/?next=/repositories/netra/")
    assert told(Axe().run(page)) == []
    assert not reader.complaints


def test_a_wide_screen_is_filled_and_not_torn(seat: Seat, netra: World) -> None:
    page = seat(width=2560).goto("/repositories/netra/")

    box = page.locator("main .container-xl").bounding_box()
    assert box
    assert box["width"] <= 1760
    assert abs(box["x"] + box["width"] / 2 - 1280) < 12


def test_the_overview_loads_without_layout_shift(seat: Seat, netra: World) -> None:
    reader = seat()
    reader.context.add_init_script(SHIFTS)
    page = reader.goto("/repositories/netra/")
    page.wait_for_timeout(500)

    assert page.evaluate("window.shift") < JUMP
