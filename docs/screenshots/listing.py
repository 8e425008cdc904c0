"""The list of pictures in docs/screenshots.md, and whether a page has none."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from pages import Shot

HERE = Path(__file__).resolve().parent
LISTING = HERE.with_name("screenshots.md")
PERMISSIONS = HERE.with_name("permissions.md")
BEGIN, END = "<!-- pictures -->", "<!-- end of pictures -->"


def forgotten(shots: Iterable[Shot]) -> list[str]:
    """The pages of docs/permissions.md that no picture shows, unless docs/screenshots.md says why."""
    lines = re.findall(r"^\| GET \| `([\w-]+)` \| `(?!/api/)(\S+)` \|", PERMISSIONS.read_text(), re.MULTILINE)
    pages = {name for name, _ in lines if not name.endswith("-csv")}
    told = re.findall(r"^No pages?[^:]*: (.*)$", LISTING.read_text(), re.MULTILINE)
    return sorted(pages - set(re.findall(r"`([\w-]+)`", " ".join(told))) - {shot.name for shot in shots})


def write(shots: dict[str, Shot], shapes: Iterable[str]) -> None:
    """Put the list of what was taken between its two marks; a picture of what is shown no more goes."""
    for path in HERE.glob("*.png"):
        if not any(path.stem == f"{name}-{shape}" for name in shots for shape in shapes):
            path.unlink()
    text = LISTING.read_text()
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    table = "\n".join(_table(shots, tuple(shapes)))
    LISTING.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}")


def _table(shots: dict[str, Shot], shapes: tuple[str, ...]) -> Iterator[str]:
    yield "| Page | What it shows | Pictures |"
    yield "| --- | --- | --- |"
    for name, shot in shots.items():
        made = (shape for shape in shapes if (HERE / f"{name}-{shape}.png").exists())
        links = ", ".join(f"[{shape}](screenshots/{name}-{shape}.png)" for shape in made)
        yield f"| {f'`{shot.name}`' if shot.name else 'none'} | {shot.shows} | {links} |"
