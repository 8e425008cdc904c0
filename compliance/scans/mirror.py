"""Manages the bare mirror of a tracked repository: clones, fetches, repairs and opens it, and finds the
tracked branch and its tip.
"""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from compliance import jobs
from compliance.jobs import TemporaryError
from compliance.lib.field_types import LONGEST_REF
from compliance.models import Repository
from compliance.scans import folders, reading_ranges
from compliance.scans.branch_pull_requests import retarget
from compliance.scans.credentials import access_to
from compliance.scans.problems import Kind, TroubleError
from compliance.scans.transfers import watching
from scanner import (
    DamagedRepositoryError,
    EmptyRepositoryError,
    GitError,
    Listing,
    NotARepositoryError,
    RemoteError,
    UnknownRevisionError,
    branch_ref,
    clone_mirror,
    default_branch,
    fetch_commit,
    fetch_mirror,
    follow_default_branch,
    is_complete,
    is_sound,
    list_remote,
    open_repository,
    remove_unfinished,
    renew_mirror,
)
from scanner import Repository as GitRepository

log = logging.getLogger(__name__)


class GoneError(GitError, TemporaryError):
    """Raised if a recorded commit is neither in the mirror nor at the origin, because of a force push. An
    update, which is enqueued, rolls the records back.
    """


def folder(repository: Repository) -> Path:
    """Return the mirror's folder on this machine."""
    return Path(settings.DATA_DIR) / "mirrors" / str(repository.pk)


@contextmanager
def fetched(repository: Repository) -> Iterator[GitRepository]:
    """Fetch the mirror, or clone it if this machine has none, and open it for a job.

    Raises `RemoteError` if the origin doesn't respond.
    """
    with locked(repository):
        fetch(repository)
    with read(repository) as git:
        yield git


@contextmanager
def read(repository: Repository, sha: str = "") -> Iterator[GitRepository]:
    """Open the mirror for a job that needs a commit. Nothing is fetched if the mirror has it.

    If git fails and the mirror is damaged, it is cloned again. Whatever was read before may be wrong, so the
    job must start again: `TemporaryError` is raised. Raises `RemoteError` if the origin doesn't respond, and
    `GoneError` if it no longer has the commit.
    """
    try:
        provide(repository, sha)
        with local(repository) as git:
            yield git
    except (RemoteError, GoneError):
        raise
    except GitError as error:
        if renew(repository):
            words = f"The mirror of {repository.name} on this machine was damaged and has been cloned again"
            raise TemporaryError(f"{words} ({error}).") from error
        if isinstance(error, (DamagedRepositoryError, NotARepositoryError)):
            words = f"The mirror of {repository.name} on this machine could not be read"
            raise TemporaryError(f"{words} ({error}).") from error
        raise


@contextmanager
def read_newest(repository: Repository) -> Iterator[tuple[GitRepository, str]]:
    """Open the mirror as `read` does, at the newest recorded commit or, before the first scan, at the tip of
    the branch. Raises the same errors, and `TroubleError` if there is no commit.
    """
    sha = repository.head.sha if repository.head else ""
    with read(repository, sha) as git:
        yield git, sha or find_tip(repository, git)


def provide(repository: Repository, sha: str = "") -> None:
    """Clone the mirror if this machine has none, and fetch it if it lacks a commit. Another machine may have
    recorded that commit.
    """
    path = folder(repository)
    if path.exists() and not (sha and _lacks(path, sha)):
        return
    with locked(repository):
        if not path.exists() or (sha and _lacks(path, sha)):
            fetch(repository)
        if sha and _lacks(path, sha) and not (_renew(repository) and not _lacks(path, sha)):
            _fetch_commit(repository, sha)


def _fetch_commit(repository: Repository, sha: str) -> None:
    """Fetch a commit that a force push removed from all branches and tags. Many servers still have it."""
    folders.require_here(repository)
    try:
        with access_to(repository) as access:
            fetch_commit(str(folder(repository)), sha, repository.url, access)
    except RemoteError as error:
        if error.reason not in {"not found", "other"}:
            raise
        jobs.enqueue("update", repository, cause=f"{sha[:10]} is gone")
        raise GoneError(
            f"{repository.url} no longer has the commit {sha[:10]}. The next update records the branch as it "
            "is now."
        ) from error


def _lacks(path: Path, sha: str) -> bool:
    with open_repository(str(path)) as git:
        try:
            git.resolve(sha)
        except (UnknownRevisionError, EmptyRepositoryError):
            return True
    return False


