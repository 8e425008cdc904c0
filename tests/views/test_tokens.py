"""The page of tokens: a manager makes one, sees its secret once, and ends it."""

import re

from django.contrib.auth.models import User
from django.test import Client

from compliance.accounts.roles import Role, give
from compliance.lib.secret_keys import digest_of
from compliance.models import Token
from tests.views.cast import World

PAGE = "/repositories/netra/settings/tokens/"
ASKED = {"name": "CI", "scope": "evidence", "days": "30"}


def test_a_manager_makes_a_token_and_sees_it_once(ben: Client, netra: World) -> None:
    give(User.objects.get(username="ben"), Role.MANAGER)

    made = ben.post(PAGE, ASKED)

    found = re.search(r'value="(ssot_[\w-]{43})"', made.content.decode())
    assert found
    token = Token.objects.get()
    assert token.digest == digest_of(found[1])
    assert (token.repository, token.scope, token.person.username) == (netra.repository, "evidence", "ben")
    assert 29 <= (token.expires_at - token.created_at).days <= 30
    assert "no-store" in made["Cache-Control"]
    again = ben.get(PAGE).content.decode()
    assert found[1] not in again
    assert token.hint in again


def test_a_manager_revokes_it(ben: Client, netra: World) -> None:
    give(User.objects.get(username="ben"), Role.MANAGER)
    ben.post(PAGE, ASKED)
    token = Token.objects.get()

    shown = ben.post(f"{PAGE}{token.pk}/revoke/", follow=True).content.decode()

    token.refresh_from_db()
    assert token.revoked_at is not None
    assert token.revoked_by == token.person
    assert "is revoked" in shown


def test_only_an_administrator_gives_a_token_for_everything(ada: Client, ben: Client, netra: World) -> None:
    give(User.objects.get(username="ben"), Role.MANAGER)
    everywhere = {**ASKED, "everywhere": "on"}

    assert ben.post(PAGE, everywhere).status_code == 403
    assert ada.post(PAGE, everywhere).status_code == 200
    token = Token.objects.get()
    assert token.repository is None
    assert token.hint not in ben.get(PAGE).content.decode()
    assert ben.post(f"{PAGE}{token.pk}/revoke/").status_code == 404
    assert "all repositories" in ada.get(PAGE).content.decode()


def test_an_engineer_has_no_business_here(ben: Client, netra: World) -> None:
    give(User.objects.get(username="ben"), Role.ENGINEER)

    assert ben.get(PAGE).status_code == 403
    assert ben.post(PAGE, ASKED).status_code == 403
    assert "tokens" not in ben.get("/repositories/netra/settings/").content.decode()
    assert not Token.objects.exists()


def test_a_form_with_gaps_comes_back_with_the_reason(ada: Client, netra: World) -> None:
    answer = ada.post(PAGE, {**ASKED, "name": " ", "days": "9999"})

    assert answer.status_code == 400
    text = answer.content.decode()
    assert "This field is required" in text
    assert "9999 is not one of the available choices" in text
    assert not Token.objects.exists()
