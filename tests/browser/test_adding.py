"""An administrator of an empty installation adds a repository, and ends its first scan again."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from compliance.models import AccessChange, Repository, RepositorySetup
from tests.browser.conftest import Seat
from tests.scanner.history import write_history
from tests.scans.upstream import HISTORY
from tests.scans.verify import run_jobs

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    write_history(tmp_path / "git" / "shop.git", HISTORY)
    settings.REPOSITORY_FOLDERS = [str(tmp_path / "git")]
    return tmp_path / "git" / "shop.git"


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_from_an_empty_installation_to_a_repository_without_a_plan(
    seat: Seat, folder: Path, width: int, theme: str
) -> None:
    reader = seat(width=width, theme=theme)
    page = reader.goto("/")
    expect(page.get_by_role("heading", name="Which repository do you want to follow?")).to_be_visible()
    page.get_by_label("Address or folder").fill(str(folder))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Checking the address")).to_be_visible()
    run_jobs()
    expect(page.get_by_text("3 commits since")).to_be_visible()
    expect(page.get_by_label("Branch")).to_have_value("main")
    assert page.evaluate("document.documentElement.scrollWidth") <= width

    page.get_by_role("button", name="Add repository").dblclick()
    expect(page.get_by_text("The repository is being cloned")).to_be_visible()
    assert Repository.objects.count() == 1
    run_jobs()
    expect(page.get_by_text("No plan yet")).to_be_visible()
    expect(page.get_by_role("link", name="plan").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert reader.complaints == []


def test_the_first_scan_is_cancelled_and_nothing_is_left(seat: Seat, folder: Path) -> None:
    reader = seat()
    page = reader.goto("/add-repository/")
    page.get_by_label("Address or folder").fill(str(folder))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Checking the address")).to_be_visible()
    run_jobs()
    page.get_by_role("button", name="Add repository").click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("was not added, and nothing about it was kept")).to_be_visible()
    run_jobs()
    assert not Repository.everything.exists()
    assert reader.complaints == []


def test_a_folder_that_is_not_permitted_is_explained_beside_the_field(seat: Seat, settings: Any) -> None:
    settings.REPOSITORY_FOLDERS = []
    page = seat().goto("/add-repository/")
    page.get_by_label("Address or folder").fill("/home/ann/code/shop")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("REPOSITORY_FOLDERS=/home/ann/code")
    expect(page.get_by_label("Address or folder")).to_have_value("/home/ann/code/shop")
    assert not RepositorySetup.objects.exists()


def test_a_repository_is_renamed_archived_deleted_and_restored(seat: Seat, netra: Any) -> None:
    reader = seat()
    page = reader.goto("/repositories/netra/settings/")
    card = page.locator("#lifecycle")
    card.get_by_label("Short name in addresses").fill("agents")
    card.get_by_role("button", name="Rename").click()
    expect(page.get_by_text("still lead here")).to_be_visible()
    reader.goto("/repositories/netra/settings/")
    assert page.url.endswith("/repositories/agents/settings/")
    card.get_by_role("button", name="Archive", exact=True).click()
    expect(page.get_by_text("is archived: it is no longer scanned")).to_be_visible()
    card.get_by_label("to confirm").fill("agents")
    card.get_by_role("button", name="Delete repository").click()
    expect(page.get_by_role("heading", name="Deleted repositories")).to_be_visible()
    page.get_by_role("button", name="Restore Netra agents").click()
    expect(page.get_by_text("was restored")).to_be_visible()
    expect(page.get_by_text("has been archived since")).to_be_visible()
    assert reader.complaints == []


@pytest.mark.parametrize(("width", "theme"), [(1440, "dark"), (390, "light")])
def test_what_a_part_of_the_history_costs_is_shown_before_it_is_read(
    seat: Seat, folder: Path, width: int, theme: str
) -> None:
    reader = seat(width=width, theme=theme)
    page = reader.goto("/add-repository/")
    page.get_by_label("Address or folder").fill(str(folder))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Checking the address")).to_be_visible()
    run_jobs()
    expect(page.locator("#depth-whole")).to_contain_text("3 commits; less than two minutes")
    page.get_by_label("Number of commits").fill("2")
    expect(page.locator("#depth-commits")).to_contain_text("2 commits")
    expect(page.get_by_label("Number of commits")).to_be_focused()
    expect(page.get_by_role("radio", name="Number of newest commits:")).to_be_checked()
    page.get_by_label("First day of the history").fill("2023-11-16")
    expect(page.get_by_role("radio", name="Since")).to_be_checked()
    expect(page.locator("#depth-since")).to_contain_text("About 3 commits")
    page.get_by_role("radio", name="Number of newest commits:").check()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Add repository").click()
    expect(page.get_by_text("The repository is being cloned")).to_be_visible()
    repository = Repository.objects.get()
    assert (repository.history_commits, repository.history_floor) == (2, 0)
    assert reader.complaints == []


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_a_token_is_replaced_after_a_fetch_was_refused(
    seat: Seat, netra: Any, width: int, theme: str
) -> None:
    words = "https://git.example.org/netra.git: Authentication failed"
    Repository.objects.update(trouble=words, trouble_kind="refused")
    reader = seat(width=width, theme=theme)
    page = reader.goto("/repositories/netra/")
    page.get_by_role("link", name="Replace the credentials").click()
    expect(page.get_by_role("heading", name="Access to the repository")).to_be_visible()
    page.get_by_label("Token or password").fill("new")
    page.locator("form", has=page.get_by_label("Token or password")).get_by_role("button").click()
    expect(page.get_by_text("Trying the new credentials")).to_be_visible()
    AccessChange.objects.update(state="failed", trouble=words, trouble_kind="refused")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("the repository is read as before")).to_be_visible()
    assert not AccessChange.objects.exists()
    assert reader.complaints == []
