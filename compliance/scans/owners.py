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
        return _read(_Mirror(repository), sha, repository.url)
    except (GitError, TroubleError):
        return Owners(lambda _: None, repository.url)


def owners_of(repository: Repository, paths: Iterable[str]) -> list[str]:
    """Return all owners of these files, each once, in the order of the files."""
    chosen = list(paths)
    known = owners(repository) if chosen else None
    return list(dict.fromkeys(owner for path in chosen for owner in known.of(path))) if known else []


class _Mirror:
    """A repository, compared by its id alone, so that it can be part of a cache's key."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Mirror) and self.repository.pk == other.repository.pk

    def __hash__(self) -> int:
        return hash(self.repository.pk)


@lru_cache(maxsize=16)
def _read(of: _Mirror, sha: str, url: str) -> Owners:
    if not sha:
        return Owners(lambda _: None, url)
    with mirror.opened(of.repository) as git:
        return Owners(lambda place: git.text(sha, RepoPath(place)), url)
