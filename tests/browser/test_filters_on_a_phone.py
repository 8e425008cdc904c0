"""Filters on a telephone: folded away, opened by finger and by key, what is chosen always in sight."""

import re

import pytest
from playwright.sync_api import expect

from compliance.models import File
from tests.browser.conftest import Seat
from tests.browser.faults import axe_faults
from tests.views.cast import World

pytestmark = pytest.mark.slow

PAGE = "/repositories/netra/files/"


def test_the_first_screen_shows_files_until_the_filters_are_opened(seat: Seat, netra: World) -> None:
    page = seat(width=390, has_touch=True).goto(PAGE)
    form, first = page.locator("form.filters"), page.locator("main tbody tr").first
    expect(form).to_be_hidden()
    expect(first).to_be_in_viewport()

    page.get_by_text("Show filters").tap()

    expect(form).to_be_visible()
    page.get_by_text("Show filters").tap()
    expect(form).to_be_hidden()


def test_the_keyboard_opens_the_filters_and_reaches_them(seat: Seat, netra: World) -> None:
    page = seat(width=390).goto(PAGE)
    box = page.get_by_role("checkbox", name="Show filters")
    box.focus()
    page.keyboard.press("Tab")
    expect(page.locator("form.filters *:focus")).to_have_count(0)  # what is folded away is no stop

    box.focus()
    page.keyboard.press("Space")

    expect(page.locator("form.filters")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox", name="Path")).to_be_focused()


def test_active_filters_stay_visible_and_can_be_removed(seat: Seat, netra: World) -> None:
    reader = seat(width=390, has_touch=True)
    page = reader.goto(f"{PAGE}?phase=cleanup&sort=path&path=module")
    chosen = page.get_by_role("list", name="Active filters")

    expect(page.get_by_text("Show filters (2 active)")).to_be_visible()
    expect(page.locator("form.filters")).to_be_hidden()
    expect(chosen).to_contain_text("Phase: Phase 3: Validation and cleanup")
    expect(chosen).to_contain_text("Path: module")
    assert axe_faults(page) == []
    chosen.get_by_role("link", name=re.compile("^Remove filter Phase")).tap()
    page.wait_for_url("**/files/?sort=path&path=module")
    found = File.objects.filter(path__contains="module").count()
    expect(page.locator(".found")).to_have_text(f"{found} files")
    page.goto(page.url.replace("files/?sort=path", "violations/?risk=high"))
    expect(page.get_by_role("list", name="Active filters")).to_contain_text("Risk: high")
    assert reader.complaints == []


def test_a_wide_screen_has_the_filters_open_and_nothing_twice(seat: Seat, netra: World) -> None:
    page = seat().goto(f"{PAGE}?phase=cleanup")

    expect(page.locator("form.filters")).to_be_visible()
    expect(page.get_by_label("Phase")).to_have_value("cleanup")
    expect(page.locator(".filter-toggle")).to_be_hidden()
