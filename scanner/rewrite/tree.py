"""A revision of a repository as a draft, and the reading of files that it needs."""

import os
from collections.abc import Collection
from datetime import UTC

from scanner.objects import Missing
from scanner.plan import Plan
from scanner.reading import Reports
from scanner.report import MAX_BYTES
from scanner.repository import Repository
from scanner.rewrite.draft import Draft, Tree
from scanner.store import ReportStore
from scanner.values import Path, Revision, decode_path


def open_draft(
    repository: Repository,
    revision: Revision,
    plan: Plan,
    store: ReportStore | None = None,
    processes: int = 1,
) -> Draft:
    """The draft of a revision without a change; reports come from the store where it has them."""
    blobs = {decode_path(path): blob for path, blob in repository.files(revision.sha)}
    python = {
        path: blob for path, blob in blobs.items() if path.endswith((".py", ".pyi")) or plan.in_scope(path)
    }
    reports = Reports(repository, plan, store, processes)
    try:
        wanted = ((path, blob) for path, blob in python.items() if plan.in_scope(path))
        found = reports.deliver(reports.order(wanted))
    finally:
        reports.close()
    tree = Tree(
        python, Reading(repository.git_dir).content, Searching(repository.git_dir, revision.sha).paths
    )
    return Draft(plan, tree, found, revision.committed_at.astimezone(UTC).date())


class Reading:
    """Reads blobs by a git process of its own, which the process that asks first starts."""

    def __init__(self, git_dir: str) -> None:
        self._git_dir = git_dir
        self._repository: Repository | None = None
        self._owner = 0

    def content(self, blob: str) -> bytes | Missing:
        """The bytes of a blob, or why they cannot be had."""
        if self._repository is None or self._owner != os.getpid():  # a fork must not share git's pipes
            self._repository, self._owner = Repository(self._git_dir), os.getpid()
        return next(self._repository.blobs([blob], MAX_BYTES))[1]


class Searching:
    """Finds the files of a commit that hold words."""

    def __init__(self, git_dir: str, sha: str) -> None:
        self._git_dir = git_dir
        self._sha = sha

    def paths(self, words: Collection[str]) -> dict[str, list[Path]]:
        """Word -> the Python files of the commit with it, in order. Raises GitError."""
        found = Repository(self._git_dir).grep(self._sha, words)
        return {word: [decode_path(path) for path in found.get(word, ())] for word in words}
