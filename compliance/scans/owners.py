"""The owners of a repository's files, according to CODEOWNERS at its newest recorded commit.

The text of the file is stored in Postgres with each update, so that a web server needs no mirror.
"""

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache

from django.db import transaction

from compliance.models import OwnersFile, Repository
from compliance.people.codeowners import LARGEST, PLACES, Owners
from compliance.people.teams import record_teams, team_handles
from compliance.scans import mirror
from compliance.scans.problems import TroubleError
from compliance.scans.scan import Scan
from scanner import GitError, RepoPath


def owners(repository: Repository) -> Owners:
    """Return the owners at the newest recorded commit. Each process reads and parses CODEOWNERS only once.

    If nothing is stored yet, as after an upgrade, and this machine has no mirror, no owners are known.
    """
    if repository.owners_digest:
        return _read_stored(repository, repository.owners_digest, repository.url)
    sha = repository.head.sha if repository.head else ""
    try:
        return _read_mirror(repository, sha, repository.url)
    except (GitError, TroubleError):
        return Owners(lambda _: None, repository.url)


def owners_of(repository: Repository, paths: Iterable[str]) -> list[str]:
    """Return all owners of these files, each once, in the order of the files."""
    chosen = list(paths)
    known = owners(repository) if chosen else None
    return list(dict.fromkeys(owner for path in chosen for owner in known.of(path))) if known else []


def record(scan: Scan) -> None:
    """Store the CODEOWNERS files at the branch's tip, and create a team for each team handle in the one that
    applies, unless it belongs to a team.

    Managers name the members.
    """
    found = scan.git.texts(scan.tip, map(RepoPath, PLACES))
    texts = {str(place): text[: LARGEST + 1] for place, text in found.items()}
    digest = hashlib.sha256(json.dumps(texts, sort_keys=True).encode()).hexdigest()
    repository = scan.repository
    if digest != repository.owners_digest:
        with transaction.atomic():
            OwnersFile.objects.update_or_create(repository=repository, defaults={"texts": texts})
            Repository.objects.filter(pk=repository.pk).update(owners_digest=digest)
        repository.owners_digest = digest
    record_teams(team_handles(Owners(texts.get, repository.url)))


# A model is compared and hashed by its id alone, so newer instances of a repository find these entries too.
@lru_cache(maxsize=16)
def _read_stored(repository: Repository, digest: str, url: str) -> Owners:  # noqa: ARG001  (part of the key)
    stored = OwnersFile.objects.filter(repository=repository).first()
    return Owners(stored.texts.get if stored else lambda _: None, url)


@lru_cache(maxsize=16)
def _read_mirror(repository: Repository, sha: str, url: str) -> Owners:
    if not sha:
        return Owners(lambda _: None, url)
    with mirror.local(repository) as git:
        texts = git.texts(sha, map(RepoPath, PLACES))
    return Owners({str(place): text for place, text in texts.items()}.get, url)
