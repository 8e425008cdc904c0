"""What managers and engineers do with a real repository: approvals, tokens, claims and waivers by clicks."""

from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from compliance.evidence import receive_report
from compliance.models import File, Phase, Repository
from compliance.work.waivers import request_waiver
from tests.browser.conftest import Reader, Seat
from tests.scans.conftest import folder
from tests.scans.factories import GOOD, PHASED, migrated
from tests.scans.upstream import OLD, again, push, tracked

pytestmark = pytest.mark.slow

__all__ = ["folder"]  # a fixture

APPROVED = PHASED.replace("suites:", "          - {kind: approval, role: manager}\nsuites:")
PAGE = "/repositories/r/"


@pytest.fixture
def repository(transactional_db: None, folder: Path) -> Repository:
    return tracked(folder, APPROVED)


def criterion(page: Page, words: str) -> str:
    """Return the status that is shown beside the requirement."""
    return page.locator("#criteria tbody tr", has_text=words).locator("td[data-label=Result]").inner_text()


def marks(reader: Reader) -> str:
    return reader.goto(PAGE).locator("[data-marker-legend]").inner_text()


def test_a_phase_is_closed_by_an_approval_and_opened_by_a_commit(
    seat: Seat, repository: Repository, folder: Path
) -> None:
    receive_report(repository, migrated(folder), GOOD)
    again(repository)
    reader = seat()
    page = reader.goto(f"{PAGE}phases/all/")
    assert criterion(page, "Approved by") == "no evidence yet"
    assert [criterion(page, words) for words in ("No violations left", "unit")] == ["met", "met"]
    expect(page.locator(".head .state")).to_have_text("nothing left")
    assert page.locator("main input[type=checkbox]").count() == 0  # nobody ticks a criterion

    page.get_by_label("Approve as manager").fill("Read the diff, ran the load test")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Your approval of “Everything” was saved.")).to_be_visible()
    assert criterion(page, "Approved by") == "met"
    expect(page.locator(".head .state")).to_have_text("done")
    expect(page.locator(".approval")).to_contain_text("ada approved as manager")
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("The approval of “Everything” was withdrawn.")).to_be_visible()
    expect(page.locator(".head .state")).to_have_text("nothing left")
    page.get_by_label("Approve as manager").fill("Once more")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator(".head .state")).to_have_text("done")
    assert "phase closed" in marks(reader)

    push(folder, "Bring it back", app__b=OLD)
    again(repository)
    told = marks(reader)
    assert "phase reopened" in told
    page.locator("#trend canvas").focus()
    page.keyboard.press("End")
    expect(page.locator("#trend [data-announcement]")).to_contain_text("phase reopened")
    page = reader.goto(f"{PAGE}phases/all/")
    assert criterion(page, "No violations left") == "not met"
    kinds = page.locator("section", has_text="Closed and reopened").locator(".state").all_inner_texts()
    assert kinds[0] == "phase reopened"
    assert kinds.count("phase closed") >= 1
    assert not reader.complaints


def sent(server: str, sha: str, secret: str) -> int:
    """The answer to a report that a program sends with a token."""
    connection = HTTPConnection(urlsplit(server).netloc, timeout=20)
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/xml"}
    connection.request("POST", f"/api/v1{PAGE}commits/{sha}/test-reports", GOOD, headers)
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_token_is_made_shown_once_used_and_revoked(seat: Seat, repository: Repository) -> None:
    reader = seat()
    page = reader.goto(f"{PAGE}settings/tokens/")
    page.get_by_label("Name").fill("CI of main")
    page.get_by_role("button", name="Create token").click()
    secret = page.get_by_label("Token", exact=True).input_value()
    assert repository.head
    sha = repository.head.sha

    assert sent(reader.server, sha, secret) == 201
    reader.goto(f"{PAGE}settings/tokens/")
    assert secret not in page.content()
    page.get_by_role("button", name="Revoke").click()
    expect(page.locator("main")).to_contain_text("revoked")
    assert sent(reader.server, sha, secret) == 401
    assert not reader.complaints


def test_a_file_is_claimed_offered_and_given_back(seat: Seat, repository: Repository) -> None:
    reader = seat()
    page = reader.goto(f"{PAGE}my-work/")
    path = page.locator("#next .work-row .path a").first.inner_text()
    free = page.locator("#next .work-row").count()
    page.get_by_label(f"Select {path}").check()
    page.get_by_role("button", name="Claim selected files").click()
    expect(page.locator("#mine .work-row")).to_have_count(1)
    expect(page.locator("#next .work-row")).to_have_count(free - 1)

    page.locator("#mine .path a").click()
    expect(page.locator("#claim")).to_contain_text("Claimed by you")
    page.get_by_role("button", name="Release").click()
    expect(page.locator("#claim")).to_contain_text("Not claimed")
    assert not reader.complaints


def test_a_waiver_is_requested_approved_and_ended_beside_the_figures(
    seat: Seat, repository: Repository
) -> None:
    ben = User.objects.create_user("ben")
    file = File.objects.get(repository=repository, path="app/b.py")
    request_waiver(repository, ben, "Kept for one customer", None, glob=file.path)

    reader = seat()
    page = reader.goto(PAGE)
    before = page.locator(".summary-figure").inner_text()
    page.get_by_role("link", name="1 waiting for approval").click()
    expect(page.locator("#waiting")).to_contain_text("app/b.py:1")
    page.get_by_label("Comment").fill("Until they are gone")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#lasting tbody tr")).to_contain_text("Until they are gone")
    page = reader.goto(PAGE)
    expect(page.locator(".summary-figure")).to_have_text(before)
    beside = page.locator(".summary-accepted").inner_text()
    assert float(beside.partition("%")[0]) > float(before[:-1])
    page = reader.goto(f"{PAGE}files/{file.pk}/")
    expect(page.locator(".facts .state")).to_have_text("waived")

    page = reader.goto(f"{PAGE}waivers/")
    page.get_by_role("button", name="End").click()
    expect(page.locator("#ended")).to_contain_text("Until they are gone")
    page = reader.goto(PAGE)
    expect(page.locator(".summary-figure")).to_have_text(before)
    expect(page.locator(".summary-accepted")).to_have_count(0)
    assert Phase.objects.get(key="all").closed_at is None
    assert not reader.complaints
    assert not reader.complaints
