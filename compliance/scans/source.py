"""Reads the text of a file in the mirror, for pages that show code."""

from compliance.models import Repository
from compliance.scans import mirror
from compliance.scans.problems import TroubleError
from scanner import GitError, RepoPath


def read(repository: Repository, sha: str, path: str) -> str | None:
    """Return a file at a commit as text, or None if it is missing, too large or unreadable."""
    try:
        with mirror.opened(repository) as git:
            return git.text(sha, RepoPath(path))
    except (GitError, TroubleError):
        return None
