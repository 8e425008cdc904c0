"""Turns the story into the snapshots and tags that the writer takes."""

from collections.abc import Iterable

from compliance.demo.changes import Files
from compliance.demo.modules import Page, package_pages
from compliance.demo.story import Chapter
from compliance.demo.writer import Snapshot, Tag


def tell(chapters: Iterable[Chapter]) -> tuple[list[Snapshot], list[Tag]]:
    """Every commit with its whole tree, oldest first.

    A side line starts at the commit of `main` before its first chapter; a merge takes the tree of `main` and
    makes the side line's changes again on top of it.
    """
    press = Press()
    snapshots: list[Snapshot] = []
    tags: list[Tag] = []
    heads: dict[str, str] = {}
    states: dict[str, Files] = {"": {}}
    side_changes: dict[str, list[Chapter]] = {}
    for number, chapter in enumerate(chapters, start=1):
        line = chapter.branch
        if line and line not in heads:
            heads[line], states[line] = heads[""], states[""]
        if line:
            side_changes.setdefault(line, []).append(chapter)
        files = states[line]
        for told in (*side_changes.get(chapter.merges, ()), chapter):
            for change in told.changes:
                files = change(files)
        parents = [heads[line]] if line in heads else []
        if chapter.merges:
            parents.append(heads[chapter.merges])
        name = f"{number:02d}"
        snapshots.append(_snapshot(name, chapter, files, parents, press))
        heads[line], states[line] = name, files
        if chapter.tag:
            tags.append(
                Tag(chapter.tag, name, chapter.author.person, chapter.author.at(chapter.at), chapter.subject)
            )
    return snapshots, tags


class Press:
    """Sets each page once: a page that did not change between two commits is the same object."""

    def __init__(self) -> None:
        self._set: dict[int, tuple[Page, str]] = {}

    def text(self, page: Page) -> str:
        """The page's text. The page is kept too, so that its id stays its own."""
        if id(page) not in self._set:
            self._set[id(page)] = (page, page.text)
        return self._set[id(page)][1]


def _snapshot(name: str, chapter: Chapter, files: Files, parents: list[str], press: Press) -> Snapshot:
    packages = package_pages([path for path in files if path.endswith(".py")])
    tree = {path: page.text for path, page in packages.items()}
    tree |= {path: press.text(page) for path, page in files.items()}
    message = chapter.subject + (f"\n\n{chapter.body}" if chapter.body else "") + "\n"
    return Snapshot(name, chapter.author.person, chapter.author.at(chapter.at), message, tree, parents)
