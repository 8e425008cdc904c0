"""Who gets in by an OpenID provider: real processes, real HTTP, real signed tokens."""

from collections.abc import Callable

import pytest
import requests
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from compliance.accounts import invitations
from compliance.accounts.roles import Role, role_of
from compliance.models import Invitation
from tests.accounts.conftest import Provider, walk

pytestmark = pytest.mark.slow

DEE = {"sub": "d-17", "preferred_username": "dee", "email": "dee@example.org", "email_verified": True}
SignIn = Callable[..., requests.Response]


@pytest.fixture
def sign_in(live_server: LiveServer, settings: Settings, provider: Provider) -> SignIn:
    """Sign in with these claims."""
    app = {"provider_id": "oidc", "name": "Ours", "client_id": "us", "secret": "s3cret"}
    settings.SIGN_IN_ELSEWHERE = {"oidc": "Ours"}
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "OAUTH_PKCE_ENABLED": True,
            "APPS": [{**app, "settings": {"server_url": provider.address}}],
        }
    }

    def go(
        claims: dict[str, object], browser: requests.Session | None = None, userinfo: object = None
    ) -> requests.Response:
        provider.vouch_for(claims, userinfo=userinfo)
        return walk(live_server.url, "oidc", "Ours", browser)

    return go


def test_an_invited_person_gets_the_role_and_returns(sign_in: SignIn, live_server: LiveServer) -> None:
    boss = User.objects.create_user("ada")
    invitations.invite("Dee@example.org", Role.ENGINEER, boss)

    first, again = sign_in(DEE), sign_in(DEE)

    assert first.status_code == again.status_code == 200
    assert first.url == again.url == f"{live_server.url}/?all=1"
    person = User.objects.exclude(pk=boss.pk).get()
    assert (person.username, role_of(person)) == ("dee", Role.ENGINEER)
    assert not person.has_usable_password()
    assert Invitation.objects.get().accepted_by == person


def test_a_stranger_is_refused_unless_of_our_domain(sign_in: SignIn, settings: Settings) -> None:
    refused = sign_in(DEE)
    assert refused.status_code == 403
    assert "no invitation" in refused.text
    assert not User.objects.exists()

    settings.SIGN_IN_DOMAINS, settings.SIGN_IN_ROLE = ["example.org"], "engineer"
    User.objects.create_user("Dee")
    assert sign_in(DEE).status_code == 200
    assert role_of(User.objects.get(username="dee-2")) is Role.ENGINEER
    assert sign_in(DEE | {"sub": "x", "email": "eve@evil-example.org"}).status_code == 403


@pytest.mark.parametrize("verified", [False, None, "absent", "false"])
def test_an_unverified_address_opens_nothing(sign_in: SignIn, settings: Settings, verified: object) -> None:
    settings.SIGN_IN_DOMAINS = ["example.org"]
    boss = User.objects.create_user("ada", email="dee@example.org", is_staff=True)
    claims = {**DEE, "email_verified": verified}
    if verified == "absent":
        del claims["email_verified"]

    answer = sign_in(claims)

    assert answer.status_code == 403
    assert "is verified" in answer.text
    assert list(User.objects.all()) == [boss]
    assert not boss.socialaccount_set.exists()  # type: ignore[attr-defined]


UNSAID = {name: value for name, value in DEE.items() if name != "email_verified"}
BARE = {"sub": "d-17"}


@pytest.mark.parametrize(
    ("token", "userinfo", "admitted"),
    [
        (DEE | {"email_verified": "true"}, None, True),  # AWS Cognito
        (UNSAID, DEE | {"email_verified": "True"}, True),
        (DEE, BARE, True),  # ADFS: the userinfo endpoint gives the subject alone
        (DEE, UNSAID, True),
        (BARE | {"email_verified": True}, UNSAID, True),
        (DEE, DEE | {"email_verified": "false"}, False),
        (DEE | {"email_verified": "no"}, BARE, False),
        (DEE | {"email_verified": 1}, BARE, False),
        (DEE, UNSAID | {"sub": "another"}, False),
        (DEE | {"email": "eve@example.org"}, UNSAID, False),  # the verified address is another one
    ],
)
def test_the_claim_may_be_a_string_or_in_the_id_token_alone(
    sign_in: SignIn, token: dict[str, object], userinfo: object, admitted: bool
) -> None:
    User.objects.create_user("dee", email="dee@example.org")

    assert (sign_in(token, userinfo=userinfo).status_code == 200) == admitted


def test_a_verified_address_opens_its_account_and_no_closed_one(sign_in: SignIn) -> None:
    ben = User.objects.create_user("ben", email="dee@example.org")
    browser = requests.Session()
    assert "Account menu for ben" in sign_in(DEE, browser).text

    User.objects.filter(pk=ben.pk).update(is_active=False)
    closed = sign_in(DEE)
    assert closed.status_code == 403
    assert "deactivated" in closed.text


def test_two_accounts_of_one_address_open_neither(sign_in: SignIn) -> None:
    for name in ("ben", "cy"):
        User.objects.create_user(name, email="dee@example.org")

    assert "Several accounts" in sign_in(DEE).text


def test_an_unsolicited_response_is_rejected(sign_in: SignIn, live_server: LiveServer) -> None:
    address = f"{live_server.url}/sign-in/with/oidc/callback/?code=x&state=y"

    assert requests.get(address, timeout=30).status_code == 401


def test_without_configuration_there_is_no_button(db: None) -> None:
    assert b"Sign in with" not in Client().get("/sign-in/").content
    assert Client().post("/sign-in/with/oidc/").status_code == 404
