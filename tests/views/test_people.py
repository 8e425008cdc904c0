"""People: invited, let in once, given roles, closed; what they do is written down."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from compliance.accounts import invitations
from compliance.accounts.roles import Role, give, role_of
from compliance.models import Invitation
from tests.outbox import send_outbox
from tests.views.cast import World
from tests.views.conftest import Counted

PASSWORD = "a-long-and-odd-password"
FORM = {"username": "dee", "password1": PASSWORD, "password2": PASSWORD}


def invited(ada: Client, role: str = "manager") -> str:
    """The path of the link that the page shows."""
    answer = ada.post("/people/invitations/", {"email": "dee@example.org", "role": role})
    link: str = answer.context["link"]
    assert link in answer.content.decode()
    return link.removeprefix("http://testserver")


def test_an_invitation_lets_one_person_in_with_its_role(ada: Client, client: Client, netra: World) -> None:
    path = invited(ada)
    assert "as a manager" in client.get(path).content.decode()

    assert client.post(path, FORM).status_code == 302

    person = User.objects.get(username="dee")
    assert (role_of(person), person.email) == (Role.MANAGER, "dee@example.org")
    assert client.get("/people/").status_code == 403
    assert client.get("/repositories/netra/").status_code == 200
    again = Client().post(path, FORM | {"username": "eve"})
    assert again.status_code == 404
    assert "is not valid" in again.content.decode()
    assert not User.objects.filter(username="eve").exists()


def test_the_key_is_kept_nowhere(ada: Client) -> None:
    key = invited(ada).split("/")[2]

    row = Invitation.objects.values().get()
    assert key not in str(row)
    assert ada.get("/people/").content.decode().count(key) == 0


@pytest.mark.parametrize("how", ["late", "ended", "guessed", "invited again"])
def test_a_revoked_invitation_is_invalid(ada: Client, client: Client, how: str) -> None:
    path = invited(ada)
    if how == "late":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif how == "ended":
        ada.post(f"/people/invitations/{Invitation.objects.get().pk}/end/")
    elif how == "invited again":
        invited(ada)
    else:
        path = f"/join/{'x' * 43}/"

    assert client.get(path).status_code == 404
    assert client.post(path, FORM).status_code == 404
    assert not User.objects.filter(username="dee").exists()


def test_a_weak_password_and_a_name_that_is_taken_are_refused(ada: Client, client: Client) -> None:
    path = invited(ada)

    weak = client.post(path, FORM | {"password1": "password", "password2": "password"})
    taken = client.post(path, FORM | {"username": "ADA"})

    assert (weak.status_code, taken.status_code) == (422, 422)
    assert "too common" in weak.content.decode()
    assert "Choose another" in taken.content.decode()
    assert client.post(path, FORM).status_code == 302


def test_with_a_mail_server_the_link_goes_by_letter_alone(ada: Client, settings: Settings) -> None:
    settings.EMAIL_READY = True
    settings.PUBLIC_URL = "https://compliance.example.org"
    answer = ada.post("/people/invitations/", {"email": "dee@example.org", "role": "viewer"}, follow=True)
    assert "An invitation is being sent to dee@example.org." in answer.content.decode()
    send_outbox()

    letter = mail.outbox[0]
    path = str(letter.body).split("https://compliance.example.org")[1].split()[0]
    assert letter.to == ["dee@example.org"]
    assert path not in answer.content.decode()
    assert Client().post(path, FORM).status_code == 302


def test_an_address_with_an_account_cannot_be_invited(ada: Client) -> None:
    User.objects.create_user("dee", email="Dee@example.org")
    answer = ada.post("/people/invitations/", {"email": "dee@example.org", "role": "viewer"})

    assert answer.status_code == 422
    assert "already has an account" in answer.content.decode()


def test_a_role_is_changed_and_the_last_administrator_stays(ada: Client, ben: Client) -> None:
    boss, other = User.objects.get(username="ada"), User.objects.get(username="ben")

    ada.post(f"/people/{other.pk}/", {"role": "engineer"})
    assert role_of(User.objects.get(pk=other.pk)) is Role.ENGINEER
    for wish in ({"role": "viewer"}, {"active": "no"}):
        answer = ada.post(f"/people/{boss.pk}/", wish, follow=True)
        assert "last administrator" in answer.content.decode()
    assert role_of(User.objects.get(pk=boss.pk)) is Role.ADMINISTRATOR

    ada.post(f"/people/{other.pk}/", {"role": "administrator"})
    ada.post(f"/people/{boss.pk}/", {"role": "viewer"})
    assert role_of(User.objects.get(pk=boss.pk)) is Role.VIEWER
    assert ada.get("/people/").status_code == 403
    assert ben.get("/people/").status_code == 200


def test_a_closed_account_is_signed_out_at_once(ada: Client, ben: Client, netra: World) -> None:
    person = User.objects.get(username="ben")
    ada.post(f"/people/{person.pk}/", {"active": "no"})

    assert ben.get("/repositories/netra/").status_code == 302
    ada.post(f"/people/{person.pk}/", {"active": "yes"})
    assert ben.get("/repositories/netra/").status_code == 302, "the old session has ended for good"
    ben.force_login(User.objects.get(pk=person.pk))
    assert ben.get("/repositories/netra/").status_code == 200


def test_the_page_costs_the_same_for_many(ada: Client, counted: Counted) -> None:
    for number in range(60):
        give(User.objects.create_user(f"p{number:02}"), Role.ENGINEER)
    with counted() as queries:
        answer = ada.get("/people/")

    assert len(queries) <= 15
    assert "1 to 50 of 61" in answer.content.decode()
    assert "@" not in b"".join(ada.get("/people.csv")).decode()


def test_activity_says_who_did_what(ada: Client, client: Client, netra: World, counted: Counted) -> None:
    client.post(invited(ada, "engineer"), FORM)
    file = netra.standing[0].file
    client.post("/repositories/netra/claims/", {"file": file.pk})
    ada.post(f"/people/{User.objects.get(username='dee').pk}/", {"role": "manager"})
    with counted() as queries:
        page = ada.get("/activity/").content.decode()
    lines = b"".join(ada.get("/activity.csv")).decode().splitlines()

    assert len(queries) <= 15
    told = [",".join(line.split(",")[1:]) for line in lines]
    assert "invitation,made,ada,,as engineer," in told
    assert "role,made,dee,,dee: engineer," in told
    assert "role,made,ada,,dee: manager," in told
    assert "role,taken away,ada,,dee: engineer," in told
    assert f"claim,made,dee,,active: {file.path},netra" in told
    assert "account,signed in,dee,,dee," in told
    assert file.path in page


def test_activity_narrows_by_person_kind_and_day(ada: Client, client: Client, netra: World) -> None:
    client.post(invited(ada, "engineer"), FORM)
    day = timezone.localdate()

    def kinds(query: str) -> set[str]:
        return {deed["kind"] for deed in ada.get(f"/activity/?{query}").context["deeds"]}

    assert kinds("kind=invitation") == {"invitation"}
    assert kinds("person=dee") == {"account", "role", "invitation"}
    assert kinds("person=nobody-of-that-name") == set()
    assert kinds(f"until={day - timedelta(days=1)}") == set()
    assert "account" in kinds(f"since={day}&until={day}&page=1&kind=&person=")
    assert kinds("since=rubbish&until=2026-02-31&page=x")


def test_a_manager_sees_no_accounts(ben: Client, ada: Client, netra: World) -> None:
    give(User.objects.get(username="ben"), Role.MANAGER)
    invited(ada)

    answer = ben.get("/activity/?kind=account")
    assert {deed["kind"] for deed in answer.context["deeds"]} <= {"plan", "plan in force"}


def test_two_do_not_take_one_invitation(ada: Client) -> None:
    invitation = invitations.opened(invited(ada).split("/")[2])
    assert invitation is not None
    invitations.accept(invitation, User(username="first"))

    with pytest.raises(invitations.PeopleError, match="has been used or revoked"):
        invitations.accept(invitation, User(username="second"))
    assert not User.objects.filter(username="second").exists()


def test_an_administrator_adds_an_address_and_is_sent_there(ada: Client, ben: Client, netra: World) -> None:
    me, other = User.objects.get(username="ada"), User.objects.get(username="ben")
    User.objects.update(email="")
    for page in ("/account/", "/account/notifications/", "/repositories/netra/share/"):
        assert f'href="/people/#person-{me.pk}"' in ada.get(page).content.decode(), page
        assert "an administrator can add one" not in ada.get(page).content.decode().lower(), page
        assert "an administrator can add one" in ben.get(page).content.decode().lower(), page
    assert f'id="person-{me.pk}"' in ada.get("/people/").content.decode()
    other.set_password("the quick brown fox")
    other.save()
    ben.force_login(other)
    for page in ("/account/notifications/", "/repositories/netra/share/"):
        assert 'href="/account/#profile"' in ben.get(page).content.decode(), page

    ada.post(f"/people/{me.pk}/", {"email": "ada@example.org"})
    ada.post(f"/people/{other.pk}/", {"email": "ADA@example.org"})
    refused = ada.get("/people/").content.decode()
    ada.post(f"/people/{other.pk}/", {"email": "nonsense"})

    assert "Another account already uses this address" in refused
    assert list(
        User.objects.filter(pk__in=(me.pk, other.pk)).order_by("pk").values_list("email", flat=True)
    ) in (
        ["ada@example.org", ""],
        ["", "ada@example.org"],
    )
    assert ben.post(f"/people/{me.pk}/", {"email": "x@example.org"}).status_code == 403
    assert "e-mail address changed" in ada.get("/activity/").content.decode()
