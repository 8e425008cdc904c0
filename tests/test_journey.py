"""The whole way of the data: a real push, a signed webhook, a real worker, the figure in a real browser.

Only git, HTTP and the browser are used from here; messages travel by Postgres, then by Redis.
"""

import hashlib
import hmac
import json
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from compliance.models import Delivery, Job, Repository, Snapshot
from tests.processes import ROOT, Start, free_port, wait

PASSWORD = "analytical-engine-1843"
PLAN = """version: 1
name: Factory of agents
target_percent: 75
rules:
  - id: factory
    kind: deprecated-symbol
    message: One factory shared by all users
    symbols: [shop.factory.get_factory]
    replacement: {symbol: shop.factory.create_factory}
    risk: {definition: critical, call: high, import: medium}
issues:
  - {key: "#7", title: Give each request its factory, rules: [factory]}
"""
FACTORY = """def get_factory():
    return object()


def create_factory(user):
    return object()
"""
OLD = """from shop.factory import get_factory


def answer(user):
    return get_factory()
"""
NEW = OLD.replace("get_factory()", "create_factory(user)").replace(
    "import get_factory", "import create_factory"
)
POINTS = "() => Chart.getChart(document.querySelector('#trend canvas')).data.datasets[0].data.map((p) => p.y)"


class Team:
    """Somebody's clone of a bare repository."""

    def __init__(self, folder: Path) -> None:
        self.bare, self.clone = folder / "shop.git", folder / "clone"
        subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", self.bare], check=True)
        subprocess.run(["git", "clone", "--quiet", self.bare, self.clone], check=True, capture_output=True)
        self.git("checkout", "--quiet", "-B", "main")
        self.tip = "0" * 40

    def git(self, *words: str) -> str:
        """Run git in the clone, as Ben, whatever the machine's own settings are."""
        who = ["-c", "user.name=Ben", "-c", "user.email=ben@example.org", "-c", "commit.gpgSign=false"]
        done = subprocess.run(
            ["git", "-C", self.clone, *who, *words], check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def push(
        self, subject: str, files: dict[str, str], author: str = "Ben <ben@example.org>"
    ) -> dict[str, str]:
        """Commit, push, and give what GitHub would say about it."""
        for path, text in files.items():
            target = self.clone / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", subject, "--author", author)
        self.git("push", "--quiet", "origin", "main")
        before, self.tip = self.tip, self.git("rev-parse", "HEAD")
        return {"ref": "refs/heads/main", "before": before, "after": self.tip}


def hook(address: str, repository: Repository, push: dict[str, str]) -> int:
    """Send a webhook over HTTP, signed as GitHub signs it."""
    body = json.dumps(push).encode()
    signature = hmac.new(repository.webhook_secret.encode(), body, hashlib.sha256).hexdigest()
    request = Request(
        f"{address}/webhooks/github/{repository.slug}/",
        data=body,
        headers={
            "Content-Type": "application/json",
            "X-GitHub-Event": "push",
            "X-GitHub-Delivery": push["after"][:36],
            "X-Hub-Signature-256": f"sha256={signature}",
        },
    )
    with urlopen(request, timeout=10) as answer:
        return int(answer.status)


def answers(address: str) -> bool:
    """Whether the web server is there."""
    try:
        return bool(urlopen(f"{address}/healthz", timeout=1).status == 200)
    except OSError:
        return False


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


def sign_in(browser: Browser, address: str) -> Page:
    """Sign in as Ada; the page is then the overview of the only repository."""
    page = browser.new_page()
    page.goto(address)
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/repositories/shop/")
    return page


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
    figure, chart = page.locator(".verdict-figure"), page.locator("#trend figure")
    expect(figure).to_have_text("20.0%")
    expect(chart).to_have_attribute("data-points", "1")
    page.evaluate("window.same = true")

    push = team.push("Give two parts their factory", {f"shop/part_{number}.py": NEW for number in range(2)})
    began = time.monotonic()
    assert hook(address, repository, push) == 202
    assert time.monotonic() - began < 1
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
    assert seconds < 5
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
