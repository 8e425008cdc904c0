"""One run: start the product, add data, take the pictures, write their index."""

import os
import shutil
import signal
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import sync_playwright

from compliance.models import Repository
from tests.screenshots import index, pages, sample_data
from tests.screenshots.camera import SHAPES, Camera, reduce_colours

HOST = "compliance.example.org"
"""The host name that pages show; the browser resolves it to this machine."""


def main() -> None:
    """Take all pictures, or those that are named."""
    parser = ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("names", nargs="*", help="pages to take; all if left out")
    parser.add_argument("--keep", action="store_true", help="also refresh docs/screenshots")
    options = parser.parse_args()
    shots = pages.shots(pages.Targets())
    if unknown := set(options.names) - set(shots):
        parser.error(f"no page is called {', '.join(sorted(unknown))}; choose from {', '.join(shots)}")
    if missing := pages.unvisited(shots.values()):
        sys.exit(f"No picture shows {', '.join(missing)}: add it to tests/screenshots/pages.py.")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is missing. Debian: apt-get install chromium; or set CHROMIUM.")
    with running_product():
        count = take(chromium, options.names)
    if options.keep:
        keep()
    print(f"{count} pictures: {index.ALL / 'index.html'}")


def take(chromium: str, names: list[str]) -> int:
    """Add the sample data, take the pictures and write their index; return how many pictures were taken."""
    administrator = User.objects.filter(is_superuser=True).order_by("pk")[0]
    client = signed_in(administrator)
    repository = Repository.objects.select_related("plan").get(slug="demonstration")
    targets = sample_data.add_all(client, administrator, repository)
    shots = pages.shots(targets)
    viewer = signed_in(User.objects.get(username=sample_data.VIEWER))
    cookie = settings.SESSION_COOKIE_NAME
    sessions = {"admin": client.cookies[cookie].value, "viewer": viewer.cookies[cookie].value}
    flags = [f"--host-resolver-rules=MAP {HOST}:80 {settings.BIND}:{settings.PORT}"]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []
    if not names:
        shutil.rmtree(index.ALL, ignore_errors=True)
    index.ALL.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=flags)
        chosen = {name: shot for name, shot in shots.items() if name in names or not names}
        count = Camera(browser, f"http://{HOST}", sessions).take(chosen, index.ALL)
        browser.close()
    index.write_index(index.ALL, shots, SHAPES)
    return count


def keep() -> None:
    """Copy the pictures that README.md and docs/ show to docs/screenshots, in fewer colours."""
    for name in sorted(index.shown()):
        source = index.ALL / f"{name}.png"
        if source.exists():
            reduce_colours(source).save(index.KEPT / source.name, optimize=True)


def signed_in(person: User) -> Client:
    """Return a client that is signed in as somebody, without a browser."""
    client = Client(headers={"host": HOST})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@contextmanager
def running_product() -> Iterator[None]:
    """Run `manage.py up` with the demonstration until the block ends."""
    command = [sys.executable, "manage.py", "up", "--port", str(settings.PORT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=settings.BASE_DIR) as up:
        printed = []
        for line in up.stdout or ():
            printed.append(line)
            if line.startswith("Ready"):
                break
        else:
            sys.exit("The product did not start:\n" + "".join(printed[-5:]))
        try:
            yield
        finally:
            up.send_signal(signal.SIGINT)
            up.communicate()
