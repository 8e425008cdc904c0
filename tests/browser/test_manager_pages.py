"""A manager reads: over the trend, from a figure to its list, on a phase's page, of several repositories."""

import csv
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from compliance.models import Commit, Job, Phase, Snapshot
from tests.browser.conftest import Seat
from tests.evidence.conftest import furnish, hand_in, proofs
from tests.views.cast import World, world
from tests.views.factories import line

pytestmark = pytest.mark.slow

PAGE = "/repositories/netra/"
LAYERS = "() => Chart.getChart(document.querySelector('#trend canvas')).options.plugins.overlays.data"
LINE = "() => Chart.getChart(document.querySelector('figure canvas')).data.datasets[0].data.map((p) => p.y)"
TINTED = """() => {
    const canvas = document.querySelector("#trend canvas"), { scales, options } = Chart.getChart(canvas);
    const { points } = options.plugins.overlays.data.forecast, [at, low, high] = points[points.length >> 1];
    const x = scales.x.getPixelForValue(at * 1000), paper = canvas.getContext("2d");
    const tone = (value) => String(paper.getImageData(
        x * devicePixelRatio, scales.y.getPixelForValue(value) * devicePixelRatio, 1, 1).data);
    return [tone((low + high) / 2), tone(low - 3 * (high - low) - 1)];
}"""


def test_target_and_forecast_are_drawn_over_the_trend(seat: Seat, netra: World) -> None:
    line(netra, list(range(100, 40, -1)))
    Phase.objects.update(due=timezone.now().date() + timedelta(days=30))
    reader = seat()
    page = reader.goto(PAGE)

    layers = page.evaluate(LAYERS)
    inside, outside = page.evaluate(TINTED)

    assert layers["target"] == 95.0
    assert layers["forecast"]["points"][0][1:] == [79.5, 79.5]
    assert inside != outside  # the band has a colour of its own
    words = layers["forecast"]["words"].removeprefix("forecast: ")
    expect(page.locator(".summary-forecast")).to_contain_text(words)
    expect(page.locator("#trend")).to_contain_text(words)
    assert all("willReadFrequently" in word for word in reader.complaints)  # that is this test's own reading


def test_a_range_is_chosen_with_shift_and_the_arrow_keys(seat: Seat, netra: World) -> None:
    reader = seat()
    page = reader.goto(PAGE)
    days = [at.date() for at in Commit.objects.order_by("position").values_list("committed_at", flat=True)]
    brushed = "() => Chart.getChart(document.querySelector('#trend canvas')).brushed !== null"
    page.locator("#trend canvas").focus()
    page.keyboard.press("End")
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    for _ in range(3):
        page.keyboard.press("Shift+ArrowLeft")
    expect(page.locator("#trend [data-announcement]")).to_contain_text("Enter selects the range from here to")
    assert page.evaluate(brushed)
    page.keyboard.press("Escape")
    assert not page.evaluate(brushed)

    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    for _ in range(4):
        page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/?from={days[1]}&to={days[5]}")
    inside = sum(days[1] <= day <= days[5] for day in days)
    expect(page.locator("#trend figure")).to_have_attribute("data-points", str(inside))
    assert not reader.complaints


def test_a_risk_leads_to_its_places_and_their_spreadsheet(seat: Seat, netra: World) -> None:
    page = seat().goto(PAGE)
    row = page.locator("#risks li", has=page.locator(".risk-high"))
    figure = row.locator(".row-number").inner_text()
    row.get_by_role("link").first.click()
    expect(page.locator(".found strong").first).to_have_text(figure)

    with page.expect_download() as sheet:
        page.get_by_role("link", name="Download CSV").click()

    with Path(sheet.value.path()).open(newline="") as told:
        rows = list(csv.DictReader(told))
    assert len(rows) == int(figure)
    assert {row["risk"] for row in rows} == {"high"}
    assert all(row["file"] and row["line"] and row["pattern"] and row["category"] for row in rows)


def test_a_phase_burns_down_and_names_the_test_that_keeps_it_open(seat: Seat, netra: World) -> None:
    hand_in(furnish(netra), proofs(7, test_still_shared="passed"))
    reader = seat()
    page = reader.goto(f"{PAGE}phases/cleanup/")

    rows = Snapshot.objects.order_by("commit__position").values_list("by", flat=True)
    assert page.evaluate(LINE) == [by["phase"]["cleanup"][0] for by in rows]
    proof = page.locator("#criteria tr", has_text="proofs: at least 8 tests, all fail")
    expect(proof.locator(".state")).to_have_text("not met")
    expect(proof).to_contain_text("1 of 8 passed, but all must fail")
    proof.locator("summary").press("Enter")
    expect(proof.locator(".tests li")).to_have_count(1)
    expect(proof.locator(".tests")).to_contain_text("test_still_shared")
    assert not reader.complaints


def test_the_first_page_sums_a_shared_plan_and_keeps_its_filter(seat: Seat, netra: World) -> None:
    twin, other = world("twin", files=16), world("other", files=8)
    twin.plan.name = netra.plan.name
    twin.plan.save()
    other.repository.name = "Other"
    other.repository.save()
    reader = seat()
    page = reader.goto("/?all=1")
    newest = [Snapshot.objects.get(commit=made.head) for made in (netra, twin)]
    clean, files = (sum(getattr(row, name) for row in newest) for name in ("clean", "files"))

    page.get_by_label("Plan").select_option(netra.plan.name)
    page.wait_for_url("**plan=Agent**")
    page.reload()

    expect(page.get_by_label("Plan")).to_have_value(netra.plan.name)
    expect(page.locator(".repository-totals tr")).to_contain_text(f"{clean} of {files} files")
    expect(page.locator("main tbody:not(.repository-totals) tr")).to_have_count(2)
    expect(page.locator("main tbody")).not_to_contain_text(["Other"])
    assert not reader.complaints


def test_a_history_that_is_still_read_says_how_far_it_is(seat: Seat, netra: World) -> None:
    Commit.objects.filter(position__lte=4).update(position=None)
    Snapshot.objects.filter(commit__position=None).delete()
    netra.repository.history_done = False
    netra.repository.line_length = 12
    netra.repository.save()
    Job.objects.create(repository=netra.repository, kind="backfill", state="waiting")
    reader = seat()

    page = reader.goto(PAGE)

    expect(page.locator("#history")).to_contain_text("Backfilling history")
    expect(page.locator("#history")).to_contain_text("commits left")
    assert not reader.complaints
