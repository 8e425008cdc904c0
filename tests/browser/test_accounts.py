"""Getting in, and getting in again after a password was forgotten, as a browser sees it."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from compliance.accounts import invitations
from compliance.accounts.roles import Role
from tests.browser.conftest import Seat

pytestmark = pytest.mark.slow

OLD, NEW = "the quick brown fox", "over the lazy dog"


def sign_in(page: Page, password: str) -> None:
    page.get_by_label("Name").fill("dee")
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.django_db(transaction=True)
def test_from_the_invitation_to_another_password(seat: Seat) -> None:
    boss = User.objects.create_user("boss", is_staff=True)
    reader = seat(signed_in=False)
    page = reader.goto(f"/join/{invitations.invite('dee@example.org', Role.ENGINEER, boss)[1]}/")

    page.get_by_label("Name").fill("dee")
    page.get_by_label("Password", exact=True).fill(OLD)
    page.get_by_label("Repeat the password").fill(OLD)
    page.get_by_role("button", name="Create account").click()
    page.get_by_label("Account menu for dee").click()
    page.get_by_role("link", name="Your account").click()
    page.locator("#id_old_password").fill(OLD)
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("Repeat the new password").fill(NEW)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_text("Your password was changed")).to_be_visible()
    page.get_by_label("Account menu for dee").click()
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, NEW)

    expect(page.get_by_label("Account menu for dee")).to_be_visible()
    assert reader.complaints == []


@pytest.mark.django_db(transaction=True)
def test_an_administrator_can_help_with_a_forgotten_password(seat: Seat) -> None:
    dee = User.objects.create_user("dee", "dee@example.org", OLD)
    User.objects.filter(username="ada").update(is_staff=True)
    ada = seat()

    ada.goto("/people/")
    ada.page.get_by_role("button", name="Create a password reset link for dee").click()
    link = ada.page.get_by_label("Link", exact=True).input_value()
    page = seat(signed_in=False).page
    page.goto(link)
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("Repeat the new password").fill(NEW)
    page.get_by_role("button", name="Save password").click()
    sign_in(page, NEW)

    expect(page.get_by_label("Account menu for dee")).to_be_visible()
    dee.refresh_from_db()
    assert dee.check_password(NEW)
