"""The verbs of the story: each takes the files of one moment and gives those of the next."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from compliance.demo.modules import Page
from compliance.demo.world import world

Files = dict[str, Page]
Change = Callable[[Files], Files]


class StaleStoryError(ValueError):
    """A verb of the story found nothing to do, so the story and the modules have drifted apart."""


@dataclass(frozen=True, slots=True)
class Add:
    """Bring in the pages of the world whose area fits one pattern and none of `but`."""

    areas: tuple[str, ...]
    but: tuple[str, ...] = ()

    def __call__(self, files: Files) -> Files:
        """Raises StaleStoryError."""
        added = {
            path: page
            for path, page in world().items()
            if path not in files and _fits(page.area, self.areas) and not _fits(page.area, self.but)
        }
        return _checked(files, files | added, self)


@dataclass(frozen=True, slots=True)
class Strip:
    """Leave one shape out of every file, as if nobody had thought of it yet."""

    shape: str

    def __call__(self, files: Files) -> Files:
        """Raises StaleStoryError."""
        bare = {
            path: replace(page, shapes=tuple(shape for shape in page.shapes if shape != self.shape))
            for path, page in files.items()
        }
        return _checked(files, bare, self)


@dataclass(frozen=True, slots=True)
class Grow:
    """Write one shape into every file of the world that has it."""

    shape: str

    def __call__(self, files: Files) -> Files:
        """Raises StaleStoryError."""
        grown = {
            path: replace(page, shapes=world()[path].shapes)
            for path, page in files.items()
            if path in world() and self.shape in world()[path].shapes
        }
        return _checked(files, files | grown, self)


@dataclass(frozen=True, slots=True)
class Modernise:
    """Rewrite old shapes: in the areas given (`domain/layer`, with `*`), all shapes or only those named."""

    areas: tuple[str, ...]
    shapes: tuple[str, ...] = ()
    most: int | None = None

    def __call__(self, files: Files) -> Files:
        """Raises StaleStoryError."""
        chosen = [path for path in sorted(files) if self._takes(files[path])][: self.most]
        changed = {path: files[path].modernised(*self.shapes) for path in chosen}
        return _checked(files, files | changed, self)

    def _takes(self, page: Page) -> bool:
        old = page.old_shapes
        return _fits(page.area, self.areas) and bool(set(old) & set(self.shapes) if self.shapes else old)


@dataclass(frozen=True, slots=True)
class MigrateTests:
    """Rewrite consumers in tests: those whose area (folder and scenarios) fits one of the patterns."""

    areas: tuple[str, ...]
    most: int | None = None

    def __call__(self, files: Files) -> Files:
        """Raises StaleStoryError."""
        old = [
            path
            for path in sorted(files)
            if "old" in files[path].flags and _fits(files[path].area, self.areas)
        ]
        changed = {path: replace(files[path], flags=files[path].flags - {"old"}) for path in old[: self.most]}
        return _checked(files, files | changed, self)


@dataclass(frozen=True, slots=True)
class Flags:
    """Change how one hand-written file does things."""

    path: str
    drop: tuple[str, ...] = ()
    take: tuple[str, ...] = ()

    def __call__(self, files: Files) -> Files:
        """Raises StaleStoryError."""
        page = files[self.path]
        changed = replace(page, flags=page.flags - set(self.drop) | set(self.take))
        return _checked(files, files | {self.path: changed}, self)


@dataclass(frozen=True, slots=True)
class Rename:
    """Move one file; its content stays."""

    before: str
    after: str

    def __call__(self, files: Files) -> Files:
        """Raises KeyError where there is no such file."""
        moved = dict(files)
        moved[self.after] = moved.pop(self.before)
        return moved


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace a passage of one file; an edit that is undone by its opposite leaves no trace."""

    path: str
    before: str
    after: str

    def __call__(self, files: Files) -> Files:
        """Raises KeyError where there is no such file, and ValueError where the passage is not in it."""
        page = files[self.path]
        undone = tuple(edit for edit in page.edits if edit != (self.after, self.before))
        edits = undone if undone != page.edits else (*page.edits, (self.before, self.after))
        changed = replace(page, edits=edits)
        return _checked(files, files | {self.path: changed}, self)


@dataclass(frozen=True, slots=True)
class Write:
    """Write a text file as it is, new or over the old one."""

    path: str
    text: str

    def __call__(self, files: Files) -> Files:
        """Raises StaleStoryError."""
        page = Page(self.text.replace("$", "$$"), area="text")
        return _checked(files, files | {self.path: page}, self)


def _fits(text: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)


def _checked(before: Files, after: Files, change: object) -> Files:
    if before == after:
        raise StaleStoryError(f"nothing to do for {change!r}")
    return after
