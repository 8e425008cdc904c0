"""A small repository that a team pushes to, its signed webhooks, and Ada's sign-in."""

import hashlib
import hmac
import json
import subprocess
from pathlib import Path
from urllib.request import Request, urlopen

from playwright.sync_api import Browser, Page

from compliance.models import Repository

PASSWORD = "analytical-engine-1843"
RULES = """version: 1
name: Factory of agents
target_percent: 75
rules:
  - id: factory
    kind: deprecated-symbol
    message: One factory shared by all users
    symbols: [shop.factory.get_factory]
    replacement: {symbol: shop.factory.create_factory}
    risk: {definition: critical, call: high, import: medium}
"""
PLAN = f"""{RULES}issues:
  - {{key: "#7", title: Give each request its factory, rules: [factory]}}
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


def sign_in(browser: Browser, address: str) -> Page:
    """Sign in as Ada; the page is then the overview of the only repository."""
    page = browser.new_page()
    page.goto(address)
    page.get_by_label("Name").fill("ada")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/repositories/shop/")
    return page
