"""Two people, one file: offered by one, taken by the other; and the digest that one asks for and ends."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import expect

from compliance.accounts.roles import Role, give
from compliance.models import Claim, Subscription
from tests.browser.conftest import Reader, Seat
from tests.views.cast import World

pytestmark = pytest.mark.slow

AT = "/repositories/netra/"


def as_somebody_else(reader: Reader, person: User) -> Reader:
    """The window with this person's session instead."""
    client = Client()
    client.force_login(person)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    reader.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": reader.server}])
    return reader


def test_a_claim_is_offered_declined_offered_again_and_accepted(seat: Seat, netra: World) -> None:
    ben = User.objects.create_user("ben")
    give(ben, Role.ENGINEER)
    file = netra.standing[-1].file
    giver, taker = seat(), as_somebody_else(seat(width=390, has_touch=True), ben)
    page = giver.goto(f"{AT}files/{file.pk}/")
    page.get_by_role("button", name="Claim for").click()
    expect(page.locator("#claim")).to_contain_text("Claimed by you")

    page.get_by_label("Hand over to").fill("nobody-of-that-name")
    page.get_by_role("button", name="Offer claim").click()
    expect(page.locator(".alert-danger")).to_contain_text("nobody-of-that-name")
    page.get_by_label("Hand over to").fill("ben")
    page.get_by_role("button", name="Offer claim").click()
    expect(page.locator("#claim")).to_contain_text("Offered to ben")

    other = taker.goto(f"{AT}my-work/")
    expect(other.locator("#offers")).to_contain_text("by ada")
    other.get_by_role("button", name=f"Decline: {file.path}").tap()
    expect(other.locator("#offers")).to_have_count(0)
    expect(other.locator("#mine")).to_contain_text("No claimed files")

    page.reload()
    page.get_by_label("Hand over to").fill("ben")
    page.get_by_role("button", name="Offer claim").click()
    other = taker.goto(f"{AT}files/{file.pk}/")
    other.get_by_role("button", name="Accept").tap()
    expect(other.locator("#claim")).to_contain_text("Claimed by you")
    page.reload()
    expect(page.locator("#claim")).to_contain_text("Claimed by ben")
    assert Claim.objects.get(state=Claim.State.ACTIVE).person == ben
    assert giver.complaints == []
    assert taker.complaints == []


def test_the_weekly_digest_can_be_subscribed_to_and_unsubscribed_from(
    seat: Seat, netra: World, settings: Any
) -> None:
    settings.EMAIL_READY = True
    ada = User.objects.get_or_create(username="ada", is_staff=True)[0]
    reader = seat()
    page = reader.goto(f"{AT}share/")
    expect(page.locator("#digest")).to_contain_text("Your account has no e-mail address")
    User.objects.filter(pk=ada.pk).update(email="ada@example.org")

    page.reload()
    expect(page.locator("#digest")).to_contain_text("0 subscribers")
    page.get_by_role("button", name="Subscribe", exact=True).click()

    expect(page.get_by_role("status").filter(has_text="sent to ada@example.org")).to_be_visible()
    expect(page.locator("#digest")).to_contain_text("1 subscriber")
    assert Subscription.objects.get().person == ada
    page.get_by_role("button", name="Send test digest").click()
    expect(page.locator(".alert-success")).to_be_visible()
    page.get_by_role("button", name="Unsubscribe").click()
    expect(page.get_by_role("status").filter(has_text="unsubscribed from the digest")).to_be_visible()
    expect(page.get_by_role("button", name="Subscribe", exact=True)).to_be_visible()
    assert not Subscription.objects.exists()
    assert reader.complaints == []
