"""Explains why a folder of this machine can't be read as a git repository."""

import os
import pwd
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from scanner.git.command import GitError, Reason, run

_OTHER_SYSTEMS = {".hg": "Mercurial", ".svn": "Subversion", ".bzr": "Bazaar", "CVS": "CVS"}
_MOST_NAMED = 3
_MOST_ENTRIES = 1_000
_GIT_FILE_BYTES = 4_096


def explain_missing(path: str) -> tuple[str, Reason] | None:
    """Return why a path is no folder that can be opened, and how to fix it; None if it is one."""
    folder = Path(path)
    try:
        if not os.path.lexists(path):
            closed = next((each for each in folder.parents if each.is_dir() and not _is_open(each)), None)
            if closed is None:
                return f"no such folder; {_where(folder)}", "not found"
            return _closed(closed)
        if not folder.is_dir():
            return _not_a_folder(folder)
    except OSError:
        return _closed(folder)
    return None if _is_open(folder) else _closed(folder)


def explain_folder(path: str, said: str) -> tuple[str, Reason]:
    """Return why git can't read a folder, and how to fix it.

    `said` is git's message, which is quoted only if nothing else explains it.
    """
    folder = Path(path)
    try:
        inner = folder / ".git"
        for each in (inner, folder / "objects"):
            if each.is_dir() and not os.access(each, os.R_OK | os.X_OK):
                return _closed(each)
        if inner.is_file():
            return _explain_git_file(inner, said)
        if inner.exists() or (folder / "objects").is_dir():
            return _damaged(said)
        return _explain_other(folder)
    except OSError:
        return _closed(folder)


def is_shallow(folder: str) -> bool:
    """Return true if a local repository lacks the older part of its history."""
    return _answer(folder, ["rev-parse", "--is-shallow-repository"]) == "true"


def is_partial(folder: str) -> bool:
    """Return true if a local repository was cloned with a filter, so contents of files may be missing."""
    return "true" in _answer(folder, ["config", "--get-regexp", r"^remote\..*\.promisor$"])


def _answer(folder: str, arguments: list[str]) -> str:
    try:
        return run(arguments, git_dir=git_dir_of(folder)).decode(errors="replace").strip()
    except GitError:
        return ""


def git_dir_of(folder: str) -> str:
    """Return the folder of a local repository that contains its objects."""
    inner = Path(folder) / ".git"
    return str(inner) if inner.exists() else folder


def _where(folder: Path) -> str:
    existing = next((each for each in folder.parents if each.is_dir()), Path("/"))
    return (
        f"{existing} exists, but {folder.relative_to(existing).parts[0]} isn't in it. Check the spelling, "
        "and that the folder is on the machine, or mounted in the container, that runs this product"
    )


def _not_a_folder(file: Path) -> tuple[str, Reason]:
    if file.is_symlink() and not file.exists():
        return "is a symbolic link to something that doesn't exist; give the folder itself", "not found"
    words = "is a file, not a folder; give the folder of a clone"
    if file.suffix == ".bundle":
        words = (
            f"is a bundle; clone it (git clone --mirror {file.name} {file.stem}.git), then give that folder"
        )
    return words, "not found"


def _explain_git_file(file: Path, said: str) -> tuple[str, Reason]:
    """Explain a folder whose `.git` is a file, as in worktrees and submodules (gitrepository-layout(5))."""
    named = file.read_bytes()[:_GIT_FILE_BYTES].decode(errors="replace").strip()
    target = file.parent / named.removeprefix("gitdir:").strip()
    if named.startswith("gitdir:") and not target.exists():
        words = (
            f"is a worktree or a submodule of a repository that is gone ({target} doesn't exist); give the "
            "folder of the repository itself"
        )
        return words, "not found"
    return _damaged(said)


def _damaged(said: str) -> tuple[str, Reason]:
    why = said.removesuffix(".")
    words = f"is a git repository that git can't open ({why}); repair it, or add another clone of it"
    return words, "other"


def _explain_other(folder: Path) -> tuple[str, Reason]:
    """Explain a folder that is no repository: which one was probably meant."""
    advice = "give the folder of a clone, which contains a folder .git, or of a bare repository"
    above = next((each for each in folder.parents if (each / ".git").exists()), None)
    below = list(islice(_repositories_in(folder), _MOST_NAMED))
    systems = [name for entry, name in _OTHER_SYSTEMS.items() if (folder / entry).is_dir()]
    if above is not None:
        advice = f"it is a folder inside the repository {above}. Give that one"
    elif below:
        advice = f"it contains repositories, such as {', '.join(below)}. Give one of these"
    elif systems:
        advice = f"it belongs to {systems[0]}. Only git repositories can be read"
    elif not any(folder.iterdir()):
        advice = "it is empty. Give the folder of a clone"
    return f"is not a git repository; {advice}", "not found"


def _repositories_in(folder: Path) -> Iterator[str]:
    for entry in sorted(islice(folder.iterdir(), _MOST_ENTRIES)):
        if entry.is_dir() and ((entry / ".git").exists() or (entry / "objects").is_dir()):
            yield str(entry)


def _is_open(folder: Path) -> bool:
    return os.access(folder, os.X_OK)


def _closed(folder: Path) -> tuple[str, Reason]:
    try:
        user = pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        user = str(os.geteuid())
    words = (
        f"the user {user}, who runs this product, may not read {folder}; permit it to (chmod -R o+rX, or a "
        "group that both are in), or give a clone that the user has made"
    )
    return words, "refused"
