"""The trend in the hand: split, brushed, walked by keyboard, taken away, printed, failing and mended."""

import re
import struct
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from compliance.models import Marker, Snapshot
from tests.browser.conftest import Reader, Seat
from tests.views.cast import World

pytestmark = pytest.mark.slow

PAGE = "/repositories/netra/"
DRAWN = "#trend figure[data-points]"
CHART = "Chart.getChart(document.querySelector('#trend canvas'))"
SETS = f"() => {CHART}.data.datasets.map((set) => set.data.map((point) => point.y))"
SHIFTS = """window.shift = 0;
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});"""


def rows() -> list[Snapshot]:
    return list(Snapshot.objects.order_by("commit__position").select_related("commit"))


def shown(page: Page) -> Any:
    expect(page.locator(DRAWN)).to_be_visible()
    return page.evaluate(SETS)


def where(page: Page, place: int) -> tuple[float, float]:
    """Return the position on the screen of a point on the first line."""
    page.locator("#trend canvas").scroll_into_view_if_needed()
    box = page.locator("#trend canvas").bounding_box()
    at = page.evaluate(
        f"(place) => {{ const p = {CHART}.getDatasetMeta(0).data.at(place); return [p.x, p.y]; }}", place
    )
    assert box
    return box["x"] + at[0], box["y"] + at[1]


def test_splitting_the_line_draws_one_for_each_part_in_place(seat: Seat, netra: World) -> None:
    reader = seat()
    page = reader.goto(f"{PAGE}?measure=violations")
    page.evaluate("window.same = true")
    page.get_by_label("Split by").focus()
    page.get_by_label("Split by").select_option("risk")
    page.wait_for_url("**/?measure=violations&by=risk")

    assert shown(page) == [
        [row.by["risk"][risk][0] for row in rows()] for risk in ("critical", "high", "medium", "low")
    ]
    assert page.evaluate("window.same")
    expect(page.get_by_label("Split by")).to_be_focused()
    expect(page.get_by_role("list", name="Lines").get_by_role("button")).to_have_count(4)
    page.reload()
    assert len(shown(page)) == 4
    assert not reader.complaints


def test_a_line_can_be_switched_off_and_on(seat: Seat, netra: World) -> None:
    page = seat().goto(f"{PAGE}?measure=violations&by=risk")
    button = page.get_by_role("button", name="high")
    visible = f"() => [0, 1, 2, 3].filter((line) => {CHART}.isDatasetVisible(line))"

    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert page.evaluate(visible) == [0, 2, 3]
    button.click()
    assert page.evaluate(visible) == [0, 1, 2, 3]


def test_dragging_over_the_chart_chooses_a_range(seat: Seat, netra: World) -> None:
    reader = seat()
    page = reader.goto(PAGE)
    days = [row.commit.committed_at.date() for row in rows()]
    (left, y), (right, _) = where(page, 3), where(page, 8)
    page.mouse.move(left, y)
    page.mouse.down()
    page.mouse.move(right, y + 5, steps=4)
    page.mouse.up()
    page.wait_for_url(f"**/?from={days[3]}&to={days[8]}")

    expect(page.locator("#trend-from")).to_have_value(str(days[3]))
    expect(page.locator("#trend figure")).to_have_attribute(
        "data-points", str(sum(days[3] <= day <= days[8] for day in days))
    )
    page.get_by_role("link", name="All", exact=True).click()
    expect(page.locator("#trend figure")).to_have_attribute("data-points", str(len(days)))
    assert "from" not in page.url
    assert not reader.complaints


