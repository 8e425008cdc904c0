"""Provides read-only access to one git repository: its revisions, trees, differences and file contents."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from scanner.git.batch import BlobChange, Blobs, Differences, Missing, is_file_name, is_loss
from scanner.git.command import (
    DamagedRepositoryError,
    EmptyRepositoryError,
    GitError,
    GitMissingError,
    NotARepositoryError,
    UnknownRevisionError,
    run,
)
from scanner.git.failures import without_noise
from scanner.git.local import explain_folder, explain_missing
from scanner.git.log import read_log
from scanner.git.mailmap import mapped_address
from scanner.model import RepoPath, Revision, Tag, decode_path, encode_path
from scanner.python.text import to_utf8

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_ENTRY = re.compile(rb"(\d{6}) \w+ ([0-9a-f]+)\t([^\0]*)\0")  # of git ls-tree -z
# Argument lists are limited (to 128 kB in total on some systems). For longer lists, git examines every path.
_ARGUMENT_BYTES = 100_000
_TEXT_BOUND = 1_000_000

MOST_BASES = 16
"""Number of merge bases that are read of two commits, the newest ones."""


def open_repository(path: str, *, complete: bool = False) -> "Repository":
    """Return the repository in a folder, or the repository that contains the folder. It may be bare.

    `complete` says that all file contents are expected to exist, so that unreadable content is reported as
    damage rather than as a skipped file. Raises `NotARepositoryError` if there is no repository, or if git
    refuses it because another user owns it.
    """
    if not Path(path).is_dir():
        words = (explain_missing(path) or ("is no folder", ""))[0]
        raise NotARepositoryError(f"{path}: {words}")
    try:
        # The user's own configuration is read here because it lists folders of other owners to trust.
        found = run(["rev-parse", "--absolute-git-dir"], working_dir=path, own_config=True)
    except GitMissingError:
        raise
    except GitError as error:
        if "dubious ownership" in str(error):
            raise NotARepositoryError(
                f"{path}: belongs to another user, so git refuses to read it. Run this as its owner, read a "
                "clone of your own, or name it in safe.directory of your own git configuration"
            ) from error
        raise NotARepositoryError(f"{path}: {explain_folder(path, without_noise(str(error)))[0]}") from error
    return Repository(found.decode("utf-8", "surrogateescape").rstrip("\n"), complete=complete)


class Repository:
    """Reads one repository through a few long-running git processes.

    Close it after use, or use it in a `with` statement.
    """

    def __init__(self, git_dir: str, *, complete: bool = False) -> None:
        self.git_dir = git_dir
        self.complete = complete
        self._blobs = Blobs(git_dir, cache=16)
        self._differences = Differences(git_dir)
        self._listed: tuple[str, tuple[tuple[bytes, str], ...]] = "", ()
        self._left_out: tuple[str, tuple[bytes, ...]] = "", ()
        self._commits: set[str] = set()
        """SHAs of commits that were found. A command that then fails to read one says so itself."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End all git processes. New ones are started if the repository is read again."""
        self._blobs.close()
        self._differences.close()

    def resolve(self, revision: str = "HEAD") -> str:
        """Return the SHA of the commit that a revision names.

        Raises `EmptyRepositoryError` if there is no commit, and `UnknownRevisionError` for an unknown name.
        """
        try:
            out = self._run("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        except GitError as error:
            raise self._unresolved(revision) from error
        sha = out.decode().strip()
        self._commits.add(sha)
        return sha

    def _unresolved(self, revision: str) -> GitError:
        names = self._run(
            "for-each-ref", "--count=5", "--format=%(refname:short)", "refs/heads", "refs/remotes"
        )
        branches = names.decode("utf-8", "replace").split("\n")[:-1]
        if not branches and not self._run("rev-list", "--all", "--max-count=1"):
            return EmptyRepositoryError(f"{self.git_dir}: has no commits yet; make a commit first")
        offer = f"; it has {', '.join(branches)}" if branches else ""
        if not _SHA.fullmatch(revision):
            self._require_object(revision)
        if revision == "HEAD":
            return EmptyRepositoryError(
                f"{self.git_dir}: HEAD is on a branch without a commit; name a revision{offer}"
            )
        return UnknownRevisionError(f"{self.git_dir}: there is no commit {revision!r}{offer}")

    def _require_object(self, name: str) -> None:
        """Raise `DamagedRepositoryError` if a name refers to an object that cannot be read."""
        sha = (
            self._run("rev-parse", "--quiet", "--verify", "--end-of-options", name, nothing=1)
            .decode()
            .strip()
        )
        try:
            self._run("cat-file", "-t", sha) if sha else None
        except GitError as error:
            raise DamagedRepositoryError(
                f"{self.git_dir}: {name} is {sha[:12]}, which cannot be read ({error}); clone it again"
            ) from error

    def tags(self) -> list[Tag]:
        """Return the tags, ordered by name. The commit is empty if a tag does not refer to a commit."""
        form = "%(refname:strip=2)%00%(objectname)%00%(objecttype)%00%(*objectname)%00%(*objecttype)"
        lines = self._run("for-each-ref", f"--format={form}", "refs/tags").split(b"\n")[:-1]
        fields = ([str(decode_path(field)) for field in line.split(b"\0")] for line in lines)
        return [
            Tag(name, sha, sha if kind == "commit" else target if target_kind == "commit" else "")
            for name, sha, kind, target, target_kind in fields
        ]

    def has(self, sha: str) -> bool:
        """Return true if the repository has a commit with its tree."""
        with suppress(GitError):
            self._run("cat-file", "-e", f"{_checked(sha)}^{{tree}}")
            return True
        return False

    def revision(self, sha: str) -> Revision:
        """Return a commit's metadata."""
        return next(iter(read_log(self.git_dir, "--max-count=1", "--end-of-options", self._commit(sha))))

    def line(
        self,
        sha: str,
        *,
        since: datetime | None = None,
        limit: int | None = None,
        first_parent: bool = True,
        oldest_first: bool = False,
    ) -> Iterator[Revision]:
        """Return a commit and its history, newest first: its first-parent ancestors, or all its ancestors.

        The result ends before the first commit that is older than `since`, or after `limit` commits. Every
        commit comes after its children. `oldest_first` reverses the order.
        """
        options = [f"--since={since.isoformat()}"] if since else []
        options += [f"--max-count={limit}"] if limit is not None else []
        options += ["--first-parent"] if first_parent else ["--topo-order"]
        options += ["--reverse"] if oldest_first else []
        return read_log(self.git_dir, *options, "--end-of-options", self._commit(sha))

    def count(self, sha: str, *, since: datetime | None = None, first_parent: bool = True) -> int:
        """Return the number of revisions that `line` yields."""
        options = [f"--since={since.isoformat()}"] if since else []
        options += ["--first-parent"] if first_parent else []
        return int(self._run("rev-list", "--count", *options, "--end-of-options", self._commit(sha)))

    def times(self, sha: str) -> tuple[int, ...]:
        """Return the commit times of a commit and its first-parent ancestors in seconds since 1970, newest
        first.
        """
        options = ("log", "--first-parent", "--format=%ct", "--end-of-options")
        return tuple(map(int, self._run(*options, self._commit(sha)).split()))

    def touching(self, sha: str, path: bytes) -> list[str]:
        """Return the commits in the first-parent history of `sha` that changed one path, newest first."""
        name = path.decode("utf-8", "surrogateescape")
        return self._run("rev-list", "--first-parent", _checked(sha), "--", name).decode().split()

    def mailmapped(self, revision: Revision, sha: str) -> str:
        """Return the author's address according to the .mailmap in `sha`, or the recorded one."""
        return mapped_address(self.git_dir, revision, _checked(sha))

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the best common ancestor of two commits, or None if the known histories share none."""
        return next(iter(self.merge_bases(one, other)), None)

    def merge_bases(self, one: str, other: str) -> tuple[str, ...]:
        """Return the best common ancestors of two commits, the newest first: none of them is an ancestor of
        another one. There are several if branches have merged each other. At most MOST_BASES are returned.
        """
        with suppress(GitError):
            shas = self.resolve(one), self.resolve(other)
            found = self._run("merge-base", "--all", "--end-of-options", *shas).decode().split()
            return tuple(found[:MOST_BASES])
        return ()

    def cut_off(self) -> frozenset[str]:
        """Return the commits whose parents are missing because the clone is shallow."""
        shallow = Path(
            self._run("rev-parse", "--path-format=absolute", "--git-path", "shallow").decode().strip()
        )
        return frozenset(shallow.read_text().split()) if shallow.exists() else frozenset()

    def files(self, sha: str) -> tuple[tuple[bytes, str], ...]:
        """Return the path and blob of every regular file in a commit. Links and submodules are excluded.

        The last result is cached. Raises `DamagedRepositoryError` if a tree is missing.
        """
        if self._listed[0] == sha:
            return self._listed[1]
        found, left_out = [], []
        try:
            listing = self._run("ls-tree", "-r", "-z", "--full-tree", _checked(sha))
        except GitError as error:
            raise DamagedRepositoryError(
                f"{self.git_dir}: the files of {sha[:12]} cannot be listed ({error}); clone it again"
            ) from error
        for mode, blob, path in _ENTRY.findall(listing):
            if not is_file_name(path):
                left_out.append(path)
            elif mode.startswith(b"100"):
                found.append((path, blob.decode()))
        self._listed, self._left_out = (sha, tuple(found)), (sha, tuple(left_out))
        return self._listed[1]

    def left_out(self, sha: str) -> tuple[bytes, ...]:
        """Return paths in a commit that no checkout can have, which `files` therefore leaves out."""
        if self._left_out[0] != sha:
            self._listed = "", ()
            self.files(sha)
        return self._left_out[1]

    def changes(self, before: str, after: str) -> list[BlobChange]:
        """Return the regular files that differ between two commits, in either order."""
        return self._differences.between(_checked(before), _checked(after))

    def renames(self, before: str, after: str, paths: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return new path -> old path for the renames among added and deleted paths that git detects.

        Return an empty mapping if git would have to compare content that is missing, in which case only files
        with identical content are treated as renamed.
        """
        limited = [path.decode("utf-8", "surrogateescape") for path in paths]
        if sum(len(path) + 1 for path in limited) > _ARGUMENT_BYTES:
            limited = []
        options = ["-r", "-z", "--find-renames", "--diff-filter=R", "--name-status", "-l2000"]
        try:
            raw = self._run("diff-tree", *options, _checked(before), _checked(after), "--", *limited)
        except GitError:
            if self.complete:
                raise
            return {}
        fields = iter(raw.split(b"\0")[:-1])
        return {new: old for _, old, new in zip(fields, fields, fields, strict=True)}

    def blobs(self, blobs: Iterable[str], bound: int) -> Iterator[tuple[str, bytes | Missing]]:
        """Return the contents of blobs in the given order. Blobs larger than `bound` bytes are not read."""
        for blob, content in self._blobs.read(blobs, bound):
            if isinstance(content, Missing):
                self.require(content.reason, f"object {blob[:12]}")
            yield blob, content

    def grep(self, sha: str, words: Iterable[str]) -> dict[str, list[bytes]]:
        """Return the Python files in a commit that contain each word. Missing contents are skipped."""
        sought = [option for word in words for option in ("-e", word)]
        options = ["-z", "-o", "-F", "-w", "-I", "--no-color", "--full-name", *sought, _checked(sha)]
        # The paths are patterns here, overriding the literal paths set in the environment for other commands.
        found = self._run("--no-literal-pathspecs", "grep", *options, "--", "*.py", "*.pyi", nothing=1)
        paths: dict[str, dict[bytes, None]] = {}
        for line in found.split(b"\n")[:-1]:
            path, _, word = line[len(sha) + 1 :].rpartition(b"\0")
            if is_file_name(path):
                paths.setdefault(word.decode("utf-8", "replace"), {})[path] = None
        return {word: list(found) for word, found in paths.items()}

    def content(self, sha: str, path: RepoPath) -> bytes | Missing:
        """Return the bytes of one file in a commit, or the reason why they are unavailable."""
        return self._contents(sha, [path])[path]

    def require(self, reason: str, what: str) -> None:
        """Raise `DamagedRepositoryError` if the reason why content is missing implies damage."""
        if self.complete and is_loss(reason):
            raise DamagedRepositoryError(f"{self.git_dir}: {what}: {reason}; clone it again")

    def text(self, sha: str, path: RepoPath) -> str | None:
        """Return one file in a commit as text, decoded like Python source, or None if it cannot be shown."""
        return self.texts(sha, [path]).get(path)

    def texts(self, sha: str, paths: Iterable[RepoPath]) -> dict[RepoPath, str]:
        """Return a few files in a commit as text, decoded like Python source, without those that cannot be
        shown. The paths are arguments of one command.
        """
        contents = self._contents(sha, paths).items()
        return {
            path: to_utf8(content)[0].decode()
            for path, content in contents
            if not isinstance(content, Missing) and b"\0" not in content
        }

    def _contents(self, sha: str, paths: Iterable[RepoPath]) -> dict[RepoPath, bytes | Missing]:
        by_name = {encode_path(path): path for path in paths}
        names = [name.decode("utf-8", "surrogateescape") for name in by_name]
        listing = self._run("ls-tree", "-z", "--full-tree", _checked(sha), "--", *names)
        blobs = {
            by_name[name]: blob.decode()
            for mode, blob, name in _ENTRY.findall(listing)
            if mode.startswith(b"100") and name in by_name
        }
        contents = dict(self.blobs(dict.fromkeys(blobs.values()), _TEXT_BOUND)) if blobs else {}
        missing = Missing("is not a file in this commit")
        return {path: contents[blobs[path]] if path in blobs else missing for path in by_name.values()}

    def _commit(self, revision: str) -> str:
        """Return the SHA of a commit for a command that reads it, under the conditions of `resolve`."""
        return revision if revision in self._commits else self.resolve(revision)

    def _run(self, *arguments: str, nothing: int | None = None) -> bytes:
        return run(arguments, git_dir=self.git_dir, nothing=nothing)


def _checked(sha: str) -> str:
    if not _SHA.fullmatch(sha):
        raise UnknownRevisionError(f"{sha!r} is not a full commit SHA; resolve it first")
    return sha
