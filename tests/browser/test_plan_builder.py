"""The plan builder in the browser: by keyboard alone, with a real worker, at two widths and themes."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from compliance import scans
from compliance.models import PlanDraft
from tests.browser.conftest import Seat
from tests.browser.faults import axe_faults
from tests.processes import Start
from tests.scanner.history import write_history
from tests.scans.factories import HISTORY
from tests.scans.upstream import PLAN
from tests.scans.verify import run_jobs

pytestmark = pytest.mark.slow
SMALL = """[...document.querySelectorAll("#builder :is(button, select, input.form-control)")]
    .filter((e) => e.offsetParent && (e.offsetHeight < 24 || e.offsetWidth < 24)).map((e) => e.outerHTML)"""
"""The targets that are smaller than 24 px."""
TWO_PHASES = PLAN[: PLAN.index("issues:")].rstrip() + (
    '\nissues:\n  - key: "#1"\n    title: T\n    phases:  # in order\n'
    "      - {id: one, title: One}  # first\n      - {id: two, title: Two}\n"
)


@pytest.fixture
def tracked(tmp_path: Path, transactional_db: None) -> None:
    write_history(tmp_path / "r.git", HISTORY)
    scans.track(str(tmp_path / "r.git"), slug="r", plan=TWO_PHASES)
    run_jobs()


def test_a_manager_edits_orders_tries_and_previews_by_keyboard(
    seat: Seat, tracked: None, process_environment: dict[str, str], start: Start
) -> None:
    start(process_environment, "worker", app="compliance")
    reader = seat()
    page = reader.goto("/repositories/r/plan/")
    page.get_by_role("link", name="Open the plan builder").press("Enter")
    editor = page.get_by_role("textbox", name="YAML")
    expect(editor).to_have_value(TWO_PHASES)

    page.get_by_role("button", name="Move one down").press("Enter")
    expect(page.locator("#announcement")).to_have_text("Phase one is now number 2 of 2.")
    moved = TWO_PHASES.replace(
        "      - {id: one, title: One}  # first\n      - {id: two, title: Two}\n",
        "      - {id: two, title: Two}\n      - {id: one, title: One}  # first\n",
    )
    expect(editor).to_have_value(moved)
    page.locator("[data-path='issues/0/phases/1'] > .outline-line > .outline-open").press("Alt+ArrowUp")
    expect(editor).to_have_value(TWO_PHASES)

    page.locator("[data-path='rules/0'] > .outline-line > .outline-open").press("Enter")
    message = page.get_by_label("Message")
    message.focus()
    page.keyboard.type("Why: it is shared")
    page.keyboard.press("Tab")
    expect(editor).to_have_value(re.compile("Why: it is shared"))
    assert editor.input_value().count("\n") <= TWO_PHASES.count("\n") + 1
    page.get_by_role("button", name="Try this rule").press("Enter")
    expect(page.locator("#trial")).to_contain_text("found by", timeout=60_000)
    expect(page.locator("#trial figure").first).to_be_visible()
    faults = axe_faults(page)

    editor.focus()
    page.keyboard.press("Control+End")
    page.keyboard.type("target")
    expect(page.get_by_role("option").first).to_contain_text("target_percent")
    page.keyboard.press("Enter")
    page.keyboard.type("950")
    expect(page.get_by_role("button", name="line")).to_be_visible()
    expect(page.locator(".builder-problems")).to_contain_text("from 0 to 100")
    faults += axe_faults(page)
    page.keyboard.press("Backspace")
    expect(page.locator(".builder-problems")).to_have_count(0)
    page.get_by_role("button", name="Preview changes").press("Enter")
    expect(page.get_by_role("button", name="Activate plan")).to_be_visible(timeout=60_000)
    plan = scans.read_plan(PlanDraft.objects.get().text, "plan")
    assert (plan.target_percent, plan.rules[0].message) == (95.0, "Why: it is shared")
    assert not faults, "\n".join(faults)
    assert not reader.complaints


def test_a_phase_is_dragged(seat: Seat, tracked: None) -> None:
    page = seat().goto("/repositories/r/plan/builder/")
    lines = page.locator("[data-list='issues/0/phases'] > li > .outline-line")
    lines.nth(1).drag_to(lines.nth(0))
    expect(page.locator("#announcement")).to_have_text("Phase two is now number 1 of 2.")
    expect(lines.nth(0)).to_contain_text("two")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_it_fits_and_has_no_faults(seat: Seat, tracked: None, width: int, theme: str) -> None:
    reader = seat(width=width, theme=theme)
    page = reader.goto("/repositories/r/plan/builder/?part=rules/0")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert axe_faults(page) == []
    small = page.evaluate(SMALL)
    assert small == []
    assert not reader.complaints


def test_what_is_edited_while_an_answer_is_awaited_is_kept(seat: Seat, tracked: None) -> None:
    reader = seat()
    page = reader.goto("/repositories/r/plan/builder/")
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if held or route.request.method != "POST":
            route.continue_()
        else:
            held.append(route)

    page.route(re.compile("/plan/builder/"), hold_the_first)
    page.locator("#part").get_by_label("Name").fill("Another name")
    page.keyboard.press("Tab")
    page.get_by_label("Target").fill("97")
    page.keyboard.press("Tab")
    page.locator("[data-path='rules/0'] > .outline-line > .outline-open").click()
    assert len(held) == 1
    held[0].continue_()

    expect(page.get_by_label("Message")).to_be_visible()
    editor = page.get_by_role("textbox", name="YAML")
    expect(editor).to_have_value(re.compile("Another name"))
    expect(editor).to_have_value(re.compile(r"target_percent: 97\b"))
    assert reader.complaints == []
