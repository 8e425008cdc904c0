"""Finds the files that a head takes out of the plan's sight without deleting them.

These are files in the plan's scope that it renames to paths outside the scope, or replaces by symbolic links
or submodules that lead there. Their violations are not fixed: they are still there, but no figure has them.
What such a file contains now is not scanned, so unless it was renamed without any change, nobody can say that
it got no worse. The same applies to links and submodules that it adds beside the plan's files, from where
they can be imported.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scanner import (
    BlobChange,
    Destination,
    Link,
    Plan,
    RepoPath,
    Repository,
    decode_path,
    encode_path,
    follow_links,
    links_at,
    new_links,
    regular_files,
)


@dataclass(frozen=True, slots=True)
class Departure:
    """A path of a file that the plan no longer sees, or of a link to one. `doubt` says why its content can't
    be judged; it is empty if the file was renamed without a change.
    """

    path: RepoPath
    doubt: str = ""


def departed_from_all(
    git: Repository,
    plan: Plan,
    head: str,
    changes: Mapping[str, Sequence[BlobChange]],
    target: str,
) -> list[Departure]:
    """Return the departures from a head's bases; `changes` has what differs from each. If there are several,
    one that isn't a departure from all of them counts only if the target still has the file: otherwise, it
    was the target that let it go.
    """
    every = [
        {one.path: one for one in departures(git, plan, base, head, each)} for base, each in changes.items()
    ]
    found = {path: one for some in reversed(every) for path, one in some.items()}
    unsure = [path for path in found if not all(path in some for some in every)]
    kept = regular_files(git, target, [encode_path(path) for path in unsure]) if unsure else set()
    return [
        found[path] for path in sorted(found) if path not in unsure or encode_path(RepoPath(path)) in kept
    ]


def departures(
    git: Repository, plan: Plan, base: str, head: str, changes: Sequence[BlobChange]
) -> list[Departure]:
    """Return the departures from `base` to `head`, between which these files differ, ordered by path. A path
    is returned once.
    """
    gone = {change.path: change.before for change in changes if change.after is None}
    gone = {path: blob for path, blob in gone.items() if plan.in_scope(decode_path(path))}
    links = new_links(git, base, head)
    found = dict(_replaced(git, plan, head, list(gone), links))
    added = {change.path: change.after for change in changes if change.before is None}
    outside = {path for path in added if not plan.in_scope(decode_path(path))}
    renames = git.renames(base, head, [*gone, *added]) if gone and outside else {}
    for new, old in renames.items():
        if new in outside and old in gone:
            doubt = "" if added[new] == gone[old] else _renamed(new)
            found[old] = found.get(old) or doubt
    return [Departure(decode_path(path), found[path]) for path in sorted(found)]


def _renamed(new: bytes) -> str:
    return f"it was changed and renamed to {decode_path(new)}, which the plan leaves out"


def _replaced(
    git: Repository, plan: Plan, head: str, gone: Sequence[bytes], links: Sequence[Link]
) -> Iterator[tuple[bytes, str]]:
    """Yield the paths that are now links or in linked folders or submodules, with the doubts about them,
    unless they lead to a file that the plan sees.
    """
    known = links_at(git, head) if links else {}
    yield from _added_folders(git, plan, head, links, known)
    led = []
    for link in links:
        inside = [path for path in gone if path.startswith(link.path + b"/")]
        own = [link.path] if link.path in gone or plan.in_scope(decode_path(link.path)) else []
        for path in (*own, *inside):
            if link.target is None:
                yield path, f"it is now in the submodule {decode_path(link.path)}, whose files are not read"
            else:
                led.append((path, link, follow_links(known, path).path))
    seen = regular_files(git, head, sorted({target for _, _, target in led if target}))
    for path, link, target in led:
        if not target or target not in seen or not plan.in_scope(decode_path(target)):
            where = decode_path(link.target or b"")
            yield path, f"it is now behind a symbolic link to {where}, which the plan doesn't cover"


def _added_folders(
    git: Repository, plan: Plan, head: str, links: Sequence[Link], known: Mapping[bytes, bytes | None]
) -> Iterator[tuple[bytes, str]]:
    """Yield the links and submodules from which modules that nobody scans can be imported as parts of the
    plan's scope, if they are new or lead elsewhere because of a new one.
    """
    new = {link.path for link in links}
    ends = {path: follow_links(known, path) for path, target in known.items() if target is not None}
    ends = {path: end for path, end in ends.items() if end.passed & new and _may_contain(plan, path)}
    yield from _linked_folders(git, plan, head, ends)
    unread = {path: _unread(end) for path, end in ends.items() if end.path is None or end.submodule}
    # Whoever moves a submodule to another commit changes nothing that was ever read.
    modules = [link.path for link in links if link.target is None and not link.was_link]
    unread |= dict.fromkeys(modules, "it is a new submodule, whose files are not read")
    for path in _beside_modules(git, plan, head, unread):
        yield path, unread[path]


def _linked_folders(
    git: Repository, plan: Plan, head: str, ends: Mapping[bytes, Destination]
) -> Iterator[tuple[bytes, str]]:
    """Yield the links that lead to folders with Python files outside the plan's scope."""
    folders = {path: end.path for path, end in ends.items() if end.path is not None and not end.submodule}
    for other, _ in git.files(head) if folders else ():
        if not other.endswith((b".py", b".pyi")) or plan.in_scope(decode_path(other)):
            continue
        for path, target in list(folders.items()):
            if not target or other.startswith(target + b"/"):
                where = decode_path(folders.pop(path)) or "the root of the repository"
                yield path, f"it is a symbolic link to {where}, which has files that the plan doesn't cover"


def _unread(end: Destination) -> str:
    """Return why nobody knows what is behind a link."""
    if end.submodule:
        return (
            f"it is a symbolic link into the submodule {decode_path(end.submodule)}, whose files are not read"
        )
    return "it is a symbolic link that leads out of the repository"


def _beside_modules(git: Repository, plan: Plan, head: str, paths: Iterable[bytes]) -> list[bytes]:
    """Return the paths of folders that are packages beside files in the plan's scope: others, such as those
    of documentation, can't be imported as parts of it.
    """
    wanted = [path for path in paths if _is_package(path) and _may_contain(plan, path)]
    if not wanted:
        return []
    folders = {_folder(other) for other, _ in git.files(head) if plan.in_scope(decode_path(other))}
    return [path for path in wanted if _folder(path) in folders]


def _is_package(path: bytes) -> bool:
    """Return true if a folder's name can be imported."""
    return decode_path(path.rpartition(b"/")[2]).isidentifier()


def _folder(path: bytes) -> bytes:
    return path.rpartition(b"/")[0]


def _may_contain(plan: Plan, folder: bytes) -> bool:
    """Return true if a module in a folder would be in the plan's scope."""
    return plan.in_scope(decode_path(folder + b"/__init__.py"))
