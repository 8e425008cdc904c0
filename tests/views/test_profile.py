"""People change their own name and e-mail address, confirmed with their password."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.accounts.roles import Role, give
from compliance.models import Address, Person
from compliance.people.identities import accounts_of

pytestmark = pytest.mark.slow

PASSWORD = "the quick brown fox"
CHANGE = {
    "first_name": "Dee",
    "last_name": "Dean",
    "email": "dee.dean@example.org",
    "password": PASSWORD,
}


@pytest.fixture
def dee(db: None) -> User:
    made = User.objects.create_user("dee", "dee@example.org", PASSWORD)
    give(made, Role.ENGINEER)
    return made


def change(person: User, **values: str) -> str:
    client = Client()
    client.force_login(person, "django.contrib.auth.backends.ModelBackend")
    answer = client.post("/account/profile/", CHANGE | values, follow=True)
    person.refresh_from_db()
    return answer.content.decode()


def test_name_and_address_change_and_commits_by_both_addresses_count(dee: User) -> None:
    page = change(dee)

    assert "Your name and e-mail address were saved." in page
    assert (dee.get_full_name(), dee.email) == ("Dee Dean", "dee.dean@example.org")
    assert accounts_of("dee@example.org") == accounts_of("dee.dean@example.org") == {dee.pk}
    assert [row.email for row in Address.objects.all()] == ["dee@example.org"]
    change(dee, email="dee@example.org")
    assert dee.email == "dee@example.org"
    assert accounts_of("dee.dean@example.org") == {dee.pk}


def test_the_audit_trail_says_that_they_changed(dee: User, ada: Client) -> None:
    change(dee)

    page = ada.get("/activity/").content.decode()
    assert "name changed" in page
    assert "e-mail address changed" in page
    assert "dee.dean@example.org" not in page


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"password": "guessed"}, "your current password"),
        ({"password": ""}, "required"),
        ({"email": "dee at example"}, "valid email"),
        ({"email": "CY@example.org"}, "Another account already uses this address."),
        ({"email": "former@example.org"}, "Somebody else has added this address"),
    ],
)
def test_an_invalid_change_changes_nothing(dee: User, values: dict[str, str], words: str) -> None:
    cy = User.objects.create_user("cy", "cy@example.org")
    Address.objects.create(person=Person.objects.create(account=cy), email="former@example.org")

    page = change(dee, **values)

    assert words in page.replace("&#x27;", "'")
    assert "Nothing was changed" in page
    assert (dee.first_name, dee.email) == ("", "dee@example.org")


def test_without_a_password_an_administrator_changes_it(dee: User) -> None:
    dee.set_unusable_password()
    dee.save()

    page = change(dee)

    assert "An administrator can change it" in page
    assert 'id="profile"' not in page
    assert dee.email == "dee@example.org"
