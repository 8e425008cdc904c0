"""Takes every page of the demonstration as a picture: `make screenshots`.

Starts everything in a new data folder of its own, adds what the demonstration lacks, takes each page
light and dark at 1440 and 390 pixels, ends every key that is seen, and lists them in docs/screenshots.md.
"""

import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "compliance.settings")
PLACE = Path(tempfile.gettempdir()) / "ssot-compliance-pictures"
os.environ["DATA_DIR"] = str(PLACE)
if "--running" not in sys.argv and PLACE.exists():  # each run begins with nothing
    if PLACE.lstat().st_uid != os.getuid():
        sys.exit(f"{PLACE} belongs to somebody else: it must go first.")
    shutil.rmtree((PLACE / "postgres").resolve(), ignore_errors=True)
    shutil.rmtree(PLACE)
os.environ.setdefault("PORT", "8125")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's event loop runs in this thread
PLACE.mkdir(mode=0o700, exist_ok=True)

import django  # noqa: E402 - the environment is ready from here on

django.setup()

import furnish  # noqa: E402
import numpy as np  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402
from listing import forgotten, write  # noqa: E402
from pages import Shot, shots  # noqa: E402
from PIL import Image  # noqa: E402
from playwright.sync_api import Browser, BrowserContext, ViewportSize, expect, sync_playwright  # noqa: E402

from compliance.models import Repository  # noqa: E402

SHAPES = {
    "light": (1440, "light"),
    "dark": (1440, "dark"),
    "narrow": (390, "light"),
    "narrow-dark": (390, "dark"),
}
PAPER: ViewportSize = {"width": 726, "height": 1055}
"""A4 within its margins of 9 mm, in pixels of 1/96 inch."""


@contextmanager
def served(running: bool) -> Iterator[str]:
    """The address of the product with the demonstration in it, started here unless it runs."""
    address = f"http://{settings.BIND}:{settings.PORT}"
    if running:
        yield address
        return
    command = [sys.executable, str(ROOT / "manage.py"), "up", "--port", str(settings.PORT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as up:
        told = []
        for line in up.stdout or ():
            told.append(line)
            if line.startswith("Ready"):
                break
        else:
            sys.exit("The product did not start:\n" + "".join(told[-5:]))
        try:
            yield address
        finally:
            up.send_signal(signal.SIGINT)
            up.communicate()


def session_of(person: User) -> str:
    """The cookie of somebody who is signed in."""
    client = client_of(person)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def client_of(person: User) -> Client:
    """Somebody signed in, without a browser."""
    client = Client(headers={"host": f"{settings.BIND}:{settings.PORT}"})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def picture(context: BrowserContext, server: str, shot: Shot, target: Path) -> None:
    """One page, once its charts are drawn and its parts are there, cut where it gets too long to look at."""
    page = context.new_page()
    answer = page.goto(server + shot.address)
    if answer is None or answer.status >= 500:
        sys.exit(f"{shot.address} answers with an error.")
    if shot.act:
        shot.act(page)
    expect(page.locator("figure[data-chart]:not([data-points])")).to_have_count(0)
    expect(page.locator("#patch[hx-get]")).to_have_count(0, timeout=60_000)
    if shot.paper:
        page.set_viewport_size(PAPER)
        page.emulate_media(media="print", color_scheme="light")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(150)
    size = page.viewport_size or {"width": 1440, "height": 900}
    height = min(shot.height, page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
    taken = page.screenshot()
    page.close()
    _reduced(Image.open(io.BytesIO(taken)).convert("RGB")).save(target, optimize=True)


def _reduced(drawn: Image.Image) -> Image.Image:
    """In 256 colours, a third of the bytes: the 160 most frequent and those that are farthest from them."""
    pixels = np.asarray(drawn).astype(np.int64) @ (1 << 16, 1 << 8, 1)
    found, places, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    colours = np.stack([found >> 16, found >> 8 & 255, found & 255], axis=1)
    chosen = colours[np.argsort(-counts)[:160]]
    far = np.min(((colours[:, None] - chosen) ** 2).sum(axis=2), axis=1)
    while len(chosen) < 256 and (weight := far * counts**0.5).max():  # the colour of a small dot counts, too
        chosen = np.vstack([chosen, colours[weight.argmax()]])
        far = np.minimum(far, ((colours - chosen[-1]) ** 2).sum(axis=1))
    nearest = ((colours[:, None] - chosen) ** 2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    few = Image.fromarray(nearest[places].reshape(pixels.shape), "P")
    few.putpalette(chosen.flatten().tolist())
    return few


def take(browser: Browser, server: str, wanted: dict[str, Shot], cookies: dict[str, str], into: Path) -> int:
    """Every page in every shape; how many pictures there are."""
    count = 0
    for shape, (width, theme) in SHAPES.items():
        for who in sorted({shot.who for shot in wanted.values()}):
            context = browser.new_context(
                viewport={"width": width, "height": 900},
                color_scheme=theme,  # type: ignore[arg-type]
                timezone_id="UTC",
                locale="en-GB",
            )
            if who in cookies:
                name = settings.SESSION_COOKIE_NAME
                context.add_cookies([{"name": name, "value": cookies[who], "url": server}])
            for name, shot in wanted.items():
                if shot.who == who and (shape == "light" or not shot.paper):
                    picture(context, server, shot, into / f"{name}-{shape}.png")
                    count += 1
            context.close()
    return count


def main() -> None:
    """Take them all, or those that are named."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="pictures to take; left out, all")
    parser.add_argument(
        "--running", action="store_true", help="take what runs already in that folder at PORT"
    )
    parser.add_argument("--into", type=Path, default=HERE, help="folder for the pictures")
    said = parser.parse_args()
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is missing. Debian: apt-get install chromium; or set CHROMIUM.")
    with served(said.running) as server:
        administrator = get_user_model().objects.filter(is_superuser=True).order_by("pk")[0]
        client = client_of(administrator)
        repository = Repository.objects.select_related("plan").get(slug="demonstration")
        furnish.cast()
        furnish.work(client, administrator, repository)
        furnish.told(client, repository)
        furnish.others(repository)
        furnish.settled(repository)
        wanted = shots(repository, furnish.invited(administrator), furnish.forgotten())
        if missing := forgotten(wanted.values()):
            sys.exit(f"No picture shows {', '.join(missing)}: add it to docs/screenshots/pages.py.")
        if said.names:
            wanted = {name: wanted[name] for name in said.names}
        viewer = session_of(User.objects.get(username="vera.novak"))
        cookies = {"admin": session_of(administrator), "viewer": viewer}
        with sync_playwright() as playwright:
            flags = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=chromium, args=flags)
            count = take(browser, server, wanted, cookies, said.into)
            browser.close()
        furnish.end_keys()
    if not said.names and said.into == HERE:
        write(wanted, SHAPES)
    print(f"{count} pictures in {said.into}")  # noqa: T201 - a script's own word


if __name__ == "__main__":
    main()
