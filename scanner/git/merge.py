"""Merges commits of a repository without a checkout, and without writing anything into the repository.

The merged trees are written into a temporary bare repository that reads everything else from the first one
(`objects/info/alternates`, as described in the manual page gitrepository-layout). It has no configuration and
no attributes of its own, and git reads neither from the merged commits in a bare repository, so that no merge
driver, filter or rename setting of a tracked repository has any effect.
"""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scanner.git.batch import Blobs
from scanner.git.command import GitError, run, run_for_status, run_with_input
from scanner.git.repository import Repository
from scanner.model import RepoPath, Revision, decode_path

LARGEST = 20_000_000
"""Size in bytes above which a file that both sides changed is not merged, because git holds three versions of
it in memory.
"""

MOST_SECONDS = 20.0
"""Seconds after which git is stopped."""

_MOST_PATHS = 20
_USAGE = 129
_CONFLICTS = 1
# The name of the empty tree, in which git versions that would read attributes from HEAD find none.
_CONFIG = ("attr.tree=4b825dc642cb6eb9a060e54bf8d69288fbee4904", "core.fsync=none", "gc.auto=0")
_AUTHOR = "ssot <ssot@localhost>"


class MergeUnsupportedError(GitError):
    """The installed git cannot merge without a checkout."""


@dataclass(frozen=True, slots=True)
class Merge:
    """The result of merging a head into a target.

    `commit` is the SHA of the merge commit, which only the workspace has, or empty if there is none. In that
    case, `conflicts` contains the first paths that are in conflict, or `problem` why git did not merge.
    """

    commit: str = ""
    conflicts: tuple[RepoPath, ...] = ()
    problem: str = ""


@contextmanager
def merge_workspace(repository: Repository) -> Iterator["MergeWorkspace"]:
    """Yield a place for merging commits of a repository. Everything in it is deleted afterwards."""
    git_dir = Path(repository.git_dir)
    # `scanner.git.upkeep` removes the folders of processes that were killed, by the id at the end.
    folder = tempfile.mkdtemp(f"-{os.getpid()}", f"{git_dir.name}.merges-", git_dir.parent)
    try:
        _create(Path(folder), repository.git_dir)
        with Repository(folder, complete=repository.complete) as merged:
            workspace = MergeWorkspace(merged)
            try:
                yield workspace
            finally:
                workspace.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _create(folder: Path, git_dir: str) -> None:
    form = run(["rev-parse", "--show-object-format"], git_dir=git_dir).decode().strip()
    objects = run(["rev-parse", "--path-format=absolute", "--git-path", "objects"], git_dir=git_dir)
    run(["init", "--quiet", "--bare", "--template=", f"--object-format={form}", str(folder)])
    alternates = folder / "objects" / "info" / "alternates"
    alternates.parent.mkdir(exist_ok=True)
    alternates.write_bytes(objects)


class MergeWorkspace:
    """Merges commits. `repository` has the commits and the results of all merges."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._blobs = Blobs(repository.git_dir, cache=16)

    def close(self) -> None:
        """End all git processes."""
        self._blobs.close()

    def merge(self, target: str, head: str) -> Merge:
        """Merge a head into a target as a forge would, with git's default strategy.

        The merge commit has the later one of the two commits' times, so that the same merge has the same SHA.
        Raises `MergeUnsupportedError` if git is older than 2.38.
        """
        base = self.repository.merge_base(target, head)
        if base is None:
            for sha in (target, head):
                self.repository.resolve(sha)
            return Merge(problem="the commits have no common ancestor")
        if base in (target, head):
            return Merge(head if base == target else target)
        if problem := self._unmergeable(base, target, head):
            return Merge(problem=problem)
        tree, merge = self._merge_trees(target, head)
        return Merge(self._commit(tree, target, head)) if tree else merge

    def line(self, bases: Iterable[str], target: str, most: int) -> list[str]:
        """Return the first-parent history of a target that no base contains, oldest first. Return nothing if
        it has more than `most` commits.
        """
        known = (f"^{base}" for base in bases)
        found = self._list("--first-parent", f"--max-count={most + 1}", target, *known)
        return found[::-1] if len(found) <= most else []

    def brought_by(self, sha: str, most: int) -> list[str]:
        """Return a commit and what it merged into its first parent, newest first, up to `most` commits."""
        parents = self.repository.revision(sha).parents[:1]
        return self._list("--topo-order", f"--max-count={most}", sha, *(f"^{parent}" for parent in parents))

    def _list(self, *arguments: str) -> list[str]:
        return run(["rev-list", *arguments, "--"], git_dir=self.repository.git_dir).decode().split()

    def _merge_trees(self, target: str, head: str) -> tuple[str, Merge]:
        """Return the merged tree, or an empty string and why there is none."""
        arguments = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", target, head]
        status, out, message = run_for_status(arguments, self.repository.git_dir, _CONFIG, MOST_SECONDS)
        fields = out.split(b"\0")
        if status == 0:
            return fields[0].decode().strip(), Merge()
        if status == _CONFLICTS:
            return "", Merge(conflicts=tuple(map(decode_path, filter(None, fields[1:])))[:_MOST_PATHS])
        if status == _USAGE:
            raise MergeUnsupportedError(
                f"{_version()} cannot merge without a checkout (git merge-tree --write-tree): "
                "install git 2.38 or newer"
            )
        if status < 0:
            return "", Merge(problem=f"git did not merge them within {MOST_SECONDS:g} seconds")
        raise GitError(message or f"git merge-tree ended with status {status}")

    def _unmergeable(self, base: str, target: str, head: str) -> str:
        """Return why a file that both sides changed in different ways is not merged, or an empty string."""
        ours = {change.path: change for change in self.repository.changes(base, target)}
        paths: dict[str, bytes] = {}
        for change in self.repository.changes(base, head):
            same = ours.get(change.path)
            if same and same.after != change.after:
                paths |= {blob: change.path for blob in (change.before, same.after, change.after) if blob}
        for blob, missing in self._blobs.unreadable(paths, LARGEST).items():
            return f"both sides changed {decode_path(paths[blob])}, which is not merged: {missing.reason}"
        return ""

    def _commit(self, tree: str, target: str, head: str) -> str:
        revisions = self.repository.revision(target), self.repository.revision(head)
        when = max(_seconds(revision) for revision in revisions)
        lines = [f"tree {tree}", f"parent {target}", f"parent {head}"]
        lines += [f"{role} {_AUTHOR} {when} +0000" for role in ("author", "committer")]
        text = "\n".join([*lines, "", f"Merge {head} into {target}", ""])
        arguments = ["hash-object", "-t", "commit", "-w", "--stdin"]
        return run_with_input(arguments, self.repository.git_dir, text.encode(), _CONFIG).decode().strip()


def _seconds(revision: Revision) -> int:
    return max(int(revision.committed_at.timestamp()), 0)


def _version() -> str:
    return run(["version"]).decode().strip() or "this version of git"
