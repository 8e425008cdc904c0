"""The bare mirror of a tracked repository: clone, fetch, repair, branch and tip."""

import logging
from pathlib import Path

from django.conf import settings

from compliance.models import Repository
from compliance.scans.problems import Kind, TroubleError
from scanner import (
    EmptyRepositoryError,
    GitError,
    UnknownRevisionError,
    clone_mirror,
    fetch_mirror,
    is_sound,
    ls_remote,
    open_repository,
    renew_mirror,
)
from scanner import Repository as GitRepository

log = logging.getLogger(__name__)


def folder(repository: Repository) -> Path:
    """Return the mirror's folder."""
    return Path(settings.DATA_DIR) / "mirrors" / str(repository.pk)


def fetch(repository: Repository) -> GitRepository:
    """Fetch the mirror and open it; a damaged one is cloned again.

    Raises `RemoteError` if the origin doesn't answer.
    """
    path = folder(repository)
    if not path.exists():
        clone_mirror(repository.url, str(path), repository.access)
        return opened(repository)
    try:
        fetch_mirror(str(path), repository.url, repository.access)
    except GitError:
        if not renew(repository):
            raise
    return opened(repository)


def renew(repository: Repository) -> bool:
    """Replace a damaged mirror by a fresh clone; return False if it isn't damaged.

    The old one is deleted only once the new one is complete. Raises `RemoteError` if the origin doesn't
    respond.
    """
    path = folder(repository)
    if is_sound(str(path)):
        return False
    log.warning("The mirror of %s is damaged and will be cloned again", repository.slug)
    renew_mirror(repository.url, str(path), repository.access)
    return True


def opened(repository: Repository) -> GitRepository:
    """Open the mirror without fetching. Raises `TroubleError` if it is shallow, `GitError` if it is
    broken.
    """
    path = folder(repository)
    if (path / "shallow").exists():
        raise TroubleError(
            f"{repository.url} is a shallow clone with incomplete history, so nothing was recorded. "
            "Run `git fetch --unshallow` there, or track the repository that it was cloned from.",
            Kind.SHALLOW,
        )
    return open_repository(str(path))


def find_tip(repository: Repository, git: GitRepository) -> str:
    """Return the SHA of the tracked branch's tip. Raises `TroubleError` without one."""
    try:
        return git.resolve(f"refs/heads/{repository.branch}")
    except EmptyRepositoryError:
        words = f"{repository.url} has no commit yet; push one and it will be recorded."
        raise TroubleError(words, Kind.EMPTY) from None
    except UnknownRevisionError:
        raise TroubleError(
            f"The branch {repository.branch} no longer exists in {repository.url}. Recorded data is kept; "
            "push the branch again, or track another one.",
            Kind.BRANCH,
        ) from None


def query(url: str, branch: str = "", access: str = "") -> tuple[str, str]:
    """Return the branch to track, by default the origin's default branch, and the SHA of its tip.

    `access` are credentials as `user:password`. Raises `RemoteError` if the origin doesn't answer,
    `TroubleError` if it has no such branch.
    """
    return choose(url, ls_remote(url, access), branch)


def choose(url: str, refs: dict[str, str], branch: str = "") -> tuple[str, str]:
    """Select the branch to track as `query` does, from refs that are already listed."""
    heads = {
        name.removeprefix("refs/heads/"): sha for name, sha in refs.items() if name.startswith("refs/heads/")
    }
    if not heads:
        raise TroubleError(f"{url} has no commit on any branch yet; commit something first.", Kind.EMPTY)
    if not branch:
        same = [name for name, sha in heads.items() if sha == refs.get("HEAD")]
        known = [name for name in ("main", "master", "trunk", "develop") if name in (same or heads)]
        branch = (known or same or sorted(heads))[0]
    if branch not in heads:
        names = ", ".join(sorted(heads)[:5])
        raise TroubleError(f"{url} has no branch {branch!r}; it has {names}.", Kind.BRANCH)
    return branch, heads[branch]
