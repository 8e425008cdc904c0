"""The site of docs/: it builds strictly, reads like the pages on a forge, and needs no other host."""

import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Page, Request

from tests.docs.fences import PROJECT

pytestmark = pytest.mark.slow

# What both readings of a page must have in common.
TAGS = ("h1", "h2", "h3", "h4", "ul", "ol", "li", "table", "tr", "pre", "img", "strong", "em", "blockquote")


class Elements(HTMLParser):
    """Counts the elements of the article, without what the theme adds to it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        del attributes
        if tag in TAGS:
            self.found[tag] += 1


def build(source: Path, target: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(target)]
    return subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = build(PROJECT, folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Print nothing."""


def test_every_page_is_there(site: Path) -> None:
    for page in (PROJECT / "docs").rglob("*.md"):
        name = page.relative_to(PROJECT / "docs")
        target = name.parent / "index.html" if name.name == "README.md" else name.with_suffix(".html")
        assert (site / target).is_file(), target
    assert (site / "project" / "SECURITY.html").is_file()
    assert (site / "files" / "deploy" / "compose.yaml.html").is_file()
    assert not list(site.rglob("*.py"))


def test_broken_links_and_anchors_and_pages_outside_of_the_menu_are_errors(tmp_path: Path) -> None:
    subprocess.run(
        ["cp", "-r", "docs", "mkdocs.yml", "deploy", "bench", str(tmp_path)], cwd=PROJECT, check=True
    )
    for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "action.yml", ".pre-commit-hooks.yaml"):
        (tmp_path / name).write_text("# A page\n")
    page = tmp_path / "docs" / "people.md"
    broken = ("gone.md", "deployment.md#gone", "screenshots/gone.png", "../gone.txt", "#gone")
    page.write_text(page.read_text() + "".join(f"\n[gone]({target})\n" for target in broken))
    (tmp_path / "docs" / "lonely.md").write_text("# A page that the menu lacks\n")

    done = build(tmp_path, tmp_path / "site")

    assert done.returncode != 0
    for words in ("gone.md", "#gone", "gone.png", "gone.txt"):
        assert re.search(rf"people\.md.*{re.escape(words)}", done.stderr), (words, done.stderr)
    assert "lonely.md" in done.stderr


@pytest.mark.parametrize(
    "document",
    sorted((PROJECT / "docs").rglob("*.md")),
    ids=lambda document: str(document.relative_to(PROJECT)),
)
def test_a_page_reads_alike_on_a_forge(site: Path, document: Path) -> None:
    name = document.relative_to(PROJECT / "docs")
    target = name.parent / "index.html" if name.name == "README.md" else name.with_suffix(".html")
    article = (site / target).read_text().partition('<article class="md-content__inner md-typeset">')[2]
    article = re.sub(r'<a class="headerlink".*?</a>', "", article.partition("</article>")[0])
    forge = MarkdownIt("commonmark").enable("table").render(document.read_text())
    assert Elements(article).found == Elements(forge).found


@pytest.mark.parametrize("width", [390, 1440])
def test_pages_load_nothing_from_other_hosts_and_are_not_wider_than_the_window(
    page: Page, address: str, site: Path, width: int
) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.set_viewport_size({"width": width, "height": 900})
    for name in ("index.html", "tutorial.html", "api-operations.html", "monitoring/index.html"):
        page.goto(f"{address}/{name}")
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    assert {url for url in asked if not url.startswith((f"{address}/", "data:"))} == set()


def test_the_search_finds_a_setting(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{address}/index.html")
    page.get_by_role("textbox", name="Search").fill("POLL_CONCURRENCY")
    page.locator(".md-search-result__link", has_text="Configuration").first.wait_for()
