"""The overview in use: the chart, the live figure, the theme, the keyboard."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from compliance.models import Snapshot
from compliance.templatetags.show import when
from tests.browser.conftest import Seat
from tests.browser.factories import SMALL
from tests.views.cast import World

pytestmark = pytest.mark.slow

PAGE = "/repositories/netra/"
POINTS = "() => Chart.getChart(document.querySelector('#trend canvas')).data.datasets[0].data.map((p) => p.y)"
COLOURS = """() => {
    const canvas = document.querySelector("#trend canvas");
    const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
    const seen = new Set();
    for (let i = 0; i < pixels.length; i += 4) seen.add(pixels.slice(i, i + 4).join());
    return seen.size;
}"""
ENDS = """() => [...document.querySelectorAll(".sides > div")].map(
    (column) => column.lastElementChild.getBoundingClientRect().bottom)"""


def figures() -> list[float]:
    rows = Snapshot.objects.order_by("commit__position").values_list("clean", "files")
    return [1000 * clean // files / 10 for clean, files in rows]


def point(page: Page, place: int) -> dict[str, float]:
    """Return the position on the screen of a point on the trend."""
    return page.evaluate(  # type: ignore[no-any-return]
        """(place) => {
            const canvas = document.querySelector("#trend canvas");
            const at = Chart.getChart(canvas).getDatasetMeta(0).data.at(place);
            return {x: at.x, y: at.y};
        }""",
        place,
    )


def test_the_chart_is_drawn_with_the_numbers_of_the_database(seat: Seat, netra: World) -> None:
    page = seat().goto(PAGE)

    assert page.evaluate(POINTS) == figures()
    assert page.evaluate(COLOURS) > 10


def test_the_table_beside_the_chart_has_the_same_numbers(seat: Seat, netra: World) -> None:
    page = seat().goto(PAGE)
    page.locator("#trend summary").click()

    cells = page.locator("#trend tbody td:nth-child(2)").all_inner_texts()

    assert cells == [f"{value:.1f}%" for value in reversed(figures())]


def test_a_point_opens_its_commit(seat: Seat, netra: World) -> None:
    page = seat().goto(PAGE)
    page.locator("#trend canvas").click(position=point(page, -1))  # type: ignore[arg-type]

    page.wait_for_url(f"**/commits/{netra.head.sha[:12]}/")


def test_the_measure_changes_in_place_and_stays_in_the_address(seat: Seat, netra: World) -> None:
    reader = seat()
    page = reader.goto(PAGE)
    page.evaluate("window.same = true")
    page.get_by_role("link", name="Violations", exact=True).click()
    page.wait_for_url("**/?measure=violations")
    expect(page.locator("#trend figure[data-points]")).to_be_visible()

    assert page.evaluate("window.same")
    assert page.evaluate(POINTS) == [s.violations for s in Snapshot.objects.order_by("commit__position")]
    page.reload()
    page.wait_for_selector("#trend figure[data-points]")
    assert page.evaluate(POINTS)[-1] == Snapshot.objects.get(commit=netra.head).violations
    assert not reader.complaints


def test_a_new_commit_shows_without_a_reload(seat: Seat, netra: World) -> None:
    reader = seat()
    page = reader.goto(PAGE)
    page.evaluate("window.same = true")
    before = page.evaluate(POINTS)

    netra.commit("Migrate four more", fix=8)
    now = figures()[-1]

    expect(page.locator(".summary-figure")).to_have_text(f"{now:.1f}%", timeout=4000)
    expect(page.locator("#trend figure")).to_have_attribute("data-points", str(len(before) + 1))
    assert page.evaluate(POINTS) == [*before, now]
    assert page.evaluate("window.same")
    expect(page.locator(".summary-subject")).to_have_text("Migrate four more")
    netra.commit("And one more", fix=1)
    expect(page.locator(".summary-subject")).to_have_text("And one more", timeout=4000)
    assert not reader.complaints


def test_a_server_that_is_away_is_said_and_then_taken_back(seat: Seat, netra: World) -> None:
    reader = seat()
    page = reader.goto(PAGE)
    stale = page.locator("#stale")
    expect(stale).to_be_hidden()

    reader.context.set_offline(True)
    expect(stale).to_be_visible(timeout=6000)
    reader.context.set_offline(False)
    expect(stale).to_be_hidden(timeout=6000)


def test_an_ended_session_leads_to_signing_in(seat: Seat, netra: World) -> None:
    reader = seat()
    page = reader.goto(PAGE)
    reader.context.clear_cookies()

    page.wait_for_url("**/sign-in/**", timeout=6000)


def test_the_theme_follows_the_system_until_the_reader_chooses(seat: Seat, netra: World) -> None:
    reader = seat(theme="dark")
    page = reader.goto(PAGE)
    html = page.locator("html")
    expect(html).to_have_attribute("data-bs-theme", "dark")
    line = "() => Chart.getChart(document.querySelector('#trend canvas')).data.datasets[0].borderColor"
    dark = page.evaluate(line)

    page.get_by_role("button", name="Switch between light and dark").click()

    expect(html).to_have_attribute("data-bs-theme", "light")
    assert page.evaluate(line) != dark
    page.reload()
    expect(html).to_have_attribute("data-bs-theme", "light")


def test_times_are_in_the_readers_zone(seat: Seat, netra: World) -> None:
    page = seat(timezone_id="Asia/Kathmandu").goto(f"{PAGE}commits/")
    shown = page.locator("tbody time").first.inner_text()

    minutes = (netra.head.committed_at.minute + 45) % 60
    assert shown.endswith(f":{minutes:02}")


@pytest.mark.parametrize("shape", ["full", "day", "ago"])
def test_the_script_says_a_time_in_the_servers_words(seat: Seat, netra: World, shape: str) -> None:
    page = seat(timezone_id="UTC").goto(PAGE)
    now = timezone.now()
    moments = [datetime(2025, month, 3, 4, 5, tzinfo=UTC) for month in range(1, 13)]
    moments += [now - timedelta(seconds=n) for n in (0, 20, 100, 5000, 80_000, 100_000, 200_000, 2_500_000)]
    moments += [now + timedelta(seconds=n) for n in (100, 5000, 100_000, 200_000)]
    words = [when(moment, shape) for moment in moments]

    page.evaluate(
        """(words) => {
            document.body.innerHTML = words.join("");
            document.body.firstChild.dispatchEvent(
                new CustomEvent("htmx:load", { bubbles: true, detail: { elt: document.body.firstChild } }));
        }""",
        words,
    )

    shown = page.locator("time").all_inner_texts()
    assert shown == [re.sub("<[^>]*>", "", text) for text in words]
    assert page.locator("time").first.get_attribute("title") == "Friday, 3 January 2025 at 04:05:00 UTC"


def test_the_keyboard_reaches_the_content_first(seat: Seat, netra: World) -> None:
    page = seat().goto(PAGE)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()

    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_reader_without_scripts_has_every_figure(seat: Seat, netra: World) -> None:
    reader = seat(java_script_enabled=False)
    reader.page.goto(reader.server + PAGE)

    expect(reader.page.locator(".summary-figure")).to_have_text(f"{figures()[-1]:.1f}%")
    expect(reader.page.get_by_role("link", name="CSV").first).to_be_visible()


@pytest.mark.parametrize("query", ["", "?measure=violations&by=risk"])
def test_no_target_on_a_phone_is_under_24_pixels(seat: Seat, netra: World, query: str) -> None:
    page = seat(width=390).goto(PAGE + query)
    assert page.evaluate(SMALL) == []


@pytest.mark.parametrize("regressions", [1, 5])
def test_no_gap_is_left_under_the_trend(seat: Seat, netra: World, regressions: int) -> None:
    for number in range(regressions - 1):
        netra.commit(f"Break one more, number {number}", by="Cy", breaks=(netra.files[number],))
    page = seat().goto(PAGE)
    trend, beside = page.evaluate(ENDS)
    assert trend == pytest.approx(beside, abs=1)
    canvas, room = (
        page.locator("#trend canvas").bounding_box(),
        page.locator("#trend .chart-tall").bounding_box(),
    )
    assert canvas
    assert room
    assert canvas["height"] == pytest.approx(room["height"], abs=1)
    assert canvas["height"] >= 384
