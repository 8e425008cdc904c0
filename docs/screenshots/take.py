"""Takes the pictures in this folder from the running demonstration: `make up` in one window, then this.

Every page in the light and the dark theme at 1440 pixels and narrow at 390; long lists are cut. What the
demonstration lacks, such as a claim, a waiver and a note, is added through the pages first, once.
"""

import os
import shutil
import sys
from pathlib import Path
from urllib.parse import quote

import django
from playwright.sync_api import Browser, Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's event loop runs in this thread
django.setup()

from django.conf import settings  # noqa: E402 - Django is ready from here on
from django.contrib.auth import SESSION_KEY, get_user_model  # noqa: E402
from django.db import OperationalError  # noqa: E402
from django.test import Client  # noqa: E402

from compliance.models import (  # noqa: E402
    Change,
    Claim,
    File,
    Marker,
    PlanDraft,
    PublicLink,
    Repository,
    Violation,
    Waiver,
)

HERE = Path(__file__).resolve().parent
TALLEST = {"overview": 2200, "file": 2200}
TALL = 1100
SHAPES = {"light": (1440, "light"), "dark": (1440, "dark"), "narrow": (390, "light")}

LIGHT_ALONE = {
    *("activity", "people", "marks", "my-work", "waivers", "tokens", "share", "home", "violations"),
    *("issue", "issues", "plan", "public", "overview-risks", "phase-open"),
}
"""Pages whose dark picture goes to `dark/`, to be looked at and not kept: the repository stays small."""


def addresses(repository: Repository) -> dict[str, str]:
    """Page -> address, each with something to see on it."""
    at = f"/repositories/{repository.slug}/"
    moved = Change.objects.filter(commit__repository=repository, kind=Change.Kind.MOVED).order_by("-commit")
    broken = Change.objects.filter(commit__repository=repository, regression=True).order_by("-commit")
    fixed = Violation.objects.filter(plan=repository.plan_id, last__isnull=False, file__violations__gt=0)
    shown = fixed.order_by("-file__violations", "file").first()
    pages = {
        "home": "/?all=1",
        "overview": at,
        "overview-violations": f"{at}?measure=violations&range=90d",
        "overview-risks": f"{at}?measure=violations&by=risk",
        "overview-phases": f"{at}?measure=violations&by=phase",
        "violations": f"{at}violations/?category=production",
        "marks": f"{at}marks/",
        "files": f"{at}files/?category=production&violating=yes&sort=risk",
        "files-search": f"{at}files/?path={quote('**/agents/**')}&violating=yes",
        "commits": f"{at}commits/?effect=yes",
        "phases": f"{at}phases/",
        "phase": f"{at}phases/consumers-week-2/",
        "phase-open": f"{at}phases/validation/",
        "issues": f"{at}issues/",
        "issue": f"{at}issues/{quote('#1102')}/",
        "tokens": f"{at}settings/tokens/",
        "scans": f"{at}scans/",
        "settings": f"{at}settings/",
        "share": f"{at}share/",
        "my-work": f"{at}my-work/",
        "waivers": f"{at}waivers/",
        "plan": f"{at}plan/",
        "people": "/people/",
        "activity": "/activity/",
        "not-found": f"{at}nothing/",
    }
    if made := PlanDraft.objects.filter(repository=repository).order_by("pk").last():
        pages["plan-compare"] = (
            f"{at}plan/compare/?from={made.base.number if made.base else 1}&draft={made.pk}"
        )
    if link := PublicLink.objects.filter(repository=repository, revoked_at=None).order_by("pk").last():
        pages["public"] = f"/shared/{link.key}/"
    if shown:
        pages["file"] = f"{at}files/{shown.file_id}/"
    for name, changes in (("commit", broken), ("commit-moved", moved)):
        first = changes.select_related("commit").first()
        if first:
            pages[name] = f"{at}commits/{first.commit.sha}/"
    return pages


