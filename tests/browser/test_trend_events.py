"""The events on the trend: pointed at, opened, and switched off; causes of steps in tooltip and table."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from compliance.models import Marker, Snapshot
from tests.browser.conftest import Seat
from tests.views.cast import World

pytestmark = pytest.mark.slow

PAGE = "/repositories/netra/"
CHART = "Chart.getChart(document.querySelector('#trend canvas'))"


def markers(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(
        f"() => {CHART}.markers.map(({{x, y, event}}) => ({{x, y, ...event}}))"
    )
    return found


def test_an_event_can_be_pointed_at_opened_and_switched_off(seat: Seat, netra: World) -> None:
    other = Snapshot.objects.get(commit__position=5).commit
    for number in range(30):
        Marker.objects.create(
            repository=netra.repository, kind="tag", text=f"v1.{number}", commit=other, at=other.committed_at
        )
    reader = seat()
    page = reader.goto(PAGE)
    kinds = [marker["kind"] for marker in markers(page)]
    assert kinds.count("tag") == 1, "the others would overlap"
    assert kinds[-1] == "regression", "regressions are drawn above tags"
    expect(page.locator("#trend [data-notes]")).to_contain_text("Tags that would cover other events")

    canvas = page.locator("#trend canvas")
    canvas.scroll_into_view_if_needed()
    (regression,) = (marker for marker in markers(page) if marker["kind"] == "regression")
    canvas.hover(position={"x": regression["x"], "y": regression["y"]})
    tip = page.locator("#trend .chart-tip")
    expect(tip).to_contain_text("regression: 1 violation introduced in 1 file: Bring the cache back")
    expect(tip).to_contain_text(netra.head.sha[:10])

    legend = page.get_by_role("button", name="tag (30)")
    legend.click()
    expect(legend).to_have_attribute("aria-pressed", "false")
    assert {marker["kind"] for marker in markers(page)} == {"regression"}
    legend.click()
    assert len(markers(page)) == 2

    canvas.click(position={"x": regression["x"], "y": regression["y"]})
    page.wait_for_url(f"**/commits/{netra.head.sha[:12]}/")
    assert reader.complaints == []


def test_the_table_lists_the_causes_of_each_step(seat: Seat, netra: World) -> None:
    Snapshot.objects.filter(commit=netra.head).update(
        became_clean=3, files_added=7, clean_added=4, files_gone=2, files_renamed=1, clean_gone=1, restored=5
    )
    page = seat().goto(PAGE)
    page.locator("#trend summary").click()
    newest = page.locator("#trend .chart-table tbody tr").first
    for words in (
        "1 introduced",
        "5 counted again",
        "3 became clean",
        "6 added",
        "4 of them clean",
        "1 removed",
    ):
        expect(newest).to_contain_text(words)


def test_dragging_a_range_leaves_the_console_quiet(seat: Seat, netra: World) -> None:
    reader = seat()
    page = reader.goto(PAGE)
    canvas = page.locator("#trend canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    page.mouse.down()
    page.mouse.move(box["x"] + 400, box["y"] + 150, steps=4)
    page.mouse.up()
    page.wait_for_url("**from=*")
    expect(page.locator("#trend figure[data-points]")).to_be_visible()
    assert reader.complaints == []
