"""Decides which folders of this server may be added as repositories on a page: those below the folders in the
setting REPOSITORY_FOLDERS, and none that a link leads out of.
"""

import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import checks

from compliance.lib.restarting import restart_sentence

_LONGEST_LINK = 4096
"""Maximum number of bytes of a file in which git names another folder."""

_MOST_ALTERNATES = 20
"""Maximum number of other object folders that a repository may borrow from, directly or not."""

_MOST_SUGGESTIONS = 50
_MOST_ENTRIES = 2_000


class FolderError(Exception):
    """Raised for a folder that may not be added. The message says why, and `fix` what an administrator can
    do, which names settings that are not for everybody.
    """

    def __init__(self, message: str, fix: str = "") -> None:
        super().__init__(message)
        self.fix = fix


def check_folder(folder: str) -> None:
    """Raise `FolderError` unless a folder, and everything that git would read for it, is below one of
    REPOSITORY_FOLDERS.

    A folder that doesn't exist passes if it would be below one of them, so that git reports it.
    """
    roots = _roots()
    if not roots:
        raise FolderError(
            f"{folder} is a folder of this server, and none may be added on this page yet.",
            _permitting(Path(folder)),
        )
    path = Path(folder)
    real = path.resolve()
    if not _is_below(real, roots):
        leads = "" if str(real) == folder else f" leads to {real}, which"
        raise FolderError(
            f"{folder}{leads} is not below a folder that the setting REPOSITORY_FOLDERS permits, which are "
            f"{', '.join(settings.REPOSITORY_FOLDERS)}.",
            _permitting(real),
        )
    if ".." in path.parts:
        raise FolderError(f"{folder} contains “..”. Give the folder's full path: {real}.")
    for other in _read_folders(real):
        if not _is_below(other, roots):
            raise FolderError(
                f"{folder} refers to {other}, which is not below a folder that the setting "
                "REPOSITORY_FOLDERS permits. Add a clone of its own (git clone --mirror), or permit that "
                "folder, too."
            )


def _permitting(path: Path) -> str:
    """Return how to permit a folder beside those that are permitted."""
    added = path if path.parent == Path(path.root) else path.parent
    permitted = [part for each in settings.REPOSITORY_FOLDERS for part in _parts(each) or [each]]
    return restart_sentence("REPOSITORY_FOLDERS", ",".join(dict.fromkeys((*permitted, str(added)))))


def folder_problems() -> list[str]:
    """Return a sentence for each entry of REPOSITORY_FOLDERS that isn't a folder of this machine."""
    return [words for folder in settings.REPOSITORY_FOLDERS if (words := _problem(folder))]


def _problem(folder: str) -> str:
    named = f"REPOSITORY_FOLDERS has the entry {folder}"
    try:
        if Path(folder).is_dir():
            return (
                "" if os.access(folder, os.R_OK | os.X_OK) else f"{named}, which this product may not read."
            )
        if parts := _parts(folder):
            right = f"REPOSITORY_FOLDERS={','.join(parts)}"
            return f"{named}, which is no folder. Separate folders by commas: {right}."
        if Path(folder).exists():
            return f"{named}, which is a file. Name the folder that contains the repositories."
    except OSError as error:
        return f"{named}, which can't be read: {error.strerror}."
    return f"{named}, which doesn't exist on this machine. Correct it, or create the folder."


def _parts(entry: str) -> list[str]:
    """Return the folders of an entry in which another separator than a comma was used; none of a folder."""
    parts = [part for part in re.split(r"[:; ]+", entry) if part]
    is_list = len(parts) > 1 and all(part.startswith("/") for part in parts)
    return parts if is_list and not Path(entry).is_dir() else []


def suggest() -> list[str]:
    """Return the repositories that are found in the permitted folders, and one level below."""
    found = (str(path) for root in _roots() for path in _candidates(root) if _looks_like_one(path))
    return sorted(dict.fromkeys(islice(found, _MOST_SUGGESTIONS)))


def warn_about_folders(**_: Any) -> list[checks.CheckMessage]:
    """Return a warning for `manage.py check --deploy` for each entry that is no folder of this machine, and
    one if there are any: administrators can then show every repository there.
    """
    if not settings.REPOSITORY_FOLDERS:
        return []
    named = ", ".join(settings.REPOSITORY_FOLDERS)
    found: list[checks.CheckMessage] = [
        checks.Warning(
            f"REPOSITORY_FOLDERS permits administrators to add every repository below {named}, whose code "
            "everyone with an account can then read.",
            hint="Permit only folders that contain repositories for this purpose.",
            id="compliance.W003",
        )
    ]
    found += [
        checks.Warning(problem, hint="Ignore this if another machine has the folder.", id="compliance.W004")
        for problem in folder_problems()
    ]
    return found


def _roots() -> list[Path]:
    return [Path(folder).resolve() for folder in settings.REPOSITORY_FOLDERS]


def _is_below(path: Path, roots: Iterable[Path]) -> bool:
    return any(path == root or root in path.parents for root in roots)


def _read_folders(folder: Path) -> Iterator[Path]:
    """Yield the folders that git reads for a repository, with all links resolved: its git folder, the one
    that it shares with other work trees, the folders of objects and refs, and those of borrowed objects.
    """
    inner = folder / ".git"
    git = inner if inner.is_dir() else folder
    if inner.is_file():
        named = _first_line(inner)
        if not named.startswith("gitdir:"):
            return
        git = folder / named.removeprefix("gitdir:").strip()
    git = git.resolve()
    yield git
    common = git
    if named := _first_line(git / "commondir"):
        common = (git / named).resolve()
        yield common
    for part in ("HEAD", "packed-refs", "refs", "config", "objects", "objects/pack", "objects/info"):
        yield (common / part).resolve()
    yield from _links_in(common / "objects")
    yield from _links_in(common / "objects" / "pack")
    yield from _alternates((common / "objects").resolve())


def _links_in(folder: Path) -> Iterator[Path]:
    try:
        yield from (entry.resolve() for entry in folder.iterdir() if entry.is_symlink())
    except OSError:
        return


def _alternates(objects: Path) -> Iterator[Path]:
    seen: set[Path] = set()
    waiting = [objects]
    while waiting and len(seen) <= _MOST_ALTERNATES:
        here = waiting.pop()
        try:
            lines = (here / "info" / "alternates").read_bytes()[:_LONGEST_LINK].decode(errors="replace")
        except OSError:
            continue
        for line in filter(None, lines.splitlines()):
            other = (here / line).resolve()
            if other not in seen:
                seen.add(other)
                waiting.append(other)
                yield other


def _first_line(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            text = opened.read(_LONGEST_LINK).decode(errors="replace")
    except OSError:
        return ""
    return (text.splitlines() or [""])[0]


def _candidates(root: Path) -> Iterator[Path]:
    yield root
    try:
        yield from sorted(islice((path for path in root.iterdir() if path.is_dir()), _MOST_ENTRIES))
    except OSError:
        return


def _looks_like_one(path: Path) -> bool:
    """Return true if a folder is a work tree or a bare repository that may be added."""
    try:
        if not ((path / ".git").exists() or ((path / "HEAD").is_file() and (path / "objects").is_dir())):
            return False
        check_folder(str(path))
    except (FolderError, OSError):
        return False
    return True
