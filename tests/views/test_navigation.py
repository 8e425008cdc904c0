"""The links at the top of a repository's pages."""

import re

from django.test import Client
from pytest_django import Settings

from tests.views.cast import World

LINK = re.compile(r'<a href="/repositories/netra/([\w-]*)/?"\s*(aria-current="page")?>([\w ]+)</a>')


def links(client: Client, page: str) -> list[tuple[str, ...]]:
    """Folder, whether it is the current page, and title of each link."""
    html = client.get(f"/repositories/netra/{page}").content.decode()
    [navigation] = re.findall(r'<nav class="top-nav".*?</nav>', html, re.DOTALL)
    return LINK.findall(navigation)


def test_it_links_to_the_pages_in_order_and_marks_the_current_one(ada: Client, netra: World) -> None:
    shown = links(ada, "files/")

    assert [title for _, _, title in shown] == [
        *("Overview", "Phases", "Forecast", "Issues", "Files", "Pull requests", "My work", "Commits"),
        *("Scans", "Settings"),
    ]
    assert [folder for folder, current, _ in shown if current] == ["files"]


def test_it_leaves_out_pages_that_need_a_sign_in(netra: World, settings: Settings) -> None:
    settings.ANONYMOUS_READING = True

    titles = [title for _, _, title in links(Client(), "")]

    assert titles == ["Overview", "Phases", "Forecast", "Issues", "Files", "Commits"]
