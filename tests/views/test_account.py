"""One's own account: another password ends the other sign-ins; a forgotten one is chosen anew by a link."""

import re
from datetime import timedelta

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from compliance.accounts import invitations
from compliance.accounts.roles import Role, give
from compliance.models.token import Token
from tests.outbox import send_outbox

pytestmark = pytest.mark.slow

OLD, NEW = "the quick brown fox", "over the lazy dog"
CHANGE = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}


@pytest.fixture
def dee(db: None) -> User:
    made = User.objects.create_user("dee", "dee@example.org", OLD)
    give(made, Role.ENGINEER)
    return made


def signed_in(password: str = OLD) -> Client:
    client = Client()
    answer = client.post("/sign-in/", {"username": "dee", "password": password})
    assert answer.status_code == 302
    return client


def test_another_password_ends_every_other_sign_in(dee: User) -> None:
    here, elsewhere = signed_in(), signed_in()

    answer = here.post("/account/password/", CHANGE, follow=True)

    assert "Your password was changed" in answer.content.decode()
    assert here.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert Client().post("/sign-in/", {"username": "dee", "password": OLD}).status_code == 200
    signed_in(NEW)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"old_password": "guessed"}, "your current password"),
        ({"new_password2": "over the lazy cat"}, "match"),
        ({"new_password1": "dee", "new_password2": "dee"}, "too short"),
        ({"new_password1": "password1", "new_password2": "password1"}, "too common"),
        ({"new_password1": ""}, "required"),
    ],
)
def test_an_invalid_password_is_explained(dee: User, changed: dict[str, str], words: str) -> None:
    answer = signed_in().post("/account/password/", CHANGE | changed)

    assert answer.status_code == 422
    assert words in answer.content.decode()
    dee.refresh_from_db()
    assert dee.check_password(OLD)


def test_repeated_wrong_passwords_on_the_account_page_are_throttled(dee: User, settings: Settings) -> None:
    settings.AXES_FAILURE_LIMIT = 3
    client = signed_in()

    said = [
        client.post("/account/password/", CHANGE | {"old_password": str(n)}).status_code for n in range(3)
    ]

    assert said == [422, 422, 429]
    assert client.post("/account/password/", CHANGE).status_code == 429


def test_the_last_way_in_stays(dee: User, settings: Settings) -> None:
    settings.SIGN_IN_ELSEWHERE = {"github": "GitHub", "oidc": "Ours"}
    connected = SocialAccount.objects.create(user=dee, provider="github", uid="7")
    client = signed_in()
    page = client.get("/account/").content.decode()
    assert 'aria-label="Disconnect GitHub"' in page
    assert 'aria-label="Connect Ours"' in page

    dee.set_unusable_password()
    dee.save()
    client.force_login(dee)
    refused = client.post(f"/account/with/{connected.pk}/end/", follow=True).content.decode()
    assert "your only way to sign in" in refused
    said = client.post("/account/password/", CHANGE, follow=True).content.decode()
    assert "You sign in with a provider. An administrator can create a password link for you." in said
    dee.set_password(OLD)
    dee.save()
    client.force_login(dee)
    client.post(f"/account/with/{connected.pk}/end/")
    assert not SocialAccount.objects.exists()


def test_a_provider_of_another_account_cannot_be_disconnected(dee: User) -> None:
    cy = User.objects.create_user("cy")
    connected = SocialAccount.objects.create(user=cy, provider="github", uid="7")

    assert signed_in().post(f"/account/with/{connected.pk}/end/").status_code == 404
    assert SocialAccount.objects.exists()


def link_for(ada: Client, person: User) -> str:
    """The way of the link that the administrator is shown."""
    page = ada.post(f"/people/{person.pk}/reset/").content.decode()
    found = re.search(r'value="http://testserver(/reset/[^"]+)"', page)
    assert found is not None
    return found[1]


def test_an_administrator_gives_a_link_that_works_once(ada: Client, dee: User) -> None:
    elsewhere = signed_in()
    way = link_for(ada, dee)
    form = {"new_password1": NEW, "new_password2": NEW}

    # Not “no-referrer”: with it a browser names no origin, and the form would be refused as a forgery.
    assert Client().get(way).headers["Referrer-Policy"] == "same-origin"
    assert Client().post(way, form | {"new_password2": "x"}).status_code == 422
    assert Client().post(way, form).status_code == 302
    assert elsewhere.get("/account/").status_code == 302
    signed_in(NEW)
    assert Client().get(way).status_code == Client().post(way, form).status_code == 404
    told = [(deed["deed"], deed["person"]) for deed in ada.get("/activity/?kind=account").context["deeds"]]
    assert ("link to a new password", "ada") in told
    assert ("password changed", "dee") in told


@pytest.mark.parametrize("key", ["0-x", "x", "1-", "99999999999999999999-x", "٣-x"])
def test_a_guessed_link_opens_nothing(dee: User, key: str) -> None:
    assert Client().get(f"/reset/{key}/").status_code == 404


def test_a_link_ends_with_a_sign_in_a_day_and_a_closed_account(
    ada: Client, dee: User, settings: Settings
) -> None:
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert Client().get(link_for(ada, dee)).status_code == 404
    settings.PASSWORD_RESET_TIMEOUT = 60
    way = link_for(ada, dee)
    User.objects.filter(pk=dee.pk).update(last_login=timezone.now() + timedelta(seconds=1))
    assert Client().get(way).status_code == 404
    invitations.let_in(dee, False)
    assert "open it first" in ada.post(f"/people/{dee.pk}/reset/", follow=True).content.decode()


def test_with_a_mail_server_the_link_goes_to_the_person_alone(
    ada: Client, dee: User, settings: Settings
) -> None:
    settings.EMAIL_READY, settings.PUBLIC_URL = True, "https://compliance.example.org"

    page = ada.post(f"/people/{dee.pk}/reset/", follow=True).content.decode()

    assert "is being sent to dee" in page
    send_outbox()
    assert "/reset/" not in page.replace(f"/people/{dee.pk}/reset/", "")
    (letter,) = mail.outbox
    assert letter.to == ["dee@example.org"]
    found = re.search(r"https://compliance\.example\.org(/reset/\S+)", str(letter.body))
    assert found is not None
    assert Client().get(found[1]).status_code == 200


def test_tokens_outlive_a_password(dee: User) -> None:
    Token.objects.create(name="CI", person=dee, expires_at=timezone.now(), digest="x", hint="ssot_")

    signed_in().post("/account/password/", CHANGE)

    assert Token.objects.get().revoked_at is None


def test_the_password_form_shows_its_rules(dee: User) -> None:
    client = Client()
    client.force_login(dee)
    page = client.get("/account/").content.decode()

    assert 'aria-describedby="new-password-help"' in page
    assert 'id="new-password-help">At least 8 characters.' in page
