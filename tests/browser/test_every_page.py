"""Each page in each theme at each width: the browser and axe have nothing to say."""

from datetime import timedelta
from time import sleep

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Route

from compliance.accounts import public_links
from compliance.models import Delivery, Job, Repository
from tests.api.conftest import give
from tests.browser.conftest import Seat
from tests.evidence.conftest import furnish as furnish_evidence
from tests.evidence.conftest import hand_in, mission, proofs
from tests.views.cast import World

JUMP = 0.001
"""Layout shift below this is a digit's width; 0.1 still counts as good, see https://web.dev/articles/cls."""
LATE = 150
"""Milliseconds that the first script comes late; the others wait for it, so each page is painted first."""
SHIFTS = """window.shift = 0;
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shift += entry.value;
}).observe({type: "layout-shift", buffered: true});"""


def furnish(netra: World) -> dict[str, str]:
    """Something to show on every page; page -> address."""
    now = timezone.now()
    of = {"repository": netra.repository, "kind": "update", "cause": "webhook push"}
    Job.objects.create(**of, state="buried", attempts=5, error="No such host: " + "x" * 300, finished_at=now)
    Job.objects.create(
        **of, state="running", lease_until=now + timedelta(hours=1), started_at=now, total_steps=9
    )
    Job.objects.create(**of, state="done", finished_at=now)
    Delivery.objects.create(
        repository=netra.repository, source="github", delivery_id="72d3162e-cc78-11e3-81ab", event="push"
    )
    Repository.objects.create(slug="empty", name="Empty", url="https://git.example.org/empty.git")
    Repository.objects.filter(pk=netra.repository.pk).update(trouble="fatal: " + "unreachable/" * 40)
    hand_in(furnish_evidence(netra), mission(3, test_x="failure"))
    hand_in(netra, proofs())
    give(User.objects.get_or_create(username="ada", is_staff=True)[0], "evidence", netra.repository)
    fixed = netra.plan.violations.filter(last__isnull=False)[0]
    at = "/repositories/netra/"
    return {
        "home": "/",
        "overview": at,
        "overview, violations": f"{at}?measure=violations&range=30d",
        "overview, empty": "/repositories/empty/",
        "files": f"{at}files/?risk=high&sort=-changed",
        "files, none": f"{at}files/?path=nothing-fits",
        "file": f"{at}files/{fixed.file_id}/",
        "violations": f"{at}violations/?risk=high&sort=-path",
        "violations, none": f"{at}violations/?path=nothing-fits",
        "marks": f"{at}marks/",
        "overview, split": f"{at}?by=phase&measure=violations&from=yesterday",
        "commits": f"{at}commits/",
        "commit": f"{at}commits/{netra.head.sha}/",
        "scans": f"{at}scans/",
        "settings": f"{at}settings/",
        "phases": f"{at}phases/",
        "phase": f"{at}phases/cleanup/",
        "issues": f"{at}issues/",
        "issue": f"{at}issues/%231274/",
        "tokens": f"{at}settings/tokens/",
        "share": f"{at}share/",
        "my work": f"{at}my-work/",
        "waivers": f"{at}waivers/",
        "plan": f"{at}plan/",
        "people": "/people/",
        "activity": "/activity/",
        "account": "/account/",
        "public link": f"/shared/{public_links.make(netra.repository, None, name='Wiki').key}/",
    }


def told(found: AxeResults) -> list[str]:
    """What axe found, a line each: the rule, the place, the reason."""
    return [
        f"{violation['id']} at {node['target']}: {node['failureSummary']}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


def come_late(route: Route) -> None:
    """A slow line: the scripts are there once the page is."""
    sleep(LATE / 1000)
    route.continue_()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_fault(seat: Seat, netra: World, theme: str, width: int) -> None:
    reader = seat(theme=theme, width=width, timezone_id="Asia/Kathmandu")
    reader.context.add_init_script(SHIFTS)
    reader.context.route("**/htmx.min*.js", come_late)
    faults = []
    for name, address in furnish(netra).items():
        page = reader.goto(address)
        faults += [f"{name}: {complaint}" for complaint in reader.complaints]
        reader.complaints.clear()
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        faults += [f"{name}: {wide} pixels too wide"] if wide > 0 else []
        shift = page.evaluate("window.shift")
        faults += [f"{name}: parts jump by {shift}"] if shift >= JUMP else []
        found = Axe().run(page)
        faults += [f"{name}: {fault}" for fault in told(found)]

    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_signing_in_has_no_fault(seat: Seat, netra: World, theme: str) -> None:
    reader = seat(theme=theme, signed_in=False)
    page = reader.goto("/repositories/netra/")

    assert page.url.endswith("/sign-in/?next=/repositories/netra/")
    assert told(Axe().run(page)) == []
    assert not reader.complaints


def test_a_wide_screen_is_filled_and_not_torn(seat: Seat, netra: World) -> None:
    page = seat(width=2560).goto("/repositories/netra/")

    box = page.locator("main .container-xl").bounding_box()
    assert box
    assert box["width"] <= 1760
    assert abs(box["x"] + box["width"] / 2 - 1280) < 12


def test_nothing_jumps_while_the_overview_loads(seat: Seat, netra: World) -> None:
    reader = seat()
    reader.context.add_init_script(SHIFTS)
    page = reader.goto("/repositories/netra/")
    page.wait_for_timeout(500)

    assert page.evaluate("window.shift") < JUMP