def signed_in() -> Client:
    """A client with a session of the first administrator."""
    client = Client(headers={"host": f"{settings.BIND}:{settings.PORT}"})
    person = get_user_model().objects.filter(is_superuser=True).order_by("pk").first()
    if person is None:
        sys.exit("Nobody can sign in yet: run `make up` first.")
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    if SESSION_KEY not in client.session:
        sys.exit("The administrator cannot sign in.")
    return client


def furnish(client: Client, repository: Repository) -> None:
    """Add, through the pages, what they would be empty without; what is there already stays alone."""
    at = f"/repositories/{repository.slug}/"
    files = File.objects.filter(repository=repository, violations__gt=0).order_by("-violations", "pk")
    if not Claim.objects.filter(file__repository=repository).exists():
        note = "The registry first, then those that ask it."
        client.post(f"{at}claims/", {"file": [file.pk for file in files[:3]], "note": note})
    if not Waiver.objects.filter(repository=repository).exists():
        standing = Violation.objects.filter(plan=repository.plan_id, last=None, suppressed=False)
        last = standing.filter(file__violations__gt=0).order_by("file__violations", "pk").first()
        if last:
            reason = "Goes with the old endpoint, which is switched off next quarter."
            client.post(f"{at}waivers/", {"violation": last.pk, "reason": reason})
    if not Marker.objects.filter(repository=repository, kind=Marker.Kind.NOTE).exists():
        client.post(f"{at}marks/", {"text": "Two more engineers join the migration."})
    if not PublicLink.objects.filter(repository=repository, revoked_at=None).exists():
        client.post(f"{at}share/links/", {"name": "Board, quarterly review"})
    if repository.plan and not PlanDraft.objects.filter(repository=repository).exists():
        text = repository.plan.text.replace("target_percent: 95.0", "target_percent: 97.5")
        client.post(f"{at}plan/preview/", {"text": text})


def picture(page: Page, server: str, address: str, target: Path) -> None:
    """One page, once its charts are drawn, cut where it gets too long to look at."""
    page.goto(server + address)
    expect(page.locator("figure[data-chart]:not([data-points])")).to_have_count(0)
    page.wait_for_timeout(150)
    size = page.viewport_size or {"width": 1440, "height": 900}
    tallest = TALLEST.get(target.stem.partition("-")[0], TALL)
    height = min(tallest, page.evaluate("document.documentElement.scrollHeight"))
    page.screenshot(
        path=target,
        full_page=True,
        clip={"x": 0, "y": 0, "width": size["width"], "height": max(height, size["height"])},
    )


def take(browser: Browser, server: str, cookie: str, pages: dict[str, str]) -> None:
    """Every page in every shape, and the page for signing in."""
    for shape, (width, theme) in SHAPES.items():
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,  # type: ignore[arg-type]
            timezone_id="UTC",
        )
        picture(context.new_page(), server, "/sign-in/", HERE / f"sign-in-{shape}.png")
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server}])
        page = context.new_page()
        for name, address in pages.items():
            aside = shape == "dark" and name in LIGHT_ALONE
            picture(page, server, address, HERE / ("dark" if aside else "") / f"{name}-{shape}.png")
        context.close()


def main() -> None:
    """Take them all."""
    try:
        repository = Repository.objects.exclude(head=None).order_by("pk").first()
    except OperationalError:
        sys.exit("Nothing runs here: start `make up` in another window first.")
    if repository is None:
        sys.exit("Nothing is recorded yet: run `make up` and wait until it says that it is ready.")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is missing. Debian: apt-get install chromium; or set CHROMIUM.")
    client = signed_in()
    furnish(client, repository)
    pages = addresses(repository)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    with sync_playwright() as playwright:
        flags = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        take(browser, f"http://{settings.BIND}:{settings.PORT}", cookie, pages)
        browser.close()
    print(f"{len(SHAPES) * (len(pages) + 1)} pictures in {HERE}")  # noqa: T201 - a script's own word


if __name__ == "__main__":
    main()
