"""Finds what a commit has instead of regular files: symbolic links and submodules."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from scanner.git.batch import Missing, is_file_name
from scanner.git.command import run
from scanner.git.repository import Repository

_LINK, _SUBMODULE = b"120000", b"160000"
_LONGEST_TARGET = 4096
_ARGUMENT_BYTES = 100_000
_MOST_HOPS = 40
"""Number of links after which Linux gives up following a path."""


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link with its target as it is written, or a submodule, which has none. `was_link` is true if
    the other commit has one at this path, too, which leads elsewhere.
    """

    path: bytes
    target: bytes | None
    was_link: bool = False


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a path leads through symbolic links: to `path`, which is empty at the root of the repository,
    None outside of it, and a link if they lead in a circle. `passed` are the links on the way, and
    `submodule` is the submodule in which it ends, or empty.
    """

    path: bytes | None
    passed: frozenset[bytes] = frozenset()
    submodule: bytes = b""


def follow_links(links: Mapping[bytes, bytes | None], path: bytes) -> Destination:
    """Follow a path through links, by their paths; those without a target are submodules."""
    parts, done, passed = deque(path.split(b"/")), list[bytes](), list[bytes]()
    while parts:
        part = parts.popleft()
        if part == b".." and not done:
            return Destination(None, frozenset(passed))
        if part == b"..":
            done.pop()
        elif part not in {b"", b"."}:
            done.append(part)
            here = b"/".join(done)
            target = links.get(here, b"")
            if target is None:
                return Destination(b"/".join([*done, *parts]), frozenset(passed), here)
            if target:
                passed.append(here)
                if target.startswith(b"/") or len(passed) > _MOST_HOPS:
                    return Destination(None if target.startswith(b"/") else here, frozenset(passed))
                done.pop()
                parts.extendleft(reversed(target.split(b"/")))
    return Destination(b"/".join(done), frozenset(passed))


def links_at(repository: Repository, sha: str) -> dict[bytes, bytes | None]:
    """Return the targets of the symbolic links of a commit, by path, and None for its submodules."""
    raw = run(["ls-tree", "-r", "-z", "--full-tree", sha], git_dir=repository.git_dir)
    found: list[tuple[bytes, bytes, str]] = []
    for record in raw.split(b"\0")[:-1]:
        entry, path = record.split(b"\t", 1)
        mode, _, blob = entry.split(b" ")
        if mode in {_LINK, _SUBMODULE}:
            found.append((path, mode, blob.decode()))
    targets = _targets(repository, found)
    return {path: targets[blob] if mode == _LINK else None for path, mode, blob in found}


def new_links(repository: Repository, before: str, after: str) -> list[Link]:
    """Return the links and submodules of a commit that another one doesn't have, or has with another
    target.
    """
    options = ["-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--diff-filter=AMT"]
    raw = run(["diff-tree", *options, before, after], git_dir=repository.git_dir)
    fields = iter(raw.split(b"\0")[:-1])
    found, retargeted = [], set()
    for record, path in zip(fields, fields, strict=True):
        former, mode, _, blob, _ = record.split(b" ")
        if mode in {_LINK, _SUBMODULE} and is_file_name(path):
            found.append((path, mode, blob.decode()))
            if former.removeprefix(b":") == mode:
                retargeted.add(path)
    targets = _targets(repository, found)
    return [
        Link(path, targets[blob] if mode == _LINK else None, path in retargeted) for path, mode, blob in found
    ]


def regular_files(repository: Repository, sha: str, paths: Iterable[bytes]) -> set[bytes]:
    """Return those of the paths at which a commit has a regular file."""
    found = set()
    for group in _groups(paths):
        names = [path.decode("utf-8", "surrogateescape") for path in group]
        raw = run(["ls-tree", "-z", "--full-tree", sha, "--", *names], git_dir=repository.git_dir)
        for record in raw.split(b"\0")[:-1]:
            entry, path = record.split(b"\t", 1)
            if entry.startswith(b"100"):
                found.add(path)
    return found


def _targets(repository: Repository, found: Iterable[tuple[bytes, bytes, str]]) -> dict[str, bytes]:
    """Return the targets of the symbolic links among entries of trees, by their blobs."""
    blobs = sorted({blob for _, mode, blob in found if mode == _LINK})
    contents = dict(repository.blobs(blobs, _LONGEST_TARGET)) if blobs else {}
    return {blob: _target(content) for blob, content in contents.items()}


def _target(content: bytes | Missing) -> bytes:
    """Return the target, or an impossible one if it is longer than any file system allows."""
    return b"/" if isinstance(content, Missing) else content


def _groups(paths: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Yield the paths in groups that fit into the arguments of one command."""
    group: list[bytes] = []
    size = 0
    for path in paths:
        if group and size + len(path) >= _ARGUMENT_BYTES:
            yield group
            group, size = [], 0
        group.append(path)
        size += len(path) + 1
    if group:
        yield group
