"""Generates what docs/ says about code. Each module that has a `PAGE` writes this page, or a table on it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Protocol, cast

DOCS = Path(__file__).resolve().parents[1]


class Writer(Protocol):
    """A module that generates a page. `PAGE` is the page's path in docs/."""

    PAGE: str

    def page(self) -> str:
        """Return the text of the whole page."""


def writers() -> Iterator[Writer]:
    """Yield all writers. Django must have been set up before."""
    for module in iter_modules([str(Path(__file__).parent)]):
        found = import_module(f"{__name__}.{module.name}") if module.name != "__main__" else None
        if hasattr(found, "PAGE"):
            yield cast("Writer", found)


def replace_table(page: str, rows: Sequence[Sequence[str]]) -> str:
    """Return the text of a page with another table in place of the one that has the same header.

    Args:
        page: the page's path in docs/.
        rows: the cells of each row; the first row is the header.

    Raises:
        ValueError: if the page has no such table.
    """
    lines = list(table(rows))
    text = (DOCS / page).read_text()
    old = re.compile(rf"^{re.escape(lines[0])}\n(?:\|.*\n)+", re.MULTILINE)
    if not old.search(text):
        raise ValueError(f"docs/{page} has no table that begins with: {lines[0]}")
    return old.sub(lambda _: "\n".join(lines) + "\n", text, count=1)


def table(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a Markdown table. The first row is the header."""
    header, *others = rows
    yield f"| {' | '.join(header)} |"
    yield f"| {' | '.join('---' for _ in header)} |"
    for row in others:
        yield f"| {' | '.join(_cell(text) for text in row)} |"


def _cell(text: str) -> str:
    """Return text without what would end a cell: line breaks, and bars that aren't escaped yet."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(text.split()))
