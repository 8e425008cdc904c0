"""A long file in the browser: its places by pages, the source that was left out; with scripts and without."""

import re

import pytest
from playwright.sync_api import expect

from compliance.models import File
from compliance.views.source_listing import AROUND
from tests.browser.conftest import Seat
from tests.browser.faults import axe_faults
from tests.views.long_file import long_file

pytestmark = pytest.mark.slow

__all__ = ["long_file"]  # a fixture


def test_the_source_follows_the_places_and_the_patch_stays(seat: Seat, long_file: File) -> None:
    reader = seat()
    page = reader.goto(f"/repositories/r/files/{long_file.pk}/")
    expect(page.locator("#L650")).to_be_attached()

    page.locator("#standing-next").click()

    expect(page.locator("#standing .place")).to_have_count(10)
    expect(page).to_have_url(re.compile(r"/\?standing=2$"))
    expect(page.locator("#L650")).not_to_be_attached()
    expect(page.locator("#L1700")).to_be_attached()
    expect(page.locator("#patch")).to_be_attached()
    page.reload()
    expect(page.locator("#standing .place")).to_have_count(10)
    assert reader.complaints == []


def test_lines_that_were_left_out_come_and_take_the_keyboard_along(seat: Seat, long_file: File) -> None:
    reader = seat(width=390)
    page = reader.goto(f"/repositories/r/files/{long_file.pk}/")

    first = 2 + AROUND  # the import on line 1 is a place as well
    page.get_by_role("link", name=f"from line {first}").first.focus()
    page.keyboard.press("Enter")

    expect(page.locator(f"#L{first}")).to_be_focused()
    expect(page).to_have_url(re.compile(rf"/\?line={first}$"))
    expect(page.locator("#L650")).to_be_attached()  # what was shown before is still there
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert axe_faults(page) == []
    assert reader.complaints == []


def test_without_scripts_the_same_links_are_pages(seat: Seat, long_file: File) -> None:
    page = seat(java_script_enabled=False).goto(f"/repositories/r/files/{long_file.pk}/")

    page.locator("#standing-next").click()
    expect(page.locator("#standing .place")).to_have_count(10)
    link = page.get_by_role("link", name=re.compile("^show up to line")).first
    line = link.inner_text().removeprefix("show up to line ").replace(",", "")
    expect(page.locator(f"#L{line}")).not_to_be_attached()
    link.click()

    expect(page.locator(f"#L{line}")).to_be_in_viewport()
    expect(page.locator("#standing .place")).to_have_count(10)
