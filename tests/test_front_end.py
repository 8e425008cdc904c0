"""The front end: its scripts' own tests pass, and colours and glyphs are described in one place."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from compliance.lib.theme import STYLESHEET, colour, glyphs
from compliance.models import Marker

ROOT = Path(__file__).parents[1]
COLOUR = re.compile(r"""(?<![\w&])\#(?:[0-9a-f]{3}|[0-9a-f]{6})\b(?!-)|\b(?:rgb|hsl)a?\(""", re.IGNORECASE)


def _sources() -> list[Path]:
    """Return every file that may say how something looks, but for the demonstration: "#183" is an issue."""
    files = [
        *(ROOT / "static").rglob("*.css"),
        *(ROOT / "static").rglob("*.js"),
        *(file for file in (ROOT / "templates").rglob("*") if file.is_file()),
        *(ROOT / "compliance").rglob("*.py"),
    ]
    demonstration = ROOT / "compliance" / "management" / "demo"
    return [file for file in files if file != STYLESHEET and demonstration not in file.parents]


def test_the_scripts_own_tests_pass() -> None:
    node = shutil.which("node", path=f"{ROOT / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}")
    assert node, "Node is missing; `make node_modules` installs it."
    files = sorted((ROOT / "tests" / "js").glob("*.test.js"))

    done = subprocess.run([node, "--test", *files], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(files) > 5


def test_a_class_is_laid_out_by_one_stylesheet() -> None:
    """All stylesheets apply to all pages, so a second one would change pages that its author doesn't know."""
    places: dict[str, set[str]] = {}
    for sheet in sorted((ROOT / "static" / "css").glob("*.css")):
        text = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
        for selectors in re.findall(r"^(\.[^{}]*?)\s*\{", text, re.MULTILINE):
            for selector in re.split(r",\s*", selectors):
                if re.fullmatch(r"\.[\w-]+", selector):
                    places.setdefault(selector, set()).add(sheet.name)
    assert ".checks" in places
    assert {name: sheets for name, sheets in places.items() if len(sheets) > 1} == {}


def test_only_the_theme_defines_colours() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {match[0]}"
        for file in _sources()
        for match in COLOUR.finditer(file.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_only_the_theme_defines_glyphs() -> None:
    texts = {file: file.read_text(encoding="utf-8") for file in _sources()}
    for kind, glyph in glyphs().items():
        assert [file for file, text in texts.items() if glyph.path in text] == [], kind


def test_every_kind_of_event_has_a_glyph() -> None:
    assert set(glyphs()) == {*Marker.Kind.values, "regression"}


def test_every_colour_that_a_stylesheet_or_a_script_uses_exists() -> None:
    used = {
        name
        for file in (ROOT / "static").rglob("*.[cj]s*")
        for name in re.findall(r'var\(--([\w-]+)|colour\("([\w-]+)"\)', file.read_text(encoding="utf-8"))
        for name in name
        if name and not name.startswith("tblr-") and name != "tone"
    }
    assert len(used) > 20
    for name in used:
        colour(name)