def fetch(repository: Repository) -> None:
    """Clone or fetch the mirror. If it is damaged, clone it again. The caller must hold the lock."""
    folders.require_here(repository)
    path = folder(repository)
    if not path.exists():
        for name in remove_unfinished(path):  # nobody else writes them while the lock is held
            log.warning("Removed %s, an incomplete clone of a process that was killed", name)
        ask = partial(reading_ranges.ask_to_clone, repository)
        with watching("cloning", ask) as watch, access_to(repository) as access:
            clone_mirror(repository.url, str(path), access, watch)
        return
    try:
        with watching("fetching") as watch, access_to(repository) as access:
            fetch_mirror(str(path), repository.url, access, watch)
    except GitError as error:
        if _is_the_origin_s(error) or not _renew(repository):
            raise


@contextmanager
def locked(repository: Repository) -> Iterator[None]:
    """Prevent the other processes of this machine from changing the mirror. The lock of a killed process is
    released by the operating system.
    """
    path = folder(repository).parent / ".locks" / str(repository.pk)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _is_the_origin_s(error: GitError) -> bool:
    """Return true if a fetch failed for a reason that can't be caused by a damaged mirror."""
    return isinstance(error, RemoteError) and error.reason not in {"other", "damaged"}


def renew(repository: Repository) -> bool:
    """Replace a damaged mirror with a new clone. Return False if it isn't damaged.

    The old mirror is deleted only once the new one is complete. Raises `RemoteError` if the origin doesn't
    respond.
    """
    with locked(repository):
        return _renew(repository)


def _renew(repository: Repository) -> bool:
    path = folder(repository)
    if path.exists() and is_sound(str(path)):
        return False
    folders.require_here(repository)
    log.warning("The mirror of %s is damaged and will be cloned again", repository.slug)
    with watching("cloning again") as watch, access_to(repository) as access:
        renew_mirror(repository.url, str(path), access, watch)
    return True


def local(repository: Repository) -> GitRepository:
    """Open this machine's mirror without fetching. Raises `TroubleError` if it is shallow, and `GitError` if
    it is damaged or this machine has none.
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
    """Return the SHA of the tracked branch's tip. Raises `TroubleError` if there is none."""
    try:
        return git.resolve(branch_ref(repository.branch))
    except EmptyRepositoryError:
        words = f"{repository.url} has no commits yet. Push one, and it will be recorded."
        raise TroubleError(words, Kind.EMPTY) from None
    except UnknownRevisionError:
        follow_renamed(repository)
        return git.resolve(branch_ref(repository.branch))


def find_successor(repository: Repository, listing: Listing) -> str:
    """Return the origin's default branch if it replaced the tracked one, otherwise an empty string.

    A missing branch that used to be the default branch is considered renamed. Any other missing branch is
    considered deleted.
    """
    heads = {name.removeprefix("refs/heads/") for name in listing.refs if name.startswith("refs/heads/")}
    branch = listing.default_branch
    if repository.branch in heads:
        if branch == repository.branch != repository.default_branch:
            Repository.objects.filter(pk=repository.pk, branch=branch).update(default_branch=branch)
        return ""
    if branch not in heads or len(branch) > LONGEST_REF:
        return ""
    return branch if _default_before(repository) == repository.branch else ""


def _default_before(repository: Repository) -> str:
    """Return the branch that was the origin's default branch. Earlier releases kept it only in the mirror."""
    if repository.default_branch:
        return repository.default_branch
    try:
        return default_branch(str(folder(repository)))
    except GitError:
        return ""


def follow_renamed(repository: Repository) -> None:
    """Track the origin's default branch from now on if the tracked branch was renamed to it. Raises
    `TroubleError` if it wasn't, and `RemoteError` if the origin doesn't respond.
    """
    with access_to(repository) as access:
        branch = find_successor(repository, list_remote(repository.url, access))
    if not branch:
        raise TroubleError(
            f"The branch {repository.branch} no longer exists in {repository.url}. Recorded data is kept. "
            "Push the branch again, or track another one.",
            Kind.BRANCH,
        )
    log.warning("%s: the default branch is now %s, which is tracked from now on", repository.slug, branch)
    follow_default_branch(str(folder(repository)), branch)
    with transaction.atomic():
        former = Repository.objects.filter(pk=repository.pk, branch=repository.branch)
        if former.update(branch=branch):
            retarget(repository, repository.branch, branch)
    repository.branch = branch