def test_a_drag_that_is_given_up_changes_nothing(seat: Seat, netra: World) -> None:
    page = seat().goto(PAGE)
    (left, y), (right, _) = where(page, 3), where(page, 8)
    page.locator("#trend canvas").focus()
    page.mouse.move(left, y)
    page.mouse.down()
    page.mouse.move(right, y, steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()
    page.wait_for_timeout(300)

    assert page.url.endswith(PAGE)


def test_days_typed_by_hand_choose_the_same_range(seat: Seat, netra: World) -> None:
    page = seat().goto(f"{PAGE}?by=risk")
    first, last = (rows()[place].commit.committed_at.date() for place in (2, 6))
    page.locator("#trend-from").fill(str(first))
    page.locator("#trend-to").fill(str(last))
    page.get_by_role("button", name="Apply").press("Enter")
    page.wait_for_url(f"**/?by=risk&from={first}&to={last}")

    inside = [row for row in rows() if first <= row.commit.committed_at.date() <= last]
    expect(page.locator("#trend figure")).to_have_attribute("data-points", str(len(inside)))


def test_a_range_without_a_commit_says_so(seat: Seat, netra: World) -> None:
    page = seat().goto(f"{PAGE}?from={date(2090, 1, 1)}")

    note = page.locator("#trend .chart-note")
    expect(note).to_have_text(re.compile(r"^No commits in this range\. Compliance stayed at \d+\.\d% since "))


def test_the_keyboard_walks_along_the_commits_and_opens_one(seat: Seat, netra: World) -> None:
    reader = seat()
    page = reader.goto(PAGE)
    said = page.locator("#trend [data-announcement]")
    page.locator("#trend canvas").focus()
    page.keyboard.press("End")
    expect(said).to_contain_text("regression: 1 violation introduced in 1 file")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    third = rows()[-3]
    expect(said).to_contain_text(f"Compliance {1000 * third.clean // third.files / 10:.1f}%")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/commits/{third.commit.sha[:12]}/")
    assert not reader.complaints


def test_the_table_has_every_line_and_what_happened(seat: Seat, netra: World) -> None:
    page = seat().goto(f"{PAGE}?measure=violations&by=risk")
    page.locator("#trend summary").click()

    head = page.locator("#trend thead th").all_text_contents()
    newest = page.locator("#trend tbody tr").first.locator("td").all_inner_texts()

    assert head == ["When", "critical", "high", "medium", "low", "Commit", "Events"]
    last = rows()[-1]
    assert newest[1:5] == [str(last.by["risk"][risk][0]) for risk in ("critical", "high", "medium", "low")]
    assert "regression" in newest[-1]


def test_the_picture_is_taken_away_as_png_and_svg(seat: Seat, netra: World) -> None:
    reader = seat(theme="dark")
    page = reader.goto(f"{PAGE}?by=risk")
    with page.expect_download() as png:
        page.get_by_role("link", name="PNG").click()
    with page.expect_download() as svg:
        page.get_by_role("link", name="SVG").click()

    data = Path(png.value.path()).read_bytes()
    assert png.value.suggested_filename == "netra-trend.png"
    assert data.startswith(b"\x89PNG")
    assert struct.unpack(">II", data[16:24])[0] == 2400
    assert svg.value.suggested_filename == "netra-trend.svg"
    assert b"Compliance by risk: Netra agents" in Path(svg.value.path()).read_bytes()
    assert not reader.complaints


def test_missing_figures_are_reported_and_requested_again(seat: Seat, netra: World) -> None:
    reader = seat()
    reader.context.route("**/charts/trend.json*", lambda route: route.abort())
    reader.page.goto(reader.server + PAGE)
    note = reader.page.locator("#trend .chart-note")
    expect(note).to_contain_text("The chart data couldn't be loaded.")

    reader.context.unroute("**/charts/trend.json*")
    note.get_by_role("button", name="Try again").click()

    assert shown(reader.page) == [[1000 * row.clean // row.files / 10 for row in rows()]]
    expect(note).to_be_hidden()


def slow(reader: Reader) -> None:
    """Let the numbers come late, as over a bad line."""

    def wait(route: Any) -> None:
        reader.page.wait_for_timeout(400)
        route.continue_()

    reader.context.route("**/charts/*.json*", wait)


def mark_everything(netra: World) -> None:
    """One mark of every kind, two of them at one commit."""
    line = list(netra.repository.commits.order_by("position"))
    for place, kind in enumerate(Marker.Kind.values):
        at = line[max(1, place)]
        Marker.objects.create(
            repository=netra.repository, kind=kind, at=at.committed_at, commit=at, text=f"One {kind}"
        )


def test_a_managers_note_appears_on_the_trend_and_goes_again(seat: Seat, netra: World) -> None:
    reader = seat()
    page = reader.goto(f"{PAGE}marks/?at={netra.head.sha[:10]}")
    page.get_by_label("Note").fill("Two people joined the team")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_text("The note was added to the trend")).to_be_visible()

    page = reader.goto(PAGE)
    expect(page.locator("[data-marker-legend]")).to_contain_text("note (1)")
    page.locator("#trend canvas").focus()
    page.keyboard.press("End")
    expect(page.locator("#trend [data-announcement]")).to_contain_text("note: Two people joined the team")

    page = reader.goto(f"{PAGE}marks/?kind=note")
    page.get_by_role("button", name="Remove note: Two people joined the team").click()
    expect(page.get_by_text("was removed")).to_be_visible()
    page = reader.goto(PAGE)
    expect(page.locator("[data-marker-legend]")).not_to_contain_text("note")
    assert not reader.complaints


def test_an_open_page_hears_of_a_note(seat: Seat, netra: World) -> None:
    page = seat().goto(PAGE)
    mark_everything(netra)

    expect(page.locator("[data-marker-legend]")).to_contain_text("note (1)", timeout=5000)


def test_late_figures_and_a_split_trend_shift_no_layout(seat: Seat, netra: World) -> None:
    mark_everything(netra)
    for width in (390, 1440):
        reader = seat(width=width)
        reader.context.add_init_script(SHIFTS)
        slow(reader)
        for address in (PAGE, f"{PAGE}?by=phase"):
            page = reader.goto(address)
            page.wait_for_timeout(300)
            assert page.evaluate("window.shift") < 0.01, (width, address)


@pytest.mark.parametrize("marked", [False, True])
def test_the_legend_of_marks_is_one_row_on_a_narrow_screen(seat: Seat, netra: World, *, marked: bool) -> None:
    if marked:
        mark_everything(netra)
    page = seat(width=390).goto(PAGE)
    legend = page.locator("#trend [data-marker-legend]")
    if marked:
        expect(legend.locator("button")).not_to_have_count(0)
        last = legend.locator("button").last
        last.focus()  # which scrolls to it
        expect(last).to_be_in_viewport(ratio=1)
    box = legend.bounding_box()

    assert box
    assert box["height"] <= 44
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_reduced_motion_disables_animation(seat: Seat, netra: World) -> None:
    page = seat(reduced_motion="reduce").goto(PAGE)

    assert page.evaluate(f"() => {CHART}.options.animation") is False
    moving = "() => document.getAnimations().filter((one) => one.effect.getTiming().duration > 1).length"
    assert page.evaluate(moving) == 0


def test_the_printed_overview_is_one_clean_light_page(seat: Seat, netra: World, tmp_path: Path) -> None:
    page = seat(theme="dark").goto(PAGE)
    page.emulate_media(media="print")
    for hidden in (".top", "#trend-form", ".switches", ".chart-takes", "#movement"):
        expect(page.locator(hidden).first).to_be_hidden()
    for kept in (".summary-figure", "#trend canvas", "#phases", "#issues"):
        expect(page.locator(kept).first).to_be_visible()
    printed = page.pdf(path=tmp_path / "overview.pdf", format="A4")

    assert printed.count(b"/Type /Page\n") == 1


def test_long_names_of_lines_stay_inside_on_a_narrow_screen(seat: Seat, netra: World) -> None:
    netra.repository.issues.update(title="A very long name of an issue that goes on and on " * 3)
    page = seat(width=390).goto(f"{PAGE}?by=issue")

    card, line = (page.locator(place).bounding_box() for place in ("#trend", "[data-line]"))
    assert card
    assert line
    assert line["x"] + line["width"] <= card["x"] + card["width"]
