"""Pages that show only under some condition, of a real repository: browser and axe have nothing to say."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from compliance import evidence, scans
from compliance.accounts import invitations, public_links
from compliance.accounts.roles import Role
from compliance.models import File, Job, Phase, PlanDraft, Repository, Violation
from compliance.work import claims
from compliance.work.waivers import request_waiver
from tests.browser import faults
from tests.browser.conftest import Reader, Seat
from tests.scans.conftest import folder
from tests.scans.factories import GOOD, PHASED
from tests.scans.upstream import OLD, again, push, tracked
from tests.scans.verify import run_jobs
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


def found_here(reader: Reader, name: str) -> Iterator[str]:
    """Yield the faults of the page that is open."""
    for complaint in faults.taken(reader):
        if not (name.startswith("no ") and "404" in complaint):  # the browser notes each such answer
            yield f"{name}: {complaint}"
    seen = [*faults.too_wide(reader.page), *faults.axe_faults(reader.page)]
    yield from (f"{name}: {fault}" for fault in seen)


def test_no_rarer_page_has_a_fault(seat: Seat, transactional_db: None, folder: Path) -> None:
    pages = fill(folder)
    wide, narrow = seat(), seat(theme="dark", width=390)
    found: list[str] = []
    for name, address in pages.items():
        for reader in (wide, narrow):
            reader.goto(address)
            found += found_here(reader, name)
        found += (f"{name}: {fault}" for fault in faults.torn(wide.page))
    page = wide.goto("/people/")
    page.get_by_role("textbox", name="E-mail", exact=True).fill("dora@example.org")
    page.get_by_role("button", name="Send invitation").click()
    expect(page.get_by_role("textbox", name="Link")).to_be_visible()
    found += found_here(wide, "a new invitation")
    page.set_viewport_size({"width": 390, "height": 900})
    faults.turn(page, "dark")
    found += found_here(wide, "a new invitation, narrow and dark")

    assert not found, "\n".join(found)
