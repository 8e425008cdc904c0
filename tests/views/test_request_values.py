"""Values that no column can hold, in queries, forms and addresses; where a form leads; what caches keep."""

import csv
import io

import pytest
from django.contrib.auth.models import User
from django.test import Client

from compliance.accounts.roles import Role, give
from compliance.models import Claim, File
from tests.views.cast import World
from tests.views.furnished import furnished, somebody
from tests.views.permissions import rules

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
AT = "/repositories/netra/"
ODD = ("%00", "a%00b", "%ED%A0%80", "%FF%FE", "%E2%80%A8", "9" * 40, "-1", "1e400", "%0D%0AX: y")


@pytest.fixture
def boss() -> Client:
    client = Client()
    client.force_login(somebody("administrator"))
    return client


def rows(answer: object) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize(
    "address",
    ["marks/?kind=%00", "marks/?kind=a%00b", "violations/?path=%00", "files/?who=%00", "my-work/?owner=%00"],
)
def test_a_filter_that_cannot_be_stored_matches_nothing(boss: Client, netra: World, address: str) -> None:
    answer = boss.get(AT + address)
    assert answer.status_code == 200
    page = answer.context["page"]
    assert list(page) == []


@pytest.mark.parametrize("query", ["person=%00", "person=a%00b", "since=9999-12-31", "since=2199-12-31"])
def test_no_activity_matches_what_nobody_is_called(boss: Client, netra: World, query: str) -> None:
    listed = boss.get(f"/activity/?{query}")
    assert listed.status_code == 200
    assert len(rows(boss.get(f"/activity.csv?{query}"))) == 1


@pytest.mark.parametrize(
    "query",
    [
        "until=9999-12-31",
        "until=2200-01-01",
        "since=0001-01-01",
        "since=0001-01-01&until=9999-12-31",
    ],
)
def test_days_beyond_every_row_bound_nothing(boss: Client, netra: World, query: str) -> None:
    assert boss.get(f"/activity/?{query}").status_code == 200
    assert len(rows(boss.get(f"/activity.csv?{query}"))) == len(rows(boss.get("/activity.csv")))


def test_no_page_breaks_on_any_value_of_any_parameter(boss: Client) -> None:
    """Every page that is read, with every parameter that some page reads, and every value that is odd."""
    world = furnished(User.objects.get(username="administrator"))
    names = (
        *("page", "sort", "kind", "at", "person", "since", "until", "state", "q", "plan", "folder", "owner"),
        *("path", "status", "category", "rule", "risk", "role", "phase", "issue", "who", "violating", "line"),
        *("measure", "by", "range", "from", "to", "ghost", "draft", "version", "change", "effect", "seen"),
    )
    reads = [rule for rule in rules() if rule.method == "GET"]
    assert len(reads) > 60
    for number, rule in enumerate(reads):
        value = ODD[number % len(ODD)]
        query = "&".join(f"{name}={value}" for name in names)
        answer = boss.get(f"{world.address(rule)}?{query}")
        assert answer.status_code != 500, (rule.name, value)
        if answer.streaming and answer["Content-Type"].startswith("text/csv"):
            assert rows(answer), rule.name


@pytest.mark.parametrize("address", ["phases/%00/", "issues/%00/", "issues/a%00b/", "phases/%00/approve/"])
def test_a_name_that_cannot_exist_is_not_found(boss: Client, netra: World, address: str) -> None:
    assert boss.get(AT + address).status_code == 404
    assert boss.post(AT + address).status_code in (404, 405)


@pytest.mark.parametrize(
    ("way", "goes"),
    [
        ("nonsense", f"{AT}files/"),
        ("home", f"{AT}files/"),
        ("", f"{AT}files/"),
        ("//evil.example/", f"{AT}files/"),
        ("/\\evil.example", f"{AT}files/"),
        ("https://evil.example/", f"{AT}files/"),
        ("http://testserver/account/", f"{AT}files/"),
        ("javascript:alert(1)", f"{AT}files/"),
        ("/a\r\nX: y", f"{AT}files/"),
        ("/\0", "/"),
        ("/repositories/netra/my-work/?page=2", "/repositories/netra/my-work/?page=2"),
    ],
)
def test_a_claim_is_made_and_leads_only_to_a_path_of_this_site(
    netra: World, client: Client, way: str, goes: str
) -> None:
    ben = User.objects.create_user("ben")
    give(ben, Role.ENGINEER)
    client.force_login(ben)
    file = File.objects.filter(violations__gt=0).first()
    assert file
    answer = client.post(f"{AT}claims/", {"file": file.pk, "note": "a\0b", "next": way})
    assert (answer.status_code, answer.headers["Location"]) == (302, goes)
    assert Claim.objects.get().note == "ab"


@pytest.mark.parametrize("folder", ["\0", "no\0where", "\udc80".encode("utf-8", "surrogatepass")])
def test_a_folder_that_cannot_exist_claims_nothing(netra: World, client: Client, folder: object) -> None:
    ben = User.objects.create_user("ben")
    give(ben, Role.ENGINEER)
    client.force_login(ben)
    assert client.post(f"{AT}claims/", {"folder": folder}).status_code == 302
    assert not Claim.objects.exists()


@pytest.mark.parametrize("way", ["home", "//evil.example", "/\\evil", "http://testserver/x", "/account/"])
def test_signing_in_leads_only_to_a_path_of_this_site(netra: World, client: Client, way: str) -> None:
    User.objects.create_user("ben", password="a-long-and-odd-password")
    form = {"username": "ben", "password": "a-long-and-odd-password", "next": way}
    answer = client.post("/sign-in/", form)
    assert answer.headers["Location"] == ("/account/" if way == "/account/" else "/")


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/", "private, no-store"),
        (AT, "private, no-store"),
        (f"{AT}files.csv", "private, no-store"),
        (f"{AT}marks/", "private, no-store"),
        ("/nowhere/", "private, no-store"),
        (f"{AT}charts/trend.json", "private, no-cache"),
        (f"{AT}badge.svg", "private, max-age=300"),
    ],
)
def test_no_cache_keeps_a_private_page(boss: Client, netra: World, address: str, kept: str) -> None:
    assert boss.get(address).headers["Cache-Control"] == kept
