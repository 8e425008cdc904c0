"""The owners of a repository's files, according to CODEOWNERS at its newest recorded commit."""

from collections.abc import Iterable
from functools import lru_cache

from compliance.models import Repository
from compliance.people.codeowners import Owners
from compliance.scans import mirror
from compliance.scans.problems import TroubleError
from scanner import GitError, RepoPath


def owners(repository: Repository) -> Owners:
    """Return the owners at the newest recorded commit. Each process reads and parses CODEOWNERS only once.

    If the mirror cannot be read, no owners are known, and it is read again the next time.
    """
    sha = repository.head.sha if repository.head else ""
    try:
        return _read(repository, sha, repository.url)
    except (GitError, TroubleError):
        return Owners(lambda _: None, repository.url)


def owners_of(repository: Repository, paths: Iterable[str]) -> list[str]:
    """Return all owners of these files, each once, in the order of the files."""
    chosen = list(paths)
    known = owners(repository) if chosen else None
    return list(dict.fromkeys(owner for path in chosen for owner in known.of(path))) if known else []


@lru_cache(maxsize=16)
def _read(repository: Repository, sha: str, url: str) -> Owners:
    # A model is compared and hashed by its id alone, so newer instances of a repository find the entry too.
    if not sha:
        return Owners(lambda _: None, url)
    with mirror.opened(repository) as git:
        return Owners(lambda place: git.text(sha, RepoPath(place)), url)
