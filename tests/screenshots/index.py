"""The index of the pictures, and the few of them that README.md and docs/ show."""

import re
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from pathlib import Path

from django.conf import settings

from tests.screenshots.pages import Shot

ALL: Path = settings.BASE_DIR / "build" / "screenshots"
"""Every picture and the index; git ignores this folder."""
KEPT: Path = settings.BASE_DIR / "docs" / "screenshots"
"""The pictures that README.md and docs/ show; git keeps these."""

HEAD = """<!DOCTYPE html>
<meta charset="utf-8">
<title>Pictures of every page</title>
<style>
  body { font: 15px system-ui, sans-serif; margin: 2rem; }
  section { display: flex; flex-wrap: wrap; gap: 1rem; align-items: start; margin-bottom: 2rem; }
  img { width: 220px; max-height: 320px; object-fit: cover; object-position: top; border: 1px solid #8884; }
  figure { margin: 0; }
</style>
<h1>Pictures of every page</h1>
"""


def shown() -> set[str]:
    """Return the names of the pictures that README.md and docs/ show."""
    texts = [settings.BASE_DIR / "README.md", *(settings.BASE_DIR / "docs").rglob("*.md")]
    return {name for path in texts for name in re.findall(r"\bscreenshots/([\w-]+)\.png\b", path.read_text())}


def write_index(folder: Path, shots: Mapping[str, Shot], shapes: Iterable[str]) -> Path:
    """Write the index of the pictures in a folder, and return its path."""
    path = folder / "index.html"
    path.write_text(HEAD + "\n".join(_sections(folder, shots, tuple(shapes))) + "\n")
    return path


def _sections(folder: Path, shots: Mapping[str, Shot], shapes: tuple[str, ...]) -> Iterator[str]:
    for name, shot in shots.items():
        yield f"<h2>{escape(shot.caption)} <small>{escape(shot.name)}</small></h2>\n<section>"
        for shape in shapes:
            file = f"{name}-{shape}.png"
            if (folder / file).exists():
                picture = f'<img src="{file}" alt="" loading="lazy">'
                yield f'<figure><a href="{file}">{picture}</a><figcaption>{shape}</figcaption></figure>'
        yield "</section>"
