"""Claims and waivers over HTTP: a token acts as its person, with that person's role."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from compliance.accounts.roles import Role
from compliance.accounts.roles import give as give_role
from compliance.models import Claim, File, Waiver
from tests.api.conftest import Send, give
from tests.views.cast import World


@pytest.fixture
def ben(transactional_db: None) -> User:
    person = User.objects.create_user("ben")
    give_role(person, Role.ENGINEER)
    return person


@pytest.fixture
def path(netra: World) -> str:
    return netra.standing[0].file.path


def test_a_file_is_claimed_extended_and_released(send: Send, netra: World, ben: User, path: str) -> None:
    token = give(ben)
    taken = send("POST", "netra/claims", token, {"paths": [path], "note": "today"})

    assert taken.status == 201
    (claim,) = taken.body
    assert (claim["path"], claim["person"], claim["note"]) == (path, "ben", "today")
    Claim.objects.update(until=timezone.now() + timedelta(days=1))
    extended = send("POST", f"netra/claims/{claim['id']}/extend", token)
    assert extended.body["until"] > claim["until"]
    assert send("GET", "netra/claims?state=active&person=ben", token).body["items"] == [extended.body]
    released = send("POST", f"netra/claims/{claim['id']}/release", token)
    assert released.body["state"] == "released"
    assert send("POST", f"netra/claims/{claim['id']}/extend", token).status == 409


def test_the_trail_tells_who_acted_and_that_a_token_was_used(
    send: Send, netra: World, person: User, ben: User, path: str
) -> None:
    send("POST", "netra/claims", give(ben), {"paths": [path]})
    page = Client()
    page.force_login(ben)
    page.post("/repositories/netra/claims/", {"file": netra.standing[-1].file_id})

    deeds = send("GET", "/activity?kind=claim", give(person)).body["items"]

    assert [(deed["person"], deed["with_token"], deed["what"].split()[-1]) for deed in deeds] == [
        ("ben", False, netra.standing[-1].file.path),
        ("ben", True, path),
    ]


def test_a_second_claim_names_the_owner(send: Send, netra: World, person: User, ben: User, path: str) -> None:
    send("POST", "netra/claims", give(person), {"paths": [path]})

    answer = send("POST", "netra/claims", give(ben), {"paths": [path]})

    assert answer.status == 409
    assert answer.body["holders"] == {path: "ada"}
    assert Claim.objects.count() == 1


def test_a_claim_is_handed_over(send: Send, netra: World, person: User, ben: User, path: str) -> None:
    token = give(ben)
    (claim,) = send("POST", "netra/claims", token, {"paths": [path]}).body
    at = f"netra/claims/{claim['id']}"

    assert send("POST", f"{at}/offer", token, {"to": "nobody"}).status == 409
    assert send("POST", f"{at}/offer", token, {"to": "ada"}).body["offered_to"] == "ada"
    assert send("POST", f"{at}/decline", give(person)).body["offered_to"] is None
    send("POST", f"{at}/offer", token, {"to": "ada"})
    accepted = send("POST", f"{at}/accept", give(person))

    assert (accepted.body["person"], accepted.body["path"]) == ("ada", path)


def test_a_folder_is_claimed_at_once(send: Send, netra: World, ben: User, path: str) -> None:
    folder = path.rpartition("/")[0]
    within = File.objects.filter(path__startswith=f"{folder}/", violations__gt=0)

    answer = send("POST", "netra/claims", give(ben), {"folder": folder})

    assert {row["path"] for row in answer.body} == set(within.values_list("path", flat=True))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, {"paths": ["no/such.py"]}),
        (422, {"paths": []}),
        (422, {"paths": ["a\0b"]}),
        (422, {"files": ["a"]}),
        (422, {"paths": ["a"], "folder": "b"}),
    ],
)
def test_an_impossible_claim_is_explained(
    send: Send, netra: World, ben: User, status: int, body: object
) -> None:
    answer = send("POST", "netra/claims", give(ben), body)

    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert not Claim.objects.exists()


def test_a_token_may_no_more_than_its_person(send: Send, netra: World, path: str) -> None:
    token = give(User.objects.create_user("vic"))

    for path_, body in (("claims", {"paths": [path]}), ("waivers", {"glob": "*", "reason": "No"})):
        answer = send("POST", f"netra/{path_}", token, body)
        assert answer.status == 403
        assert "role of an engineer" in answer.body["detail"]
        assert "vic" in answer.body["detail"]
    assert not Claim.objects.exists()
    assert not Waiver.objects.exists()


def test_a_token_that_reads_claims_nothing(send: Send, netra: World, ben: User, path: str) -> None:
    assert send("POST", "netra/claims", give(ben, "read"), {"paths": [path]}).status == 403
    assert send("POST", "netra/claims", give(ben, "evidence"), {"paths": [path]}).status == 403
