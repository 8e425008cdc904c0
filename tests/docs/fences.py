"""The fenced blocks of the documentation, and how each `sh` block is run.

A comment before a block says that it isn't run and why, or that it runs until it is stopped and which words
it prints once it is ready:

    <!-- not run: it changes the machine -->
    <!-- runs until stopped: Ready: -->
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PAGES = [
    *(PROJECT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")),
    *sorted((PROJECT / "docs").rglob("*.md")),
]

_FENCE = re.compile(r"^(?P<mark>`{3,})(?P<language>\S*)$")
_COMMENT = re.compile(r"^<!-- (not run|runs until stopped): (.+) -->$")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `kind` and `words` are from the comment before it; both are empty if there is none."""

    page: Path
    line: int
    section: str
    language: str
    text: str
    kind: str = ""
    words: str = ""

    @property
    def name(self) -> str:
        """Return where the block is, for messages."""
        return f"{self.page.relative_to(PROJECT)}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """Yield the fenced blocks of a page in their order."""
    lines = iter(enumerate(page.read_text().splitlines(), 1))
    before, section = "", ""
    for number, line in lines:
        if line.startswith("## "):
            section = line.removeprefix("## ")
        opened = _FENCE.match(line)
        if opened:
            text: list[str] = []
            for _, inner in lines:
                if inner == opened["mark"]:
                    break
                text.append(inner)
            comment = _COMMENT.match(before)
            kind, words = comment.groups() if comment else ("", "")
            yield Block(page, number, section, opened["language"], "\n".join(text) + "\n", kind, words)
        before = line


def all_blocks() -> list[Block]:
    """Return the blocks of all pages."""
    return [block for page in PAGES for block in blocks(page)]
