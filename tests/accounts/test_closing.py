"""A closed account's sessions, tokens and reset links stay ended when it opens again."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from compliance.accounts import invitations
from compliance.accounts.roles import Role, give
from compliance.lib.secret_keys import digest_of
from compliance.models import Token
from compliance.models.token import new_token

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
PASSWORD = "a-long-and-odd-password"


@pytest.fixture
def ben() -> User:
    made = User.objects.create_user("ben", "ben@example.org", PASSWORD)
    give(made, Role.ENGINEER)
    return made


@pytest.fixture
def ada() -> Client:
    give(User.objects.create_user("ada"), Role.ADMINISTRATOR)
    client = Client()
    client.force_login(User.objects.get(username="ada"))
    return client


def token_of(person: User) -> str:
    secret = new_token()
    until = timezone.now() + timedelta(days=1)
    digest = digest_of(secret)
    Token.objects.create(name="CI", scope="read", digest=digest, hint="", person=person, expires_at=until)
    return secret


def sign_in(client: Client) -> int:
    return client.post("/sign-in/", {"username": "ben", "password": PASSWORD}).status_code


def status(client: Client, secret: str) -> tuple[int, int]:
    """How a session and a token are answered."""
    api = Client().get("/api/v1/repositories", headers={"Authorization": f"Bearer {secret}"})
    return client.get("/account/").status_code, api.status_code


@pytest.mark.parametrize("way", ["page", "admin", "save"])
def test_sessions_and_tokens_end_for_good(ada: Client, ben: User, way: str) -> None:
    phone, desk, secret = Client(), Client(), token_of(ben)
    for client in (phone, desk):
        assert sign_in(client) == 302
    other = Client()
    other.force_login(User.objects.create_user("cem"))
    assert status(phone, secret) == (200, 200)

    for active in ("no", "yes"):
        if way == "page":
            assert ada.post(f"/people/{ben.pk}/", {"active": active}).status_code == 302
        elif way == "admin":
            User.objects.filter(username="ada").update(is_staff=True, is_superuser=True)
            form = {
                "username": "ben",
                "email": ben.email,
                "date_joined_0": "2026-01-01",
                "date_joined_1": "0:0",
            }
            form |= {"is_active": "on"} if active == "yes" else {}
            assert ada.post(f"/admin/auth/user/{ben.pk}/change/", form).status_code == 302
        else:
            ben.is_active = active == "yes"
            ben.save()
        if active == "no":
            assert status(phone, secret) == (302, 401)

    ben.refresh_from_db()
    assert ben.is_active
    assert status(phone, secret) == (302, 401)
    assert status(desk, secret) == (302, 401)
    assert other.get("/account/").status_code == 200
    assert sign_in(Client()) == 302


def test_a_key_to_a_new_password_ends_too(ben: User) -> None:
    key = invitations.remember(ben)
    assert invitations.forgetful(key) == ben
    invitations.let_in(ben, False)
    assert invitations.forgetful(key) is None
    invitations.let_in(ben, True)
    assert invitations.forgetful(key) is None
    assert invitations.forgetful(invitations.remember(ben)) == ben
