"""The first screen of the overview: four answers within 900 pixels, the roadmap, and what a reader opened."""

from typing import Any

import pytest
from playwright.sync_api import expect

from compliance.models import Phase
from tests.browser.conftest import Seat
from tests.browser.factories import SMALL
from tests.views.cast import World

pytestmark = pytest.mark.slow

AT = "/repositories/netra/"
ANSWERS = ("Where are we?", "When are we done, and how sure is that?", "What regressed?", "Who must act?")
PLACES = """() => [...document.querySelectorAll(".answers > section")].map((section) => {
    const {top, bottom} = section.getBoundingClientRect();
    return [section.querySelector("h2").firstChild.data.trim(), top + scrollY, bottom + scrollY];
})"""
SHIFTS = """() => new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(sum), 0)));
})"""


def test_the_first_900_pixels_answer_the_four_questions(seat: Seat, netra: World) -> None:
    page = seat(width=1440).goto(AT)
    found = page.evaluate(PLACES)

    assert [title for title, *_ in found] == list(ANSWERS)
    assert max(bottom for *_, bottom in found) <= 900


def test_a_phone_shows_the_answers_in_the_same_order(seat: Seat, netra: World) -> None:
    page = seat(width=390).goto(AT)
    found: list[Any] = page.evaluate(PLACES)

    assert [title for title, *_ in found] == list(ANSWERS)
    assert [top for _, top, _ in found] == sorted(top for _, top, _ in found)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("path", ["", "phases/", "issues/", "my-work/"])
@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_moves_while_a_page_loads(seat: Seat, netra: World, path: str, width: int) -> None:
    reader = seat(width=width)
    page = reader.goto(f"{AT}{path}")

    assert page.evaluate(SHIFTS) < 0.01
    assert reader.complaints == []


@pytest.mark.parametrize("path", ["phases/", "issues/", "my-work/", "files/?violating=yes"])
def test_no_target_of_a_list_is_under_24_pixels_on_a_phone(seat: Seat, netra: World, path: str) -> None:
    page = seat(width=390).goto(f"{AT}{path}")
    assert page.evaluate(SMALL) == []


def test_the_roadmap_is_read_and_opened_with_the_keyboard(seat: Seat, netra: World) -> None:
    Phase.objects.filter(key="golden-path").update(title="A title that is longer than its column " * 6)
    page = seat(width=390).goto(f"{AT}phases/")
    row = page.locator("#roadmap .roadmap-row", has_text="A title that")

    assert "due" in row.locator("svg > title").first.inner_html().lower()
    row.get_by_role("link").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/phases/golden-path/")
    page.go_back()
    page.locator("#roadmap-table > summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#roadmap-table table")).to_be_visible()


def test_what_a_reader_opened_stays_open_when_the_figures_change(seat: Seat, netra: World) -> None:
    reader = seat()
    page = reader.goto(AT)
    summary = page.locator("#roadmap-table > summary")
    summary.focus()
    page.keyboard.press("Enter")

    netra.commit("Migrate four more", fix=8)

    expect(page.locator(".summary-subject")).to_have_text("Migrate four more", timeout=15_000)
    expect(page.locator("#roadmap-table table")).to_be_visible()
    expect(summary).to_be_focused()
    assert reader.complaints == []
