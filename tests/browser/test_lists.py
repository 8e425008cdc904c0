"""Lists in use: filters that apply themselves and stay in the address; signing in; the scans' buttons."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from compliance.models import File, Job
from tests.browser.conftest import Seat
from tests.views.cast import World

pytestmark = pytest.mark.slow

PASSWORD = "analytical-engine-1843"


def test_a_chosen_filter_applies_at_once_and_keeps_the_address_short(seat: Seat, netra: World) -> None:
    page = seat().goto("/repositories/netra/files/")

    page.get_by_label("Category").select_option("unit")

    page.wait_for_url("**/files/?category=unit")
    expect(page.locator(".found")).to_have_text("10 files")
    page.reload()
    expect(page.get_by_label("Category")).to_have_value("unit")


def test_filters_add_up(seat: Seat, netra: World) -> None:
    page = seat().goto("/repositories/netra/files/?category=production")

    page.get_by_role("searchbox", name="Path").fill("part_3")
    page.keyboard.press("Enter")

    page.wait_for_url("**/files/?path=part_3&category=production")
    found = File.objects.filter(category="production", path__contains="part_3").count()
    expect(page.locator("main tbody tr")).to_have_count(found)


def test_signing_in_and_out(seat: Seat, netra: World) -> None:
    User.objects.create_user("cy", password=PASSWORD)
    page = seat(signed_in=False).goto("/repositories/netra/scans/")
    page.get_by_label("Name").fill("cy")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/repositories/netra/scans/")

    page.locator("summary", has_text="cy").click()
    page.get_by_role("button", name="Sign out").click()

    page.wait_for_url("**/sign-in/")


def test_scan_now_shows_the_job_that_waits(seat: Seat, netra: World) -> None:
    reader = seat()
    page = reader.goto("/repositories/netra/scans/")

    page.get_by_role("button", name="Scan now").click()

    expect(page.get_by_text("A scan was requested")).to_be_visible()
    expect(page.locator("#now .state-waiting")).to_be_visible()
    Job.objects.update(state=Job.State.BURIED, error="The disk is full.", attempts=5)
    Job.objects.create(repository=netra.repository, kind="update", key="later")
    expect(page.locator("#buried")).to_contain_text("The disk is full.", timeout=4000)
    assert not reader.complaints
