"""The bare mirror of a tracked repository: clone, fetch, repair, branch and tip."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from compliance.models import Repository
from compliance.scans.problems import Kind, TroubleError
from scanner import (
    EmptyRepositoryError,
    GitError,
    Listing,
    RemoteError,
    UnknownRevisionError,
    clone_mirror,
    default_branch,
    fetch_mirror,
    follow_default_branch,
    is_complete,
    is_sound,
    list_remote,
    open_repository,
    renew_mirror,
)
from scanner import Repository as GitRepository

log = logging.getLogger(__name__)


def folder(repository: Repository) -> Path:
    """Return the mirror's folder."""
    return Path(settings.DATA_DIR) / "mirrors" / str(repository.pk)


@contextmanager
def fetched(repository: Repository) -> Iterator[GitRepository]:
    """Fetch the mirror and open it for a job; a damaged one is cloned again.

    Raises `RemoteError` if the origin doesn't answer.
    """
    path = folder(repository)
    if not path.exists():
        clone_mirror(repository.url, str(path), repository.access)
    else:
        try:
            fetch_mirror(str(path), repository.url, repository.access)
        except GitError as error:
            if _is_the_origin_s(error) or not renew(repository):
                raise
    with read(repository) as git:
        yield git


@contextmanager
def read(repository: Repository) -> Iterator[GitRepository]:
    """Open the mirror for a job as it is. If git then fails and the mirror is damaged, it is cloned again.

    The error is raised all the same: what was read until then may be wrong, so the job starts anew.
    """
    try:
        with opened(repository) as git:
            yield git
    except RemoteError:
        raise
    except GitError:
        renew(repository)
        raise


def _is_the_origin_s(error: GitError) -> bool:
    """Return whether a fetch failed for a reason that a damaged mirror cannot have."""
    return isinstance(error, RemoteError) and error.reason not in {"other", "damaged"}


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
    return open_repository(str(path), complete=is_complete(str(path)))


def find_tip(repository: Repository, git: GitRepository) -> str:
    """Return the SHA of the tracked branch's tip. Raises `TroubleError` without one."""
    try:
        return git.resolve(f"refs/heads/{repository.branch}")
    except EmptyRepositoryError:
        words = f"{repository.url} has no commit yet; push one and it will be recorded."
        raise TroubleError(words, Kind.EMPTY) from None
    except UnknownRevisionError:
        if branch := _follow_renamed(repository):
            return git.resolve(f"refs/heads/{branch}")
        raise TroubleError(
            f"The branch {repository.branch} no longer exists in {repository.url}. Recorded data is kept; "
            "push the branch again, or track another one.",
            Kind.BRANCH,
        ) from None


def find_successor(repository: Repository, listing: Listing) -> str:
    """Return the origin's default branch if it took the place of the tracked one; empty if it didn't.

    A branch that is gone was renamed if it was the default branch before. Another one was simply deleted.
    """
    heads = {name.removeprefix("refs/heads/") for name in listing.refs if name.startswith("refs/heads/")}
    if repository.branch in heads or listing.default_branch not in heads:
        return ""
    try:
        before = default_branch(str(folder(repository)))
    except GitError:
        return ""
    return listing.default_branch if before == repository.branch else ""


def _follow_renamed(repository: Repository) -> str:
    """Track the origin's default branch from now on if the tracked one was renamed; return its name."""
    branch = find_successor(repository, list_remote(repository.url, repository.access))
    if branch:
        log.warning("%s: the default branch is now %s; it is tracked", repository.slug, branch)
        follow_default_branch(str(folder(repository)), branch)
        Repository.objects.filter(pk=repository.pk, branch=repository.branch).update(branch=branch)
        repository.branch = branch
    return branch


def query(url: str, branch: str = "", access: str = "") -> tuple[str, str]:
    """Return the branch to track, by default the origin's default branch, and the SHA of its tip.

    `access` are credentials as `user:password`. Raises `RemoteError` if the origin doesn't answer,
    `TroubleError` if it has no such branch.
    """
    return choose(url, list_remote(url, access), branch)


def choose(url: str, listing: Listing, branch: str = "") -> tuple[str, str]:
    """Select the branch to track as `query` does, from refs that are already listed."""
    heads = {
        name.removeprefix("refs/heads/"): sha
        for name, sha in listing.refs.items()
        if name.startswith("refs/heads/")
    }
    if not heads:
        raise TroubleError(f"{url} has no commit on any branch yet; commit something first.", Kind.EMPTY)
    branch = branch or _default_branch(listing, heads)
    if branch not in heads:
        names = ", ".join(sorted(heads)[:5])
        raise TroubleError(f"{url} has no branch {branch!r}; it has {names}.", Kind.BRANCH)
    return branch, heads[branch]


def _default_branch(listing: Listing, heads: dict[str, str]) -> str:
    """Return the default branch that the origin names; a guess where it names none (an old server)."""
    if listing.default_branch in heads:
        return listing.default_branch
    same = [name for name, sha in heads.items() if sha == listing.refs.get("HEAD")]
    known = [name for name in ("main", "master", "trunk", "develop") if name in (same or heads)]
    return (known or same or sorted(heads))[0]
