"""Manages the bare mirror of a tracked repository: clones, fetches, repairs and opens it, and finds the
tracked branch and its tip.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import transaction

from compliance.lib.field_types import LONGEST_REF
from compliance.models import Repository
from compliance.scans.branch_pull_requests import retarget
from compliance.scans.problems import Kind, TroubleError
from scanner import (
    EmptyRepositoryError,
    GitError,
    Listing,
    RemoteError,
    UnknownRevisionError,
    branch_ref,
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
    """Fetch the mirror and open it for a job. If it is damaged, clone it again.

    Raises `RemoteError` if the origin doesn't respond.
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
    """Open the mirror for a job without fetching. If git then fails and the mirror is damaged, clone it
    again.

    The error is raised even if the mirror has been repaired: whatever was read before may be wrong, so the
    job must start again.
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
    """Return true if a fetch failed for a reason that can't be caused by a damaged mirror."""
    return isinstance(error, RemoteError) and error.reason not in {"other", "damaged"}


def renew(repository: Repository) -> bool:
    """Replace a damaged mirror with a new clone. Return False if it isn't damaged.

    The old mirror is deleted only once the new one is complete. Raises `RemoteError` if the origin doesn't
    respond.
    """
    path = folder(repository)
    if is_sound(str(path)):
        return False
    log.warning("The mirror of %s is damaged and will be cloned again", repository.slug)
    renew_mirror(repository.url, str(path), repository.access)
    return True


def opened(repository: Repository) -> GitRepository:
    """Open the mirror without fetching. Raises `TroubleError` if it is shallow, and `GitError` if it is
    damaged.
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
        if branch := _follow_renamed(repository):
            return git.resolve(branch_ref(branch))
        raise TroubleError(
            f"The branch {repository.branch} no longer exists in {repository.url}. Recorded data is kept. "
            "Push the branch again, or track another one.",
            Kind.BRANCH,
        ) from None


def find_successor(repository: Repository, listing: Listing) -> str:
    """Return the origin's default branch if it replaced the tracked one, otherwise an empty string.

    A missing branch that used to be the default branch is considered renamed. Any other missing branch is
    considered deleted.
    """
    heads = {name.removeprefix("refs/heads/") for name in listing.refs if name.startswith("refs/heads/")}
    branch = listing.default_branch
    if repository.branch in heads or branch not in heads or len(branch) > LONGEST_REF:
        return ""
    try:
        before = default_branch(str(folder(repository)))
    except GitError:
        return ""
    return branch if before == repository.branch else ""


def _follow_renamed(repository: Repository) -> str:
    """If the tracked branch was renamed, track the origin's default branch from now on, and return its
    name.
    """
    branch = find_successor(repository, list_remote(repository.url, repository.access))
    if branch:
        log.warning("%s: the default branch is now %s, which is tracked from now on", repository.slug, branch)
        follow_default_branch(str(folder(repository)), branch)
        with transaction.atomic():
            former = Repository.objects.filter(pk=repository.pk, branch=repository.branch)
            if former.update(branch=branch):
                retarget(repository, repository.branch, branch)
        repository.branch = branch
    return branch


def query(url: str, branch: str = "", access: str = "") -> tuple[str, str]:
    """Return the branch to track, by default the origin's default branch, and the SHA of its tip.

    `access` contains credentials as `user:password`. Raises `RemoteError` if the origin doesn't respond, and
    `TroubleError` if it has no such branch.
    """
    return choose(url, list_remote(url, access), branch)


def choose(url: str, listing: Listing, branch: str = "") -> tuple[str, str]:
    """Choose the branch to track in the same way as `query`, from refs that have already been listed."""
    heads = {
        name.removeprefix("refs/heads/"): sha
        for name, sha in listing.refs.items()
        if name.startswith("refs/heads/")
    }
    if not heads:
        raise TroubleError(f"{url} has no commits on any branch yet. Commit something first.", Kind.EMPTY)
    branch = branch or _default_branch(listing, heads)
    if len(branch) > LONGEST_REF:
        words = (
            f"The name of the branch {branch[:100]}… is longer than {LONGEST_REF:,} characters. Rename it."
        )
        raise TroubleError(words, Kind.BRANCH)
    if branch not in heads:
        names = ", ".join(sorted(heads)[:5])
        raise TroubleError(f"{url} has no branch {branch!r}. Its branches are {names}.", Kind.BRANCH)
    return branch, heads[branch]


def _default_branch(listing: Listing, heads: dict[str, str]) -> str:
    """Return the default branch that the origin reports. If it reports none, as old servers do, guess."""
    if listing.default_branch in heads:
        return listing.default_branch
    same = [name for name, sha in heads.items() if sha == listing.refs.get("HEAD")]
    known = [name for name in ("main", "master", "trunk", "develop") if name in (same or heads)]
    return (known or same or sorted(heads))[0]
