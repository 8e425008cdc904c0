"""Reads blobs and tree differences in bulk, each from one long-running git process.

Formats: `git cat-file --batch` and `--batch-check`, and the raw output of `git diff-tree -z`, as described in
their manual pages.
"""

import fcntl
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from scanner.git.command import DamagedRepositoryError, Process, run

# Small enough that a whole request fits into a pipe, so that sending it never blocks.
_ASKED_AT_ONCE = 512
_PIPE_BYTES = 1 << 20
_PATIENCE = 10
_REGULAR = b"100"
# Path components that no checkout can have: empty, `.`, `..`, or any spelling of git's own folder.
_NO_NAME = re.compile(rb"(?:^|/)(?:\.{0,2}|\.git)(?=/|$)", re.IGNORECASE)
# diff-tree echoes a line that is not an object name, and only then flushes its output.
_END = b"end\n"


@dataclass(frozen=True, slots=True)
class Missing:
    """A blob that was not read, and the reason."""

    reason: str


FILTERED = "is a partial clone without the contents of its files"
_LOST = "its content "


def is_loss(reason: str) -> bool:
    """Return true if a blob was not read because it is missing or damaged, not because it is large."""
    return reason.startswith(_LOST) or FILTERED in reason


def is_file_name(path: bytes) -> bool:
    """Return true if a checkout could contain a file at this path inside the work tree.

    git rejects trees with other paths when it fetches them, but not when it copies a local folder.
    """
    rooted = b"/" + path
    return not ((b"/." in rooted or b"//" in rooted) and _NO_NAME.search(path))


class BlobChange(NamedTuple):
    """A regular file that differs between two revisions. A blob is None if that revision has no regular file
    there.
    """

    path: bytes
    before: str | None
    after: str | None


