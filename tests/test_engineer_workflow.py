"""An engineer's day: take a file, read its patch, apply it, push, and see it counted."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, expect

from compliance.accounts.roles import Role, give
from compliance.models import Claim, File, Job, Repository, Snapshot
from tests.processes import ROOT, Start, answers, free_port, wait
from tests.team import FACTORY, OLD, PASSWORD, PLAN, Team, hook, sign_in

pytestmark = pytest.mark.slow

WITH_USER = PLAN.replace(
    "replacement: {symbol: shop.factory.create_factory}",
    "replacement: {symbol: shop.factory.create_factory, arguments: {user: shop.users.User}}",
)


@pytest.fixture
def environment(process_environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in process_environment.items() if name != "BROKER_URL"}


def test_an_engineers_day(
    environment: dict[str, str], start: Start, tmp_path: Path, browser: Browser
) -> None:
    team = Team(tmp_path)
    modules = {f"shop/part_{number}.py": OLD for number in range(3)}
    files = {"ssot-plan.yaml": WITH_USER, "shop/__init__.py": "", "shop/factory.py": FACTORY, **modules}
    team.push("Begin", files)
    ada = User.objects.create_user("ada", email="ben@example.org", password=PASSWORD)
    give(ada, Role.ENGINEER)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    start(environment, "web", port=port)
    start(environment, "worker", app="compliance")
    track = [sys.executable, "manage.py", "track", str(team.bare), "--slug", "shop"]
    subprocess.run(track, cwd=ROOT, env=environment, check=True)
    repository = Repository.objects.get(slug="shop")
    wait(lambda: Snapshot.objects.exists() and not Job.objects.exclude(state=Job.State.DONE).exists())
    wait(lambda: answers(address))

    page = sign_in(browser, address)
    expect(page.locator(".summary-figure")).to_have_text("20.0%")
    page.get_by_role("link", name="My work").click()
    page.get_by_label("Select shop/part_1.py").check()
    page.get_by_role("button", name="Claim selected files").click()
    mine = page.locator("#mine")
    expect(mine).to_contain_text("shop/part_1.py")
    mine.get_by_role("link", name="shop/part_1.py", exact=True).click()
    expect(page.locator("#claim")).to_contain_text("Claimed by you")
    expect(page.locator("#source .source-mark").first).to_contain_text("factory")
    expect(page.locator("#patch")).to_contain_text("create_factory(user)", timeout=20_000)

    with page.expect_download() as waiting:
        page.locator("#patch").get_by_role("link", name="Download").click()
    team.git("apply", str(waiting.value.path()))
    push = team.push("Give part 1 its own factory", {})
    assert hook(address, repository, push) == 202
    wait(lambda: File.objects.get(path="shop/part_1.py").status == File.Status.MIGRATED)

    page.get_by_role("link", name="Overview").click()
    expect(page.locator(".summary-figure")).to_have_text("40.0%")
    page.get_by_role("link", name="My work").click()
    expect(page.locator("#done")).to_contain_text("Give part 1 its own factory")
    done = Claim.objects.get()
    assert done.state == Claim.State.COMPLETED
    assert done.completed_by is not None
    assert done.completed_by.sha == push["after"]
