"""docs/screenshots.md shows every page of docs/permissions.md, and every picture that it names is there."""

import re
from collections.abc import Iterator

from django.conf import settings

from tests.views.permissions import rules

DOCS = settings.BASE_DIR / "docs"
TEXT = (DOCS / "screenshots.md").read_text()
SHAPES = {"light", "dark", "narrow", "narrow-dark"}


def rows() -> Iterator[tuple[str, list[str]]]:
    """The name of each page that is shown, and its pictures."""
    for line in TEXT.partition("<!-- pictures -->")[2].splitlines():
        found = re.findall(r"\]\((screenshots/[\w-]+\.png)\)", line)
        name = re.match(r"\| `([\w-]+)` \|", line)
        if found:
            yield name[1] if name else "", found


def test_every_page_has_a_picture() -> None:
    told = re.findall(r"^No pages?[^:]*: (.*)$", TEXT, re.MULTILINE)
    none = set(re.findall(r"`([\w-]+)`", " ".join(told)))
    read = [rule for rule in rules() if rule.method == "GET" and not rule.address.startswith("/api/")]
    pages = {rule.name for rule in read if not rule.name.endswith("-csv")}

    assert none <= pages, "docs/screenshots.md leaves out what is not there."
    assert sorted(pages - none - {name for name, _ in rows()}) == [], "Add it to docs/screenshots/pages.py."


def test_every_picture_is_listed_and_there() -> None:
    listed = {path for _, found in rows() for path in found}
    there = {str(path.relative_to(DOCS)) for path in (DOCS / "screenshots").glob("*.png")}

    assert listed == there


def test_every_page_was_taken_light_and_dark_wide_and_narrow() -> None:
    for name, found in rows():
        shapes = {re.sub(r".*?-(light|dark|narrow|narrow-dark)\.png$", r"\1", path) for path in found}
        assert shapes in (SHAPES, {"light"} if "printed" in found[0] else SHAPES), name


def test_the_folder_stays_small() -> None:
    assert sum(path.stat().st_size for path in (DOCS / "screenshots").glob("*.png")) < 8_500_000
