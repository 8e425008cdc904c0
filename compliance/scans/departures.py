"""Finds the files that a head takes out of the plan's sight without deleting them.

These are files in the plan's scope that it renames to paths outside the scope, or replaces by symbolic links
or submodules that lead there. Their violations are not fixed: they are still there, but no figure has them.
What such a file contains now is not scanned, so unless it was renamed without any change, nobody can say that
it got no worse.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from posixpath import dirname, join, normpath

from scanner import (
    BlobChange,
    Link,
    Plan,
    RepoPath,
    Repository,
    decode_path,
    encode_path,
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
    yield from _linked_folders(git, plan, head, links)
    led = []
    for link in links:
        inside = [path for path in gone if path.startswith(link.path + b"/")]
        own = [link.path] if link.path in gone or plan.in_scope(decode_path(link.path)) else []
        for path in (*own, *inside):
            if link.target is None:
                yield path, f"it is now in the submodule {decode_path(link.path)}, whose files are not read"
            else:
                led.append((path, link, _followed(link, path)))
    seen = regular_files(git, head, sorted({target for _, _, target in led if target}))
    for path, link, target in led:
        if target not in seen or not plan.in_scope(decode_path(target)):
            where = decode_path(link.target or b"")
            yield path, f"it is now behind a symbolic link to {where}, which the plan doesn't cover"


def _linked_folders(
    git: Repository, plan: Plan, head: str, links: Sequence[Link]
) -> Iterator[tuple[bytes, str]]:
    """Yield the links in the plan's scope that lead to folders with Python files outside of it, which can
    then be imported from within.
    """
    led = {link.path: _followed(link, link.path) for link in links if link.target is not None}
    folders = {path: target for path, target in led.items() if target and _may_contain(plan, path)}
    for other, _ in git.files(head) if folders else ():
        for path, target in list(folders.items()):
            is_below = other.startswith(target + b"/") and other.endswith((b".py", b".pyi"))
            if is_below and not plan.in_scope(decode_path(other)):
                where = decode_path(folders.pop(path))
                yield path, f"it is a symbolic link to {where}, which has files that the plan doesn't cover"


def _may_contain(plan: Plan, folder: bytes) -> bool:
    """Return true if a module in a folder would be in the plan's scope."""
    return plan.in_scope(decode_path(folder + b"/__init__.py"))


def _followed(link: Link, path: bytes) -> bytes:
    """Return where a path leads through a link, or nothing if that is outside the repository."""
    target = normpath(join(dirname(link.path), link.target or b"") + path[len(link.path) :])
    return b"" if target.startswith((b"/", b"../")) or target in {b"..", b"."} else target
