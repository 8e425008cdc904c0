"""The text of one file as the mirror has it, for the pages that show code."""

from compliance.models import Repository
from compliance.scans import mirror
from compliance.scans.problems import TroubleError
from scanner import GitError, RepoPath


def read(repository: Repository, sha: str, path: str) -> str | None:
    """One file of a commit as text; None where it is none, too large, or cannot be read."""
    try:
        with mirror.opened(repository) as git:
            return git.text(sha, RepoPath(path))
    except (GitError, TroubleError):
        return None
