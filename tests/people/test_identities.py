"""People are found by every address and handle that is theirs, and by nobody else's."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from compliance.models import Address, Handle, Person, Team
from compliance.people.identities import accounts_of, identity_of
from compliance.people.own_identities import IdentityError, add_address, add_handle

NOREPLY = "users.noreply.github.com"


@pytest.fixture
def ann(db: None) -> User:
    return User.objects.create_user("ann", email="Ann@example.org")


@pytest.fixture
def ben(db: None) -> User:
    return User.objects.create_user("ben")


def connect(person: User, uid: str, login: str, provider: str = "github") -> None:
    data = {"login": login} if provider == "github" else {"userinfo": {"preferred_username": login}}
    SocialAccount.objects.create(user=person, provider=provider, uid=uid, extra_data=data)


@pytest.mark.parametrize(
    ("email", "found"),
    [
        ("ann@EXAMPLE.org", True),
        ("ann@home.example", True),
        (f"17+annie@{NOREPLY}", True),
        (f"17+renamed@{NOREPLY}", True),
        (f"Annie@{NOREPLY}", True),
        (f"18+annie@{NOREPLY}", False),  # somebody who took the name over
        (f"17+annie@{NOREPLY}.evil.example", False),
        ("17-annie@users.noreply.gitlab.com", False),
        ("5-ann.lab@users.noreply.gitlab.com", True),
        (f"99+typed@{NOREPLY}", True),
        ("", False),
        ("@", False),
    ],
)
def test_an_authors_address_leads_to_the_account(ann: User, ben: User, email: str, found: bool) -> None:
    add_address(ann, "ann@home.example")
    connect(ann, "17", "Annie")
    connect(ann, "5", "ann.lab", "gitlab")
    add_handle(ann, "github", "@typed")

    assert accounts_of(email) == ({ann.pk} if found else set())
    condition = identity_of(ann).wrote("email")
    assert condition is not None
    User.objects.filter(pk=ben.pk).update(email=email)
    assert User.objects.filter(condition, pk=ben.pk).exists() == found


def test_another_githubs_noreply_addresses_are_its_own(ann: User, settings: Settings) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = {"github": {"GITHUB_URL": "https://github.acme.org"}}
    connect(ann, "17", "annie")
    assert accounts_of("17+annie@users.noreply.github.acme.org") == {ann.pk}
    assert accounts_of(f"17+annie@{NOREPLY}") == set()


@pytest.mark.parametrize(
    ("owner", "own"),
    [
        ("@ann", True),
        ("@Annie", True),
        ("@typed", True),
        ("ANN@example.org", True),
        ("ann@home.example", True),
        ("@acme/web", True),
        ("@acme/Web", True),
        ("@acme/api", False),
        ("@ben", False),
        ("annie", False),
    ],
)
def test_owners_by_name_address_handle_and_team(ann: User, owner: str, own: bool) -> None:
    add_address(ann, "ann@home.example")
    add_handle(ann, "gitea", "typed")
    connect(ann, "17", "annie")
    for name, members in (("web", [Person.objects.get(account=ann)]), ("api", [])):
        team = Team.objects.create(name=name)
        team.members.set(members)
        Handle.objects.create(team=team, forge="github", name=f"acme/{name}")

    assert identity_of(ann).owns(("@else", owner)) == own


def test_an_identity_of_another_person_cannot_be_claimed(ann: User, ben: User) -> None:
    add_address(ann, "ann@home.example")
    add_handle(ann, "github", "annie")
    connect(ann, "17", "annie-two")

    for email in ("ANN@home.example", "ann@example.org", "no address", "a@b\0c.example"):
        with pytest.raises(IdentityError):
            add_address(ben, email)
    for forge, name in (
        ("github", "Annie"),
        ("github", "annie-two"),
        ("github", "a b"),
        ("svn", "x"),
        ("github", ""),
    ):
        with pytest.raises(IdentityError):
            add_handle(ben, forge, name)
    add_handle(ben, "gitlab", "annie")  # another forge
    assert add_address(ann, "Ann@Home.example") == Address.objects.get()


def test_the_account_page_adds_and_removes_them(ann: User, ben: User) -> None:
    client, other = Client(), Client()
    client.force_login(ann)
    other.force_login(ben)
    client.post("/account/identities/", {"email": "ann@home.example"})
    client.post("/account/identities/", {"forge": "github", "handle": "annie"})
    page = client.get("/account/").content.decode()
    assert "ann@home.example" in page
    assert "@annie" in page
    told = other.post("/account/identities/", {"email": "ann@home.example"}, follow=True).content.decode()
    assert "belongs to somebody else" in told
    address, handle = Address.objects.get().pk, Handle.objects.get().pk
    assert other.post(f"/account/addresses/{address}/remove/").status_code == 404
    assert other.post(f"/account/handles/{handle}/remove/").status_code == 404
    client.post(f"/account/addresses/{address}/remove/")
    client.post(f"/account/handles/{handle}/remove/")
    assert (Address.objects.count(), Handle.objects.count()) == (0, 0)
