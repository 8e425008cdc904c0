"""`make screenshots` visits every page of docs/permissions.md; git keeps only the pictures that docs show."""

from tests.screenshots.index import KEPT, shown
from tests.screenshots.pages import NOT_VISITED, Targets, derived, shots, unvisited
from tests.views.permissions import rules

MOST = 20
"""Pictures that git may keep: each change of a page writes all of them again."""
LARGEST = 2_000_000


def test_every_page_is_visited() -> None:
    exceptions = [name for names in NOT_VISITED.values() for name in names]
    pages = {rule.name for rule in rules() if rule.method == "GET"}

    assert set(exceptions) <= pages, "NOT_VISITED lists a page that does not exist."
    assert unvisited(shots(Targets()).values()) == [], "Add it to tests/screenshots/pages.py."


def test_a_page_that_no_shot_shows_is_reported() -> None:
    without = [shot for shot in shots(Targets()).values() if shot.name not in ("waivers", "my-work")]

    assert unvisited(without) == ["my-work", "waivers"]


def test_a_page_whose_address_needs_only_the_repository_gets_a_shot_by_itself() -> None:
    found = derived(Targets(slug="shop"), ["my-work", "file"])

    assert [(name, shot.address, shot.name) for name, shot in found.items()] == [
        ("my-work", "/repositories/shop/my-work/", "my-work")
    ]


def test_the_pictures_that_docs_show_are_those_that_git_keeps() -> None:
    assert sorted(shown()) == sorted(path.stem for path in KEPT.iterdir())


def test_the_pictures_stay_few_and_small() -> None:
    kept = list(KEPT.iterdir())

    assert len(kept) <= MOST
    assert sum(path.stat().st_size for path in kept) < LARGEST
