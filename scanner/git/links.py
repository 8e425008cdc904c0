"""Finds what a commit has instead of regular files: symbolic links and submodules."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanner.git.batch import Missing, is_file_name
from scanner.git.command import run
from scanner.git.repository import Repository

_LINK, _SUBMODULE = b"120000", b"160000"
_LONGEST_TARGET = 4096
_ARGUMENT_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link with its target as it is written, or a submodule, which has none."""

    path: bytes
    target: bytes | None


def new_links(repository: Repository, before: str, after: str) -> list[Link]:
    """Return the links and submodules of a commit that another one doesn't have, or has with another
    target.
    """
    options = ["-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--diff-filter=AMT"]
    raw = run(["diff-tree", *options, before, after], git_dir=repository.git_dir)
    fields = iter(raw.split(b"\0")[:-1])
    found = []
    for record, path in zip(fields, fields, strict=True):
        _, mode, _, blob, _ = record.split(b" ")
        if mode in {_LINK, _SUBMODULE} and is_file_name(path):
            found.append((path, mode, blob.decode()))
    blobs = {blob for _, mode, blob in found if mode == _LINK}
    targets = dict(repository.blobs(sorted(blobs), _LONGEST_TARGET)) if blobs else {}
    return [Link(path, _target(targets[blob]) if mode == _LINK else None) for path, mode, blob in found]


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
