"""The plan in the browser: edited, looked at, put in force, the line judged again by a real worker."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect

from compliance import scans
from compliance.models import PlanVersion, Repository, Snapshot
from tests.browser.conftest import Seat
from tests.browser.faults import axe_faults
from tests.processes import Start, wait
from tests.scanner.history import write_history
from tests.scans.factories import HISTORY
from tests.scans.upstream import PLAN
from tests.scans.verify import run_jobs

pytestmark = pytest.mark.slow

WITHOUT_B = PLAN.replace("categories:", 'scope: {exclude: ["app/b.py"]}\ncategories:')
POINTS = "() => Chart.getChart(document.querySelector('#trend canvas')).data.datasets[0].data.map((p) => p.y)"
GHOST = "() => Chart.getChart(document.querySelector('#trend canvas')).options.plugins.overlays.data.ghost"


def violations(version: PlanVersion) -> list[int]:
    rows = Snapshot.objects.filter(plan=version).order_by("commit__position")
    return list(rows.values_list("violations", flat=True))


def test_an_edited_plan_is_looked_at_put_in_force_and_judges_the_line_again(
    seat: Seat, process_environment: dict[str, str], start: Start, tmp_path: Path
) -> None:
    write_history(tmp_path / "r.git", HISTORY)
    scans.track(str(tmp_path / "r.git"), slug="r", plan=PLAN)
    run_jobs()
    before = violations(PlanVersion.objects.get())
    start(process_environment, "worker", app="compliance")
    reader = seat()
    page = reader.goto("/repositories/r/plan/")
    faults = axe_faults(page)

    page.get_by_label("Plan (YAML)").fill(PLAN.replace("kind:", "kinds:"))
    page.get_by_role("button", name="Preview changes").click()
    expect(page.get_by_role("alert")).to_contain_text("kinds")
    reader.complaints.clear()  # the browser notes that the answer was 422
    faults += axe_faults(page)
    page.get_by_label("Plan (YAML)").fill(WITHOUT_B)
    page.get_by_role("button", name="Preview changes").click()
    expect(page.get_by_role("button", name="Activate plan")).to_be_visible(timeout=30_000)
    faults += axe_faults(page)
    preview = page.url
    page.get_by_role("link", name="1 file is no longer counted").click()
    expect(page.locator("main tbody tr")).to_have_count(1)
    expect(page.locator("main tbody tr")).to_contain_text("app/b.py")
    faults += axe_faults(page)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Download CSV").click()
    with Path(waiting.value.path()).open(newline="") as sheet:
        assert [row["path"] for row in csv.DictReader(sheet)] == ["app/b.py"]

    page.goto(preview)
    page.get_by_role("button", name="Activate plan").click()
    expect(page.get_by_text("Plan version 2 is being activated")).to_be_visible()
    wait(lambda: Repository.objects.filter(line_plan__number=2, history_done=True).exists(), 60)
    after = violations(PlanVersion.objects.get(number=2))
    assert len(after) == len(HISTORY)
    assert after != before

    reader.goto("/repositories/r/?measure=violations")
    assert page.evaluate(POINTS) == after
    page.get_by_label("Compare with").select_option("plan version 1")
    page.wait_for_url("**ghost=1**")
    expect(page.locator("#trend figure[data-points]")).to_contain_text("under plan version 1")
    assert [value for _, value in page.evaluate(GHOST)["points"]] == before

    reader.goto("/repositories/r/plan/compare/?from=1&to=2")
    expect(page.locator(".diff-added")).to_contain_text("app/b.py")
    faults += axe_faults(page)
    assert not faults, "\n".join(faults)

    reader.goto("/repositories/r/plan/")
    page.get_by_role("button", name="Restore version 1").click()
    expect(page.get_by_text("Plan version 1 is being restored")).to_be_visible()
    wait(lambda: Repository.objects.filter(plan__number=1, line_plan__number=1).exists(), 60)
    reader.goto("/repositories/r/?measure=violations")
    assert page.evaluate(POINTS) == before
    assert "plan changed (2)" in page.locator("[data-marker-legend]").inner_text()
    assert not reader.complaints
