"""The number in the header and the inbox follow what happens, and a form says what a rule does."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from compliance.models import Channel, InboxEntry
from tests.browser.conftest import Seat
from tests.evidence.conftest import furnish
from tests.views.cast import World
from tests.views.furnished import notify

pytestmark = pytest.mark.slow


def test_open_pages_show_new_notifications_and_what_was_read_elsewhere(seat: Seat, netra: World) -> None:
    reader = seat()
    person = User.objects.get(username="ada")
    page = reader.goto("/repositories/netra/")
    number = page.locator(".inbox-unread")
    expect(number).to_have_count(0)
    notify(netra, person, subject="Break it")
    expect(number).to_have_text("1", timeout=15_000)

    page.locator("#inbox-link").click()
    expect(page.locator(".inbox-entry")).to_have_count(1)
    notify(netra, person, subject="Break it again")
    expect(page.locator(".inbox-entry")).to_have_count(2, timeout=15_000)

    other = reader.open()
    other.goto(f"{reader.server}/inbox/")
    other.get_by_role("button", name="Mark all 2 as read").click()
    expect(other.locator(".empty-title")).to_have_text("You have read everything")
    expect(page.locator(".inbox-entry")).to_have_count(0, timeout=15_000)
    expect(number).to_have_count(0)
    assert not InboxEntry.objects.filter(read_at=None).exists()
    assert reader.complaints == []


def test_the_form_of_a_rule_says_what_it_does_while_it_is_filled_in(seat: Seat, netra: World) -> None:
    furnish(netra)
    Channel.objects.create(name="Builds", kind="webhook", url="https://hooks.example.org/1")
    reader = seat()
    page = reader.goto("/new-notification-rule/")
    outlook = page.locator("#rule-outlook")
    page.locator("[name=channel]").select_option("Builds")
    expect(outlook).to_contain_text("Builds gets all events in all repositories, at once")
    expect(page.locator("#rule-phases")).to_contain_text("Choose a repository")
    page.locator("[name=repository]").select_option("netra")
    page.get_by_label("Phase 3").check()
    page.locator("[name=cadence]").select_option("weekly")
    expect(outlook).to_contain_text("in Netra agents, but only those with the phase “Phase 3")
    expect(outlook).to_contain_text("in one message a week, on Mondays at 08:00")
    page.get_by_role("button", name="Add rule").click()
    expect(page.locator(".alert-success")).to_have_text("The rule is saved.")
    expect(page.get_by_label("Phase 3")).to_be_checked()
    assert reader.complaints == []
