"""The first page."""

from django.test import Client

from compliance.models import Repository
from tests.pages.cast import World, world
from tests.pages.conftest import Counted


def test_the_only_repository_is_gone_to_at_once(ada: Client, netra: World) -> None:
    assert ada.get("/").headers["Location"] == "/repositories/netra/"


def test_several_repositories_stand_in_a_list_with_their_verdicts(ada: Client, netra: World) -> None:
    world("second")
    page = ada.get("/").content.decode()

    assert page.count(" to 95%.</span>") == 2
    assert "/repositories/second/" in page


def test_the_list_costs_the_same_queries_for_two_and_for_five(
    ada: Client, netra: World, counted: Counted
) -> None:
    world("second")
    with counted() as two:
        ada.get("/")
    for slug in ("third", "fourth", "fifth"):
        world(slug)
    with counted() as five:
        ada.get("/")

    assert len(two) == len(five) <= 15


def test_without_a_repository_the_page_says_how_to_track_one(ada: Client) -> None:
    page = ada.get("/").content.decode()

    assert "No repository is tracked yet" in page
    assert "make up REPO=" in page


def test_a_repository_without_a_plan_still_has_its_row(ada: Client, netra: World) -> None:
    Repository.objects.create(slug="bare", name="Bare", url="https://git.example.org/bare.git")

    assert "no plan in force" in ada.get("/").content.decode()
