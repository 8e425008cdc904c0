"""A manager shares: makes a link, a stranger reads by it, the badge fits its text, revoked it is gone."""

import pytest
from playwright.sync_api import expect

from compliance.accounts import public_links
from compliance.progress.badge import Badge, svg, width
from tests.browser.conftest import Seat
from tests.views.cast import World

pytestmark = pytest.mark.slow

PAGE = "/repositories/netra/share/"


def test_a_stranger_reads_by_a_link_until_it_is_revoked(seat: Seat, netra: World) -> None:
    reader, stranger = seat(), seat(signed_in=False)
    page = reader.goto(PAGE)
    page.get_by_label("Purpose").fill("The board")
    page.get_by_role("button", name="Create link").click()
    expect(page.get_by_text("The link was created")).to_be_visible()
    address = page.get_by_label("Overview").input_value()

    seen = stranger.page
    seen.goto(address)
    expect(seen.locator(".summary-figure")).to_contain_text("%")
    expect(seen.locator("figure[data-points] canvas")).to_be_visible()
    expect(seen.locator("#trend-words")).to_contain_text("the dashed line is the target of 95%")
    assert not stranger.complaints

    page.get_by_role("button", name="Revoke The board").click()
    expect(page.get_by_text("no longer works")).to_be_visible()
    seen.reload()
    expect(seen.get_by_role("heading", name="This link is not valid")).to_be_visible()
    assert not reader.complaints


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_trend_of_a_public_page_is_readable_on_a_phone_and_opens_nothing(
    seat: Seat, netra: World, theme: str
) -> None:
    reader = seat(width=390, theme=theme, signed_in=False)
    page = reader.goto(f"/shared/{public_links.make(netra.repository, None).key}/")
    canvas = page.locator("figure[data-points] canvas")
    box = canvas.bounding_box()
    assert box
    assert box["height"] >= 200
    expect(page.get_by_role("button", name="regression (1)")).to_be_visible()
    expect(page.locator(".summary")).to_contain_text("Required pace")

    address = page.url
    canvas.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("[data-announcement]")).to_contain_text("Compliance")
    page.keyboard.press("Enter")
    marker = page.evaluate("Chart.getChart(document.querySelector('canvas')).markers[0]")
    canvas.hover(position={"x": marker["x"], "y": marker["y"]})
    expect(page.locator(".chart-tip")).to_contain_text("commit")
    canvas.click(position={"x": marker["x"], "y": marker["y"]})
    expect(page.locator("figure[data-points] canvas")).to_be_visible()
    assert page.url == address
    assert not reader.complaints


@pytest.mark.parametrize("said", ["87.2%", "87.2%, going backwards", "95.4%, target reached"])
def test_the_badges_text_has_nearly_its_own_width(seat: Seat, netra: World, said: str) -> None:
    page = seat(signed_in=False).page
    page.set_content(svg(Badge("SSOT compliance", said, "reached")))
    texts = page.locator("text:not([aria-hidden])")
    for text, words in zip(texts.all(), ("SSOT compliance", said), strict=True):
        text.evaluate("text => text.removeAttribute('textLength')")
        natural = text.evaluate("text => text.getComputedTextLength()") / 10
        assert natural == pytest.approx(width(words), rel=0.1)
