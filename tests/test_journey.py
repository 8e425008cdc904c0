"""The whole way of the data: a real push, a signed webhook, a real worker, the figure in a real browser.

Only git, HTTP and the browser are used from here; messages travel by Postgres, then by Redis.
"""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, expect

from compliance.models import Delivery, Job, Repository, Snapshot
from tests.processes import ROOT, Start, answers, free_port, wait
from tests.team import FACTORY, NEW, OLD, PASSWORD, PLAN, Team, hook, sign_in

pytestmark = pytest.mark.slow

POINTS = "() => Chart.getChart(document.querySelector('#trend canvas')).data.datasets[0].data.map((p) => p.y)"


def parts(seconds: float) -> str:
    """Where the seconds went."""
    delivery = Delivery.objects.get()
    job = delivery.job
    assert job
    assert job.started_at
    assert job.finished_at
    waited = (job.started_at - job.created_at).total_seconds()
    worked = (job.finished_at - job.started_at).total_seconds()
    rest = seconds - waited - worked
    return f"{waited:.2f} s until a worker took it, {worked:.2f} s scan, {rest:.2f} s the rest"


def test_a_push_shows_on_the_open_page(
    broker: dict[str, str], start: Start, tmp_path: Path, browser: Browser
) -> None:
    team = Team(tmp_path)
    modules = {f"shop/part_{number}.py": OLD for number in range(3)}
    team.push(
        "Begin", {"ssot-plan.yaml": PLAN, "shop/__init__.py": "", "shop/factory.py": FACTORY, **modules}
    )
    User.objects.create_user("ada", password=PASSWORD)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    start(broker, "web", port=port)
    start(broker, "worker", app="compliance")
    track = [sys.executable, "manage.py", "track", str(team.bare), "--slug", "shop"]
    subprocess.run(track, cwd=ROOT, env=broker, check=True)
    repository = Repository.objects.get(slug="shop")
    wait(lambda: Snapshot.objects.exists() and not Job.objects.exclude(state=Job.State.DONE).exists())
    wait(lambda: answers(address))

    page = sign_in(browser, address)
    figure, chart = page.locator(".summary-figure"), page.locator("#trend figure")
    expect(figure).to_have_text("20.0%")
    expect(chart).to_have_attribute("data-points", "1")
    page.evaluate("window.same = true")

    push = team.push("Give two parts their factory", {f"shop/part_{number}.py": NEW for number in range(2)})
    began = time.monotonic()
    assert hook(address, repository, push) == 202
    expect(figure).to_have_text("60.0%", timeout=15_000)
    expect(chart).to_have_attribute("data-points", "2")
    seconds = time.monotonic() - began
    print(f"From the push to the figure on the open page: {seconds:.2f} s; {parts(seconds)}")

    assert page.evaluate(POINTS) == [20.0, 60.0]
    assert page.evaluate("window.same")
    assert hook(address, repository, push) == 200
    assert Delivery.objects.get().repeats == 1

    assert hook(address, repository, team.push("Take it back", {"shop/part_0.py": OLD})) == 202
    expect(figure).to_have_text("40.0%", timeout=15_000)
    expect(page.locator("#broken")).to_contain_text("Take it back")
    expect(chart).to_have_attribute("data-points", "3")
    assert page.evaluate(POINTS) == [20.0, 60.0, 40.0]
    page.get_by_role("link", name="Take it back").first.click()
    expect(page.locator("#new .code").first).to_be_visible()
    assert Snapshot.objects.count() == 3


@pytest.mark.parametrize("spoil", ["body", "secret"])
def test_a_forged_push_changes_nothing(
    spoil: str, process_environment: dict[str, str], start: Start, tmp_path: Path
) -> None:
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    start(process_environment, "web", port=port)
    repository = Repository.objects.create(slug="shop", name="Shop", url=str(tmp_path), branch="main")
    wait(lambda: answers(address))
    if spoil == "secret":
        repository.webhook_secret = "guessed"
    push = {"ref": "refs/heads/main", "before": "0" * 40, "after": "1" * 40}

    with pytest.raises(OSError, match=r"40[01]"):
        hook(address, repository, {**push, "ref": "\0"} if spoil == "body" else push)

    assert not Job.objects.exists()
    assert not Delivery.objects.exists()
