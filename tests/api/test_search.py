"""The search of the API finds what the page finds, within the repository of the caller's token."""

import pytest
from django.contrib.auth.models import User

from compliance.accounts.roles import Role
from compliance.accounts.roles import give as give_role
from compliance.models import File, Repository
from tests.api.conftest import Answer, Send, give
from tests.views.cast import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def titles(answer: Answer) -> dict[str, list[str]]:
    assert answer.status == 200, answer.body
    return {group["kind"]: [item["title"] for item in group["items"]] for group in answer.body["groups"]}


def test_it_finds_records_with_their_addresses(send: Send, netra: World, person: User) -> None:
    token = give(person, "read")

    found = send("GET", "/search?q=module_30&repository=netra", token)
    file = File.objects.get(path__endswith="/module_30.py", path__startswith="netra")
    (files,) = [group for group in found.body["groups"] if group["kind"] == "files"]
    assert files["items"][0]["title"] == file.path
    assert files["items"][0]["url"].endswith(f"/repositories/netra/files/{file.pk}/")
    assert files["limited"] is False
    assert "commits" in titles(send("GET", "/search?q=cache%20back&repository=netra", token))


def test_more_results_than_the_limit_are_reported(send: Send, netra: World, person: User) -> None:
    found = send("GET", "/search?q=module&repository=netra&limit=3", give(person, "read"))

    (files,) = [group for group in found.body["groups"] if group["kind"] == "files"]
    assert (len(files["items"]), files["limited"]) == (3, True)


def test_a_token_for_one_repository_finds_nothing_in_others(send: Send, netra: World, person: User) -> None:
    other = Repository.objects.create(slug="other", name="Netra too", url="/srv/other.git")
    File.objects.create(repository=other, path="module_of_others.py")
    limited, whole = give(person, "read", netra.repository), give(person, "read")

    assert "module_of_others.py" in titles(send("GET", "/search?q=module", whole))["files"]
    assert "module_of_others.py" not in titles(send("GET", "/search?q=module&limit=50", limited))["files"]
    assert titles(send("GET", "/search?q=netra", limited))["repositories"] == ["Netra agents"]
    assert "people" not in titles(send("GET", "/search?q=ada", limited))
    assert send("GET", "/search?q=module&repository=other", limited).status == 404


def test_people_are_for_managers(send: Send, netra: World, person: User) -> None:
    engineer = User.objects.create_user("eve")
    give_role(engineer, Role.ENGINEER)

    assert titles(send("GET", "/search?q=ada", give(person, "read")))["people"] == ["ada"]
    assert "people" not in titles(send("GET", "/search?q=ada", give(engineer, "read")))


@pytest.mark.parametrize("query", ["", "?q=", "?q=a", "?q=ab&limit=0", "?q=ab&limit=51", f"?q={'x' * 201}"])
def test_invalid_searches_are_refused(send: Send, person: User, query: str) -> None:
    assert send("GET", f"/search{query}", give(person, "read")).status == 422
