"""A file in the hands of an engineer: first what is needed first; from place to place by button and key."""

import re

import pytest
from playwright.sync_api import expect

from compliance.models import File, Patch
from tests.browser.conftest import Seat
from tests.browser.faults import axe_faults
from tests.views.long_file import long_file

pytestmark = pytest.mark.slow

__all__ = ["long_file"]  # a fixture

GUIDE = {"title": "A module keeps one for everybody", "line": 1, "steps": ["Give it as a parameter"]}
REFUSAL = {"line": 650, "rule": "r", "role": "call", "reason": "no context in reach"}


def test_the_file_page_shows_violations_first_and_links_the_rest(seat: Seat, long_file: File) -> None:
    repository = long_file.repository
    assert repository.head
    assert repository.plan
    Patch.objects.create(
        file=long_file,
        commit=repository.head,
        plan=repository.plan,
        text=b"--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-old\n+new\n",
        fixed=1,
        refused=[REFUSAL],
        guides=[GUIDE],
    )
    reader = seat()
    page = reader.goto(f"/repositories/r/files/{long_file.pk}/")
    expect(page.get_by_text("Fixes 1 violation")).to_be_visible()

    order = page.locator("main section[id]").evaluate_all("(all) => all.map((one) => one.id)")
    assert order[:4] == ["claim", "patch", "standing", "source"]
    expect(page.get_by_text("+new", exact=True)).to_be_hidden()
    page.get_by_text("Show patch (5 lines)").click()
    expect(page.get_by_text("+new", exact=True)).to_be_visible()
    page.get_by_text("Not fixed automatically: 1 violation").click()
    expect(page.get_by_text("no context in reach")).to_be_visible()
    page.get_by_text("manually: 1 guide").click()
    expect(page.locator("#patch").get_by_text("Give it as a parameter")).to_be_visible()
    first = page.locator("#standing .place").first
    expect(first.get_by_role("heading", name="What to do")).to_be_visible()
    first.get_by_text("How to fix it manually").click()
    expect(first.get_by_text("Give it as a parameter")).to_be_visible()
    assert axe_faults(page) == []
    page.get_by_role("navigation", name="On this page").get_by_role("link", name="Source").click()
    expect(page.locator("#source")).to_be_in_viewport()
    assert reader.complaints == []


def test_n_and_p_go_from_place_to_place_where_the_keyboard_is_in_the_source(
    seat: Seat, long_file: File
) -> None:
    reader = seat()
    page = reader.goto(f"/repositories/r/files/{long_file.pk}/")
    rows, here = page.locator("#source .source-mark"), page.locator(".source-here")
    count = rows.count()
    page.keyboard.press("n")
    expect(here).to_have_count(0)

    page.get_by_role("region", name=re.compile("^Source of")).focus()
    page.keyboard.press("n")
    expect(rows.nth(0)).to_be_focused()
    page.keyboard.press("n")
    expect(rows.nth(1)).to_be_focused()
    expect(rows.nth(1)).to_be_in_viewport()
    expect(page.get_by_text(f"2 of {count}", exact=True)).to_be_visible()
    page.keyboard.press("p")
    page.keyboard.press("p")
    expect(rows.nth(count - 1)).to_be_focused()
    expect(here).to_have_count(1)
    assert reader.complaints == []


def test_buttons_do_the_same_and_keys_in_a_form_type(seat: Seat, long_file: File) -> None:
    page = seat(width=390).goto(f"/repositories/r/files/{long_file.pk}/")
    rows = page.locator("#source .source-mark")

    page.get_by_role("button", name="Next violation").click()
    expect(rows.nth(0)).to_be_in_viewport()
    page.get_by_role("button", name="Next violation").click()
    expect(rows.nth(1)).to_have_class(re.compile("source-here"))
    page.locator("#standing summary", has_text="Request a waiver").first.click()
    reason = page.get_by_label("Reason").first
    reason.press_sequentially("no need")
    expect(reason).to_have_value("no need")
    expect(rows.nth(1)).to_have_class(re.compile("source-here"))
    page.locator("#standing-next").click()
    expect(page.locator("#standing .place")).to_have_count(10)
    expect(page.get_by_role("button", name="Previous violation")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_violations_are_beside_the_source_and_marked_in_its_margin(seat: Seat, long_file: File) -> None:
    reader = seat()
    page = reader.goto(f"/repositories/r/files/{long_file.pk}/")
    listed, source = page.locator("#standing").bounding_box(), page.locator("#source").bounding_box()
    assert listed
    assert source
    assert abs(listed["y"] - source["y"]) < 2
    assert listed["x"] + listed["width"] < source["x"]

    mark = page.get_by_role("link", name=re.compile(r"^Line 650: high risk, factory"))
    mark.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".place:target")).to_contain_text("line 650")
    assert page.locator("#source .token-keyword").first.inner_text() == "from"
    assert reader.complaints == []


def test_the_place_of_a_violation_can_be_copied(seat: Seat, long_file: File) -> None:
    reader = seat(permissions=["clipboard-read", "clipboard-write"])
    page = reader.goto(f"/repositories/r/files/{long_file.pk}/")
    page.get_by_role("button", name="Copy a/long.py:1", exact=True).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "a/long.py:1"
    assert reader.complaints == []
