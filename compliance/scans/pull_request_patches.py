"""Computes proven patches for violations that the heads of pull requests add."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import scanner
from compliance.lib.field_types import is_storable
from compliance.models import PlanVersion, Repository
from compliance.scans import mirror
from compliance.scans.heads import Head, commit_of, provide
from compliance.scans.judging import JudgingError
from compliance.scans.report_store import report_store
from scanner import Plan, RepoPath, ReportStore, Rewrite, Selection, read_plan
from scanner import Repository as GitRepository

LONGEST = 10_000
"""Maximum number of characters of a patch. It is stored with each finding that it fixes."""


@dataclass(frozen=True, slots=True)
class FilePatch:
    """A patch for one file, for `git apply` at the head, and the fingerprints of the findings in that file
    that it fixes.
    """

    text: str
    fixed: frozenset[str]


@contextmanager
def patching(repository: Repository, version: PlanVersion, head: Head) -> Iterator["HeadPatcher"]:
    """Yield what computes the patches for a head under a plan version.

    Raises `JudgingError` if the head is gone, and `GitError` if the repository can't be read.
    """
    if problem := provide(repository, [head], with_target=False).get(head.sha):
        raise problem
    plan = read_plan(version.text, version.source)
    with report_store() as store, mirror.read(repository) as git:
        sha = commit_of(git, head.sha)
        if not sha:
            raise JudgingError(f"The head {head.sha[:10]} is not in the mirror of the repository.")
        yield HeadPatcher(git, sha, plan, store)


class HeadPatcher:
    """Computes patches for the files of a head. Each is proven alone: applied to the head, it fixes what it
    names and adds nothing.
    """

    def __init__(self, git: GitRepository, sha: str, plan: Plan, store: ReportStore) -> None:
        self._git, self._sha, self._plan, self._store = git, sha, plan, store

    def patch(self, path: str, fingerprints: Collection[str]) -> FilePatch | None:
        """Return the patch that fixes findings of a file, or None if none of them can be fixed or the patch
        can't be stored. Raises `GitError` if the head can't be read.
        """
        selection = Selection(fingerprints=tuple(fingerprints))
        made = scanner.rewrite_file(  # not imported above: it loads LibCST
            self._git, self._sha, RepoPath(path), self._plan, self._store, selection=selection
        )
        fixed = frozenset(found.fingerprint for found in made.fixed if found.path == made.path)
        text = _text_of(made)
        return FilePatch(text, fixed & frozenset(fingerprints)) if text and fixed else None


def _text_of(made: Rewrite) -> str:
    """Return a patch as text, or an empty string if it is too long or not in UTF-8."""
    try:
        text = made.patch.decode()
    except UnicodeDecodeError:
        return ""
    return text if len(text) <= LONGEST and is_storable(text) else ""
