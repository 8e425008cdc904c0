"""A manager shares: makes a link, a stranger reads by it, the badge fits its text, revoked it is gone."""

import pytest
from playwright.sync_api import expect

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
    expect(seen.locator(".spark-wide polyline")).to_be_visible()
    expect(seen.locator(".spark-wide")).to_contain_text("the dashed line is the target of 95%")
    assert not stranger.complaints

    page.get_by_role("button", name="Revoke The board").click()
    expect(page.get_by_text("no longer works")).to_be_visible()
    seen.reload()
    expect(seen.get_by_role("heading", name="This link is not valid")).to_be_visible()
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
