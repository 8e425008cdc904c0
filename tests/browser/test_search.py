"""The search dialog: opened by keys or button, steered by keys, announced, at any width; and its switch."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Seat
from tests.browser.faults import axe_faults
from tests.views.cast import World

pytestmark = pytest.mark.slow

AT = "/repositories/netra/"


def option_of(page: Page, text: str) -> Locator:
    return page.get_by_role("option").filter(has_text=text)


def dialog_of(page: Page) -> None:
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("keys", ["Control+k", "Meta+k", "/"])
def test_keys_open_it_and_the_keyboard_chooses(seat: Seat, netra: World, keys: str) -> None:
    reader = seat()
    page = reader.goto(AT)
    page.keyboard.press(keys)
    box = page.get_by_role("combobox", name="Search in Netra agents first")
    expect(box).to_be_focused()
    expect(option_of(page, "Overview").first).to_be_visible()

    box.press_sequentially("module_3.py")
    option = option_of(page, "part_3/module_3.py")
    expect(option).to_be_visible()
    expect(page.locator("[data-palette-status]")).to_contain_text("result")
    chosen = page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_have_count(1)
    first = chosen.get_attribute("id")
    expect(box).to_have_attribute("aria-activedescendant", str(first))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(page.locator(f"#{first}")).to_have_attribute("aria-selected", "true")
    while "module_3.py" not in chosen.inner_text():
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/repositories/netra/files/\d+/$"))
    assert reader.complaints == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_the_button_opens_it_at_any_width_without_a_fault(
    seat: Seat, netra: World, theme: str, width: int
) -> None:
    reader = seat(theme=theme, width=width)
    page = reader.goto(AT)
    page.get_by_role("link", name="Search", exact=True).click()
    page.get_by_role("dialog").get_by_role("combobox").fill("module")
    expect(option_of(page, "module_1.py").first).to_be_visible()

    options = {"rules": {"target-size": {"enabled": True}}}
    assert axe_faults(page, **options) == []
    box = page.get_by_role("dialog").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_focused()
    assert axe_faults(page, **options) == []
    assert reader.complaints == []


def test_the_focus_stays_inside_and_returns(seat: Seat, netra: World) -> None:
    page = seat().goto(AT)
    button = page.get_by_role("link", name="Search", exact=True)
    button.focus()
    page.keyboard.press("Enter")
    dialog_of(page)
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(
            "document.activeElement === document.body || !!document.activeElement.closest('#palette')"
        )
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(button).to_be_focused()


def test_keys_in_a_field_are_typed(seat: Seat, netra: World) -> None:
    page = seat().goto(f"{AT}files/")
    field = page.locator("input[name=path]")
    field.press_sequentially("a/b?")

    expect(field).to_have_value("a/b?")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_single_keys_can_be_turned_off(seat: Seat, netra: World) -> None:
    reader = seat()
    page = reader.goto(AT)
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    page.get_by_label("Shortcuts of a single character").uncheck()
    page.keyboard.press("Escape")

    page = reader.goto(f"{AT}files/")
    page.keyboard.press("/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("Control+k")
    dialog_of(page)
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(page.get_by_label("Shortcuts of a single character")).not_to_be_checked()


def test_it_switches_the_repository(seat: Seat, netra: World) -> None:
    reader = seat()
    page = reader.goto("/inbox/")
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("combobox").fill("netra ag")
    expect(option_of(page, "Netra agents").first).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/repositories/netra/$"))


def test_without_a_script_the_button_leads_to_the_page(seat: Seat, netra: World) -> None:
    reader = seat(java_script_enabled=False)
    reader.page.goto(f"{reader.server}{AT}")
    reader.page.get_by_role("link", name="Search", exact=True).click()
    reader.page.get_by_role("searchbox").fill("module_3.py")
    reader.page.get_by_role("button", name="Search").click()

    expect(reader.page.get_by_role("link", name="netra/app/agents/part_3/module_3.py")).to_be_visible()
