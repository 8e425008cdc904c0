"""Pages other than the overview on paper: a phase, an issue, all phases, each one clean light page of A4."""

from datetime import date

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from compliance.accounts import public_links
from compliance.models import Phase
from tests.browser.conftest import Seat
from tests.views.cast import World

pytestmark = pytest.mark.slow

AT = "/repositories/netra/"
INK = """(place) => {
    const [r, g, b] = getComputedStyle(document.querySelector(place)).color.match(/[\\d.]+/g).map(Number);
    return (r + g + b) / 3;
}"""
PAPER = "() => getComputedStyle(document.body).backgroundColor"
GIVEN = ".top, .btn, form, summary, .card-actions, .chart-takes, .paging"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("phases/cleanup/", ("Criteria", "Burndown", "Files with violations left", "Due")),
        ("issues/%231274/", ("Steps", "Tracker task list", "Phases", "Burndown")),
        ("phases/", ("Phases", "Phase 1: Golden Path", "Phase 3: Validation and cleanup")),
    ],
)
def test_a_page_for_a_meeting_is_one_clean_light_sheet(
    seat: Seat, netra: World, address: str, kept: tuple[str, ...]
) -> None:
    Phase.objects.update(due=date(2031, 3, 9))
    Phase.objects.filter(key="golden-path").update(closed_at=timezone.now())
    reader = seat(theme="dark")
    page = reader.goto(AT + address)
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    for words in kept:
        expect(page.locator("main").get_by_text(words).first).to_be_visible()
    due = page.locator("main time", has_text="9 Mar 2031").all()
    assert sum(one.is_visible() for one in due) == (1 if "cleanup" in address else 2)
    assert [one.inner_text() for one in page.locator(GIVEN).all() if one.is_visible()] == []
    assert page.evaluate(PAPER) == "rgb(255, 255, 255)"
    assert page.evaluate(INK, "h1") < 100
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
    assert reader.complaints == []


def test_a_printed_public_page_keeps_the_chart_and_the_figures_of_every_phase(
    seat: Seat, netra: World
) -> None:
    reader = seat(theme="dark", signed_in=False)
    page = reader.goto(f"/shared/{public_links.make(netra.repository, None).key}/")
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    phases = page.locator("section", has=page.get_by_role("heading", name="By phase")).locator("li")
    expect(phases).to_have_count(2)
    for phase in phases.all():
        expect(phase.get_by_text("fixed")).to_be_visible()
    expect(page.locator("figure[data-points] canvas")).to_be_visible()
    assert [one.inner_text() for one in page.locator(GIVEN).all() if one.is_visible()] == []
    assert page.evaluate(PAPER) == "rgb(255, 255, 255)"
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
