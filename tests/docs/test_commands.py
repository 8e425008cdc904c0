"""The commands of the documentation, run as a reader runs them."""

import re
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest

from tests.docs.fences import PAGES, PROJECT, Block, blocks
from tests.docs.walk import Walk
from tests.processes import wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

TUTORIAL = PROJECT / "docs" / "tutorial.md"
EXAMPLE = ("1. A repository with something to migrate", "2. The plan")
"""The sections of the tutorial that create `~/shop`, which other pages use."""


def commands(page: Path) -> list[Block]:
    return [block for block in blocks(page) if block.language == "sh" and block.kind != "not run"]


OTHERS = [page for page in PAGES if page != TUTORIAL and commands(page)]


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    with Walk(tmp_path) as begun:
        yield begun


@pytest.mark.parametrize("document", OTHERS, ids=lambda document: str(document.name))
def test_the_commands_of_a_page_run(walk: Walk, document: Path) -> None:
    for block in commands(TUTORIAL):
        if block.section in EXAMPLE:
            walk.run(block)
    for block in commands(document):
        walk.run(block)


def test_the_tutorial_leads_to_a_finished_migration(walk: Walk) -> None:
    printed = {(block.section, block.line): walk.run(block) for block in commands(TUTORIAL)}
    texts = list(printed.values())

    scans = [text for text in texts if "40.0%" in text or "100.0%" in text]
    assert len(scans) == 2, texts
    assert any("The check fails with exit code 1" in text and "invoices.py" in text for text in texts)
    browser = sign_in(walk)
    address = f"http://127.0.0.1:{walk.port}/repositories/shop/"
    wait(lambda: re.search(r"<title>[^<]*\b100\.0%", read(browser, address)), 300)


def sign_in(walk: Walk) -> OpenerDirector:
    """Sign in as the page says: with the password that the first start printed."""
    (password,) = re.findall(r"Sign in as admin with the password (\S+)", walk.printed)
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    address = f"http://127.0.0.1:{walk.port}/sign-in/"
    (token,) = set(re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', read(browser, address)))
    form = {"csrfmiddlewaretoken": token, "username": "admin", "password": password}
    browser.addheaders = [("Referer", address)]
    with browser.open(address, urlencode(form).encode(), timeout=30) as answer:
        assert "/sign-in" not in answer.url, answer.read().decode()
    return browser


def read(browser: OpenerDirector, address: str) -> str:
    with browser.open(address, timeout=30) as answer:
        return str(answer.read().decode())