class Blobs:
    """Reads blobs. Their sizes are requested first, so that a large blob is never read.

    `cache` limits git's cache of unpacked objects, in MB. A smaller cache makes reading a whole history about
    25% slower.
    """

    def __init__(self, git_dir: str, cache: int = 96) -> None:
        self._git_dir = git_dir
        self._config = _cache(cache)
        self._sizes: Process | None = None
        self._contents: Process | None = None

    def read(self, blobs: Iterable[str], bound: int) -> Iterator[tuple[str, bytes | Missing]]:
        """Yield the bytes of each blob in the given order, or the reason why it was not read. `bound` is in
        bytes.
        """
        rest = iter(blobs)
        while chunk := list(islice(rest, _ASKED_AT_ONCE)):
            unreadable = self._unreadable(chunk, bound)
            contents = self._read_all([blob for blob in chunk if blob not in unreadable])
            for blob in chunk:
                yield (blob, unreadable[blob]) if blob in unreadable else (blob, next(contents))

    def unreadable(self, blobs: Iterable[str], bound: int) -> dict[str, Missing]:
        """Return the blobs that are larger than `bound` bytes or cannot be read, with the reasons."""
        rest, found = iter(blobs), dict[str, Missing]()
        while chunk := list(islice(rest, _ASKED_AT_ONCE)):
            found |= self._unreadable(chunk, bound)
        return found

    def _unreadable(self, chunk: list[str], bound: int) -> dict[str, Missing]:
        """Return the blobs in a chunk that are too large or cannot be read, with the reasons."""
        found: dict[str, Missing] = {}
        deaths = 0
        rest = chunk
        while rest:
            if self._sizes is None:
                self._sizes = Process(["cat-file", "--batch-check"], self._git_dir)
            answered = self._check_sizes(self._sizes, rest, bound, found)
            rest = rest[answered:]
            if rest:
                # git failed at the next blob. If that happens repeatedly, the remaining blobs count as
                # unreadable too.
                deaths += 1
                like_it = rest if deaths > _PATIENCE else rest[:1]
                found |= dict.fromkeys(like_it, self._stopped(self._sizes))
                rest = rest[len(like_it) :]
                self._sizes.close()
                self._sizes = None
        return found

    def _check_sizes(self, process: Process, blobs: list[str], bound: int, found: dict[str, Missing]) -> int:
        """Add missing and oversized blobs to `found`, and return the number of blobs that git reported on."""
        process.send("".join(f"{blob}\n" for blob in blobs).encode())
        for answered, blob in enumerate(blobs):
            fields = process.stdout.readline().split()
            if not fields:
                return answered
            if fields[-1] == b"missing":
                found[blob] = self._missing
            elif int(fields[2]) > bound:
                found[blob] = Missing(f"{int(fields[2]):,} bytes, more than the limit of {bound:,}")
        return len(blobs)

    @cached_property
    def _missing(self) -> Missing:
        """Return why git does not have a blob; newer versions also say so of what a filter left out."""
        arguments = ["config", "--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$"]
        if run(arguments, git_dir=self._git_dir, nothing=1):
            return _filtered(self._git_dir)
        return Missing(f"{_LOST}is missing from the repository (a partial or damaged clone)")

    def _stopped(self, process: Process) -> Missing:
        """Return the reason why git stopped at a blob."""
        complaint = process.complaint()
        if "promisor" in complaint:
            return _filtered(self._git_dir)
        return Missing(f"{_LOST}cannot be read from {self._git_dir}: {complaint or 'git stopped'}")

    def _read_all(self, blobs: list[str]) -> Iterator[bytes | Missing]:
        requested = 0
        while requested < len(blobs):
            if self._contents is None:
                self._contents = Process(["cat-file", "--batch"], self._git_dir, self._config)
                with suppress(OSError):  # the system may not allow this, so git blocks more often
                    fcntl.fcntl(self._contents.stdout, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
            process = self._contents
            process.send("".join(f"{blob}\n" for blob in blobs[requested:]).encode())
            for blob in blobs[requested:]:
                requested += 1
                content = _read_one(process, blob)
                yield content
                if isinstance(content, Missing):
                    # git exits at an object that it cannot unpack, so the next objects need a new process.
                    process.close()
                    self._contents = None
                    break

    def close(self) -> None:
        """End the processes. The next read restarts them."""
        for process in (self._sizes, self._contents):
            if process is not None:
                process.close()
        self._sizes = self._contents = None


def _filtered(git_dir: str) -> Missing:
    return Missing(f"{git_dir} {FILTERED}; run `git fetch --refetch --no-filter` in it, or use a full clone")


def _read_one(process: Process, blob: str) -> bytes | Missing:
    fields = process.stdout.readline().split()
    if len(fields) != 3 or fields[0] != blob.encode():
        return Missing(f"{_LOST}cannot be read: {process.complaint() or 'git stopped'}")
    size = int(fields[2])
    content = process.stdout.read(size)
    if len(content) != size or process.stdout.read(1) != b"\n":
        return Missing(f"{_LOST}cannot be read: {process.complaint() or 'git stopped'}")
    return content


class Differences:
    """Lists the differences between any two revisions, without detecting renames."""

    def __init__(self, git_dir: str) -> None:
        self._git_dir = git_dir
        self._process: Process | None = None

    def between(self, before: str, after: str) -> list[BlobChange]:
        """Return the regular files whose content differs. Links and submodules are ignored.

        Raises `DamagedRepositoryError` if a tree is missing.
        """
        if self._process is None:
            options = ["--stdin", "--no-commit-id", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"]
            self._process = Process(
                ["diff-tree", *options, "--ignore-submodules=none"], self._git_dir, _cache(32)
            )
        process = self._process
        # git reads two commits on one line as a commit with a different parent.
        process.send(f"{after} {before}\n".encode() + _END)
        answer = bytearray()
        # A path could look like the end marker, but it is preceded by an odd number of NULs.
        while not (answer.endswith(_END) and answer.count(b"\0") % 2 == 0):
            part = process.stdout.read1(_PIPE_BYTES)  # type: ignore[attr-defined]
            if not part:
                self._process = None
                complaint = process.complaint()
                process.close()
                raise DamagedRepositoryError(
                    f"cannot compare {before[:12]} with {after[:12]}: {complaint or 'git stopped'}"
                )
            answer += part
        return list(_changes(bytes(answer[: -len(_END)])))

    def close(self) -> None:
        """End the process. The next call restarts it."""
        if self._process is not None:
            self._process.close()
            self._process = None


def _cache(megabytes: int) -> tuple[str]:
    """Return options that limit git's object cache, which otherwise grows to git's own limit in a long
    history.
    """
    return (f"core.deltaBaseCacheLimit={megabytes}m",)


def _changes(raw: bytes) -> Iterator[BlobChange]:
    fields = iter(raw.split(b"\0")[:-1])
    for record, path in zip(fields, fields, strict=True):
        mode_before, mode_after, before, after, _ = record.split(b" ")
        old = before.decode() if mode_before.startswith(b":" + _REGULAR) else None
        new = after.decode() if mode_after.startswith(_REGULAR) else None
        if old != new and is_file_name(path):
            yield BlobChange(path, old, new)
