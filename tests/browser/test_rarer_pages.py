"""Pages that show only under some condition, of a real repository: browser and axe have nothing to say."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from compliance import evidence, scans
from compliance.accounts import invitations, public_links
from compliance.accounts.roles import Role
from compliance.models import File, Job, Phase, PlanDraft, Repository, Violation
from compliance.work import claims
from compliance.work.waivers import request_waiver
from tests.browser.conftest import Reader, Seat
from tests.browser.factories import furnish, told
from tests.scans.conftest import folder
from tests.scans.factories import GOOD, PHASED
from tests.scans.upstream import OLD, again, push, tracked
from tests.scans.verify import run_jobs
from tests.views.cast import World
from tests.work.factories import waive

pytestmark = pytest.mark.slow

__all__ = ["folder"]  # a fixture

CRITERIA = """          - {kind: tests, suite: none, expect: pass, at_least: 2}
          - {kind: measurement, name: added_ms, max: 100}
          - {kind: approval, role: manager}
          - {kind: approval, role: engineer}
suites:
  none: {match: ["nowhere/**"]}
"""
PLAN = PHASED.replace("suites:\n", CRITERIA)
OTHER = PLAN.replace("at_least: 1", "at_least: 3").replace("call: high", "call: low")
AT = "/repositories/r/"


def fill(folder: Path) -> dict[str, str]:
    """Something for each of these pages; page -> address."""
    push(folder, "Owners", CODEOWNERS="app/ @ben\n")
    push(folder, "A cache", app__d=f"{OLD}cache = [get_it() for _ in range(3)]\n", app__e=OLD)
    repository = tracked(folder, PLAN)
    ada = User.objects.get_or_create(username="ada", is_staff=True)[0]
    ada.set_password("the quick brown fox")
    ada.save()
    ben = User.objects.create_user("ben", "ben@example.org")
    evidence.receive_report(repository, _head(repository), GOOD)
    evidence.receive_measurement(repository, _head(repository), "added_ms", 120, "ms")
    phase = Phase.objects.get(key="all")
    evidence.approve(repository, phase, ada, "manager", "Looked at the load test of Tuesday")
    files = {file.path: file for file in File.objects.filter(repository=repository)}
    claims.claim([files["app/b.py"]], ada, "Before the release")
    (offered,) = claims.claim([files["app/d.py"]], ben)
    claims.offer(offered, ben, ada)
    place = Violation.objects.filter(file=files["app/e.py"], last=None)[0]
    waive(repository, ada, "Kept for one customer", None, violation=place)
    request_waiver(repository, ben, "Rewritten in spring", None, glob="app/d.py")
    Job.objects.create(repository=repository, kind="patch", key=str(files["app/b.py"].pk))
    previewed, stale = (
        scans.draft(repository, text, ada) for text in (OTHER, PLAN.replace("high", "medium"))
    )
    run_jobs()
    scans.adopt(PlanDraft.objects.get(pk=previewed.pk), ada)
    run_jobs()
    again(repository)
    failed = PlanDraft.objects.create(repository=repository, text=OTHER, trouble="The mirror cannot be read.")
    waiting = PlanDraft.objects.create(repository=repository, text=OTHER)
    Repository.objects.create(
        slug="torn", name="Torn", url="https://git.example.org/torn.git", trouble="line 3: no such key: rulez"
    )
    _, key = invitations.invite("cy@example.org", Role.ENGINEER, ada)
    return {
        "phase with evidence and approvals": f"{AT}phases/all/",
        "phases": f"{AT}phases/",
        "my work with claims": f"{AT}my-work/",
        "my work of a folder": f"{AT}my-work/?folder=app",
        "file with a patch": f"{AT}files/{files['app/b.py'].pk}/",
        "file of somebody else": f"{AT}files/{files['app/d.py'].pk}/",
        "file with a waiver": f"{AT}files/{files['app/e.py'].pk}/",
        "waived violations": f"{AT}violations/?state=waived",
        "waivers": f"{AT}waivers/",
        "plan": f"{AT}plan/",
        "plan builder, settings": f"{AT}plan/builder/",
        "plan, an old version": f"{AT}plan/?version=1",
        "plan comparison": f"{AT}plan/compare/?from=1&to=2",
        "draft compared": f"{AT}plan/compare/?from=2&draft={stale.pk}",
        "draft put in force": f"{AT}plan/drafts/{previewed.pk}/",
        "draft that is stale": f"{AT}plan/drafts/{stale.pk}/",
        "draft that failed": f"{AT}plan/drafts/{failed.pk}/",
        "draft that waits": f"{AT}plan/drafts/{waiting.pk}/",
        "files of a draft": f"{AT}plan/drafts/{previewed.pk}/files/",
        "files of a draft, none": f"{AT}plan/drafts/{previewed.pk}/files/?change=leaves",
        "ghost of the old plan": f"{AT}?ghost=1",
        "first page": "/?all=1",
        "plan in trouble": "/repositories/torn/",
        "plan in trouble, settings": "/repositories/torn/settings/",
        "plan in trouble, the plan": "/repositories/torn/plan/",
        "people with an invitation": "/people/",
        "activity": "/activity/?kind=claim",
        "public link": f"/shared/{public_links.make(repository, None, name='Wiki').key}/",
        "no link of this name": "/shared/gone/",
        "own account": "/account/",
        "an invitation": f"/join/{key}/",
        "no invitation of this name": "/join/gone/",
        "no file of this number": f"{AT}files/999999/",
    }


def _head(repository: Repository) -> str:
    assert repository.head
    return repository.head.sha


def faults(reader: Reader, name: str, page: Page) -> Iterator[str]:
    """What browser and axe have to say of the page that is open."""
    for complaint in reader.complaints:
        if not (name.startswith("no ") and "404" in complaint):  # the browser notes each such answer
            yield f"{name}: {complaint}"
    reader.complaints.clear()
    if (wide := page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
        yield f"{name}: {wide} pixels too wide"
    yield from (f"{name}: {fault}" for fault in told(Axe().run(page)))


def torn(name: str, page: Page) -> Iterator[str]:
    """Return true if, in a very wide window, the page is centred and still has a readable width."""
    size = page.viewport_size
    assert size
    page.set_viewport_size({"width": 2560, "height": 1300})
    box = page.locator("main .container-xl, main .container-tight").first.bounding_box()
    if not box or box["width"] > 1760 or abs(box["x"] + box["width"] / 2 - 1280) > 12:
        yield f"{name}, very wide: {box}"
    page.set_viewport_size(size)


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_no_rarer_page_has_a_fault(
    seat: Seat, transactional_db: None, folder: Path, width: int, theme: str
) -> None:
    pages = fill(folder)
    reader = seat(theme=theme, width=width)
    found: list[str] = []
    for name, address in pages.items():
        page = reader.goto(address)
        found += faults(reader, name, page)
        found += torn(name, page) if theme == "light" else ()
    page = reader.goto("/people/")
    page.get_by_role("textbox", name="E-mail", exact=True).fill("dora@example.org")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_role("textbox", name="Link")).to_be_visible()
    found += faults(reader, "a new invitation", page)

    assert not found, "\n".join(found)


def test_no_common_page_is_torn_on_a_very_wide_screen(seat: Seat, netra: World) -> None:
    reader = seat(width=2560)
    pages = furnish(netra).items()

    assert not [fault for name, address in pages for fault in torn(name, reader.goto(address))]
