"""Who gets in by GitHub and by GitLab: a web server set up by its environment, and a forge's endpoints."""

import re

import pytest
import requests
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from playwright.sync_api import Browser

from compliance.accounts import invitations
from compliance.accounts.roles import Role, role_of
from compliance.models import Invitation
from tests.accounts.conftest import Provider, walk
from tests.embedded.conftest import wait_until
from tests.processes import Start, free_port

pytestmark = pytest.mark.slow

NAMES = {"github": "GitHub", "gitlab": "GitLab"}


class Site:
    """The product's own web server, set up for both forges."""

    def __init__(self, provider: Provider, port: int) -> None:
        self.provider, self.port = provider, port
        self.address = f"http://127.0.0.1:{port}"

    @property
    def environment(self) -> dict[str, str]:
        """Its variables, as an administrator would set them."""
        apps = {
            f"{forge}_{part}": value
            for forge in ("GITHUB", "GITLAB")
            for part, value in (
                ("URL", self.provider.address),
                ("CLIENT_ID", "us"),
                ("CLIENT_SECRET", "s3cret"),
            )
        }
        return {**apps, "SIGN_IN_DOMAINS": "example.org", "SIGN_IN_ROLE": "engineer"}

    def answers(self) -> bool:
        """Whether it listens already."""
        try:
            return requests.get(f"{self.address}/healthz", timeout=5).ok
        except requests.RequestException:
            return False

    def vouch_for(self, name: str, address: str, verified: object, others: tuple[str, ...] = ()) -> None:
        """Both forges say this of whoever signs in; GitHub has `others` as addresses besides."""
        number = sum(name.encode())
        claims = {"sub": str(number), "preferred_username": name, "nickname": name, "email": address}
        emails = [{"email": address, "primary": True, "verified": verified, "visibility": None}]
        emails += [
            {"email": other, "primary": False, "verified": True, "visibility": None} for other in others
        ]
        # GitHub's profile shows an address only to those who make it public; never is it a proof.
        user = {"id": number, "login": name, "name": name.title(), "email": address}
        self.provider.vouch_for(claims | {"email_verified": verified}, user, emails)

    def walk(self, forge: str, browser: requests.Session | None = None) -> requests.Response:
        """Sign in by a forge."""
        return walk(self.address, forge, NAMES[forge], browser)


@pytest.fixture
def site(process_environment: dict[str, str], start: Start, provider: Provider) -> Site:
    made = Site(provider, free_port())
    start({**process_environment, **made.environment}, "web", port=made.port)
    assert wait_until(made.answers, 60)
    return made


@pytest.mark.parametrize("forge", NAMES)
def test_a_sign_in_grants_only_the_role_of_the_invitation(site: Site, forge: str) -> None:
    boss = User.objects.create_user("ada", is_staff=True)
    site.vouch_for("dee", "dee@elsewhere.org", True)

    refused = site.walk(forge)
    assert (refused.status_code, "no invitation" in refused.text) == (403, True)
    invitations.invite("dee@elsewhere.org", Role.VIEWER, boss)
    assert site.walk(forge).url == f"{site.address}/?all=1"
    dee = User.objects.get(username="dee")
    assert role_of(dee) is Role.VIEWER
    assert Invitation.objects.get().accepted_by == dee

    site.vouch_for("eve", "eve@example.org", True)
    assert site.walk(forge).status_code == 200
    eve = User.objects.get(username="eve")
    assert (role_of(eve), eve.is_staff, eve.has_usable_password()) == (Role.ENGINEER, False, False)


@pytest.mark.parametrize("forge", NAMES)
def test_an_address_that_is_not_verified_joins_no_account(site: Site, forge: str) -> None:
    boss = User.objects.create_user("ada", email="ada@example.org", is_staff=True)

    # OpenID providers such as AWS Cognito send a string.
    unverified = ("false", "yes", 1) if forge == "gitlab" else ("true", 1)
    for verified in (False, None, *unverified):
        site.vouch_for("ada", "ada@example.org", verified)
        answer = site.walk(forge)
        assert (answer.status_code, "is verified" in answer.text) == (403, True)
    assert not SocialAccount.objects.exists()
    assert User.objects.count() == 1

    site.vouch_for("ada", "ada@example.org", True)
    assert "Account menu for ada" in site.walk(forge).text
    assert SocialAccount.objects.get().user == boss


def test_any_verified_address_of_github_counts_and_the_profiles_does_not(site: Site) -> None:
    ben = User.objects.create_user("ben", email="ben@example.com")
    site.vouch_for("benny", "boss@example.org", False, others=("ben@example.com",))

    assert "Account menu for ben" in site.walk("github").text
    assert list(User.objects.all()) == [ben]
    ben.refresh_from_db()
    assert ben.email == "ben@example.com"

    invitations.invite("fay@elsewhere.org", Role.VIEWER, ben)
    site.vouch_for("fay", "fay@example.org", True, others=("fay@elsewhere.org",))
    assert site.walk("github").status_code == 200
    fay = User.objects.get(username="fay")
    assert (fay.email, role_of(fay)) == ("fay@elsewhere.org", Role.VIEWER)  # as invited


def test_a_signed_in_person_connects_only_an_unused_forge_account(site: Site) -> None:
    ben = User.objects.create_user("ben", password="the quick brown fox")
    User.objects.create_user("cy", password="the quick brown fox")

    def form(browser: requests.Session, page: str, way: str, **values: str) -> requests.Response:
        text = browser.get(f"{site.address}{page}", timeout=30).text
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', text)[-1]
        values["csrfmiddlewaretoken"] = token
        return browser.post(f"{site.address}{way}", data=values, timeout=30)

    def connect(name: str) -> requests.Response:
        browser = requests.Session()
        form(browser, "/sign-in/", "/sign-in/", username=name, password="the quick brown fox")
        onward = form(browser, "/account/", "/account/with/github/")
        return browser.get(onward.headers["Refresh"].removeprefix("0; url="), timeout=30)

    site.vouch_for("benny", "benny@nowhere.org", False)
    done = connect("ben")
    assert done.url == f"{site.address}/account/"
    assert "You can now sign in with GitHub" in done.text
    assert SocialAccount.objects.get().user == ben
    assert "Account menu for ben" in site.walk("github").text
    assert "another user" in connect("cy").text
    assert SocialAccount.objects.get().user == ben


@pytest.mark.parametrize("forge", NAMES)
def test_a_browser_goes_there_and_comes_back(site: Site, browser: Browser, forge: str) -> None:
    site.vouch_for("eve", "eve@example.org", True)
    context = browser.new_context()
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda told: complaints.append(told.text) if told.type == "error" else None)

    page.goto(f"{site.address}/sign-in/?next=/account/")
    page.get_by_role("button", name=f"Sign in with {NAMES[forge]}").click()
    page.wait_for_url(f"{site.address}/account/")

    assert page.get_by_role("button", name=f"Disconnect {NAMES[forge]}").is_visible()
    assert complaints == []
    context.close()
