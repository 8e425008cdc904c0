"""Many lines in one picture: a few stand out and are named, and the one that is pointed at alone."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from compliance.models import Phase, Snapshot
from tests.browser.conftest import Seat
from tests.views.cast import World

pytestmark = pytest.mark.slow

PAGE = "/repositories/netra/?measure=violations&by=phase"
CHART = "Chart.getChart(document.querySelector('#trend canvas'))"
STROKES = f"() => {CHART}.data.datasets.map((set) => [set.borderColor, set.borderWidth, set.order])"
WEAK = "() => getComputedStyle(document.documentElement).getPropertyValue('--chart-weak').trim()"


def many(netra: World) -> list[str]:
    """Nine phases, the ninth furthest behind; their keys in the plan's order."""
    issue = Phase.objects.earliest("pk").issue
    keys = [f"part-{number}" for number in range(9)]
    Phase.objects.all().delete()
    for order, key in enumerate(keys):
        Phase.objects.create(issue=issue, key=key, title=f"Part {order} of the work", order=order)
    for snapshot in Snapshot.objects.all():
        snapshot.by["phase"] = {key: [10 + place, 1] for place, key in enumerate(keys)}
        snapshot.save()
    return keys


def clear(page: Page) -> list[int]:
    """The lines that are drawn in their own colour, stronger than the others and above them."""
    weak = page.evaluate(WEAK)
    sets: list[Any] = page.evaluate(STROKES)
    for tone, width, order in sets:
        assert (tone == weak) == (width < 2) == (order == 1)
    return [place for place, (tone, _, _) in enumerate(sets) if tone != weak]


def weak_names(page: Page) -> list[int]:
    """The entries above the chart that are as grey as their lines."""
    return [
        int(place)
        for place in page.locator(".legend-weak").evaluate_all("(all) => all.map((b) => b.dataset.line)")
    ]


def test_the_furthest_behind_are_highlighted_until_hover(seat: Seat, netra: World) -> None:
    many(netra)
    reader = seat()
    page = reader.goto(PAGE)

    assert clear(page) == [5, 6, 7, 8]
    assert weak_names(page) == [0, 1, 2, 3, 4]
    page.get_by_role("button", name="Part 2 of the work").hover()
    assert clear(page) == [2]
    page.get_by_role("heading", name="Trend").hover()
    assert clear(page) == [5, 6, 7, 8]
    page.get_by_role("button", name="Part 0 of the work").focus()
    assert clear(page) == [0]
    page.keyboard.press("Enter")  # left out: then it cannot be the one that stands out
    assert clear(page) == [5, 6, 7, 8]
    page.get_by_role("button", name="Part 8 of the work").click()
    page.get_by_role("heading", name="Trend").click()
    assert clear(page) == [4, 5, 6, 7, 8][:4]
    assert reader.complaints == []


def test_a_line_under_the_pointer_stands_out(seat: Seat, netra: World) -> None:
    many(netra)
    page = seat().goto(PAGE)
    page.locator("#trend canvas").scroll_into_view_if_needed()
    box = page.locator("#trend canvas").bounding_box()
    x, y = page.evaluate(f"() => {{ const p = {CHART}.getDatasetMeta(0).data.at(4); return [p.x, p.y]; }}")
    assert box

    page.mouse.move(box["x"] + x, box["y"] + y + 2)

    expect(page.locator(".legend-weak")).to_have_count(8)
    assert clear(page) == [0]
    page.mouse.move(box["x"] + x, box["y"] + y + 60)
    expect(page.locator(".legend-weak")).to_have_count(5)


def test_few_lines_are_all_clear_and_named_beside_their_ends(seat: Seat, netra: World) -> None:
    page = seat().goto("/repositories/netra/?measure=violations&by=risk")

    assert clear(page) == [0, 1, 2, 3]
    assert page.evaluate(f"() => {CHART}.width - {CHART}.chartArea.right") > 60
    page.set_viewport_size({"width": 390, "height": 800})
    expect(page.locator("#trend canvas")).to_be_visible()
    page.wait_for_function(f"() => {CHART}.width - {CHART}.chartArea.right < 60")


def test_the_picture_for_reports_names_those_furthest_behind(seat: Seat, netra: World) -> None:
    many(netra)
    page = seat().goto("/repositories/netra/")
    drawn = page.request.get(page.url + "charts/trend.svg?measure=violations&by=phase").text()

    bold = re.findall(r'font-weight="600">(Part \d of the work)<', drawn)
    assert bold == [f"Part {number} of the work" for number in (8, 7, 6, 5)]
    assert drawn.count('stroke="#b4bdc8"') == 10  # five lines and their five entries
