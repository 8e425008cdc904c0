"""Adds a repository from the pages or the API: checks the address, lists the branches, estimates the size,
and begins to track a branch.

The check runs as a job, because it waits for another server. Its results are kept in a `RepositorySetup`.
"""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet

from compliance import jobs
from compliance.integrations import connections, git_access
from compliance.integrations.api import ApiError
from compliance.jobs import JobRun, Priority
from compliance.lib import ssh_keys
from compliance.lib.field_types import LONGEST_REF, cut, storable
from compliance.models import Connection, FormerSlug, Job, Repository, RepositorySetup, lock_slugs
from compliance.scans import folders, history_depth, remote_branches, tracking
from compliance.scans.access_values import token_access
from compliance.scans.depth import WHOLE, Depth
from compliance.scans.problems import LONGEST, Kind, TroubleError, kind_of
from compliance.scans.setup_address import read_address
from compliance.scans.setup_duplicates import refuse_known
from compliance.scans.setup_errors import SetupError
from compliance.scans.setup_estimate import describe_estimate
from scanner import (
    DEFAULT_PATH,
    GitError,
    Listing,
    SshAccess,
    estimate,
    host_keys,
    is_partial,
    is_ssh,
    list_remote,
)

KIND = "setup"
"""The kind of the job that checks an address."""

MOST_BRANCHES = 2_000

State = RepositorySetup.State


def begin(
    address: str,
    person: User | None,
    *,
    user: str = "",
    token: str = "",
    connection: Connection | None = None,
) -> RepositorySetup:
    """Store an address and queue its check. For an ssh address, a deploy key is generated.

    Raises `SetupError` if the address can't be one of a repository, or is a folder that is not permitted.
    """
    url, access = read_address(address)
    setup = RepositorySetup(url=url, person=person, is_confined=url.startswith("/"))
    if is_ssh(url):
        setup.access = SshAccess(ssh_keys.new_private_key()).text
    _set_credentials(setup, access, user, token, connection)
    with transaction.atomic():
        setup.save()
        _request_check(setup, person)
    return setup


def check_again(
    setup: RepositorySetup,
    person: User | None,
    *,
    user: str = "",
    token: str = "",
    connection: Connection | None = None,
    forget_host: bool = False,
) -> None:
    """Check an address again, with other credentials if some are given. `forget_host` accepts another host
    key. Raises `SetupError`.
    """
    _set_credentials(setup, "", user, token, connection)
    if forget_host and (access := SshAccess.parse(setup.access)):
        setup.access = SshAccess(access.private_key).text
    with transaction.atomic():
        setup.state, setup.trouble, setup.trouble_kind = State.CHECKING, "", ""
        setup.save()
        _request_check(setup, person)


def _request_check(setup: RepositorySetup, person: User | None) -> None:
    jobs.enqueue(KIND, key=str(setup.pk), priority=Priority.HIGH, cause=setup.url, person=person)


def _set_credentials(
    setup: RepositorySetup, access: str, user: str, token: str, connection: Connection | None
) -> None:
    if connection is not None and (token or user):
        raise SetupError(
            "token", f"Use either the connection {connection.name} or a token, and leave the other one out."
        )
    if user and not token:
        raise SetupError("token", f"Enter the token or password of the user {user[:100]}, too.")
    if connection is not None:
        if not git_access.serves(connection, setup.url):
            raise SetupError("connection", f"{connection.name} is a connection to another server.")
        setup.connection, setup.access = connection, ""
    elif token:
        setup.access, setup.connection = token_access(setup.url, user, token), None
    elif access:
        setup.access = access


def check(run: JobRun) -> bool:
    """Ask the address for its branches, and estimate its size."""
    setup = RepositorySetup.objects.select_related("connection").filter(pk=run.job.key).first()
    if setup is None or setup.state == State.ADDED:
        return True
    same = RepositorySetup.objects.filter(pk=setup.pk)
    try:
        access = _access(setup)
        run.tell("asking for the branches")
        listing = _list(setup, access)
        default, _ = remote_branches.choose(setup.url, listing)
    except (GitError, TroubleError, OSError) as error:
        words = cut(storable(str(error)), LONGEST)
        same.update(state=State.FAILED, trouble=words, trouble_kind=kind_of(error))
        return True
    branches = _branches(listing, default)
    same.update(
        state=State.READY,
        access=setup.access,
        branches=branches[:MOST_BRANCHES],
        branch_count=len(branches),
        default_branch=default,
        estimate={},
    )
    scratch = Path(settings.DATA_DIR) / "mirrors" / f"setup-{setup.pk}.unfinished-{os.getpid()}"
    found = estimate(setup.url, default, str(scratch), access, run.tell)
    described = describe_estimate(found, shutil.disk_usage(settings.DATA_DIR).free)
    same.update(estimate={**described, "partial": setup.is_confined and is_partial(setup.url)})
    return True


def _list(setup: RepositorySetup, access: str) -> Listing:
    if setup.is_confined:
        folders.require_folder(setup.url)
    listing = list_remote(setup.url, access)
    if setup.is_confined:
        folders.refuse_shallow(setup.url)
    return listing


def _access(setup: RepositorySetup) -> str:
    """Return the credentials. The keys of an ssh host are asked for at the first use, and kept."""
    if setup.connection:
        try:
            project = git_access.project_of(setup.url)
            return git_access.credentials(setup.connection, setup.url, project)
        except ApiError as error:
            raise TroubleError(str(error), Kind.REFUSED) from None
    access = SshAccess.parse(setup.access)
    if access and not access.host_keys:
        access = SshAccess(access.private_key, host_keys(setup.url))
        setup.access = access.text
        RepositorySetup.objects.filter(pk=setup.pk).update(access=setup.access)
    return setup.access


def _branches(listing: Listing, default: str) -> list[str]:
    """Return the names of the branches: the default one, and then the others in alphabetical order."""
    prefix = "refs/heads/"
    names = (name.removeprefix(prefix) for name in listing.refs if name.startswith(prefix))
    return [default, *sorted(name for name in names if name != default and len(name) <= LONGEST_REF)]


def is_running(setup: RepositorySetup) -> bool:
    """Return true while the check of an address is waiting or running."""
    return active(setup).exists()


def active(setup: RepositorySetup) -> QuerySet[Job]:
    """Return the jobs that check an address."""
    return jobs.pending(KIND, str(setup.pk))


def add(
    setup: RepositorySetup,
    person: User | None,
    *,
    branch: str = "",
    name: str = "",
    slug: str = "",
    again: bool = False,
    depth: Depth = WHOLE,
) -> Repository:
    """Begin to track a branch, by default the default one, of an address that was checked. `depth` limits how
    much of its history is read.

    If the repository was added from this setup before, it is returned. `again` permits another repository
    with the same address and branch. Raises `SetupError`.
    """
    with transaction.atomic():
        setup = RepositorySetup.objects.select_for_update(of=("self",)).get(pk=setup.pk)
        if setup.repository is not None:
            return setup.repository
        if setup.state != State.READY:
            raise SetupError("", "The address has not been checked, or could not be read. Check it again.")
        check_space(setup.estimate)
        branch = _check_branch(setup, branch)
        lock_slugs()
        if not again:
            refuse_known(setup.url, branch)
        repository = _create(setup, branch, name.strip(), slug.strip(), depth)
        if setup.connection:
            connections.attach(repository, setup.connection, git_access.project_of(setup.url))
        jobs.enqueue("update", repository, priority=Priority.HIGH, cause="added", person=person)
        setup.repository, setup.state, setup.access = repository, State.ADDED, ""
        setup.save(update_fields=["repository", "state", "access"])
    return repository


def check_space(estimate: Mapping[str, Any]) -> None:
    """Raise `SetupError` if the clone is likely to fill the disk."""
    size, free = estimate.get("size") or 0, estimate.get("free") or 0
    if size > free > 0:
        raise SetupError(
            "",
            f"The clone takes about {size / 1e9:.1f} GB, and the disk with DATA_DIR has {free / 1e9:.1f} GB "
            "left. Free some space, then check the address again.",
        )


def _check_branch(setup: RepositorySetup, branch: str) -> str:
    branch = branch.strip() or setup.default_branch
    if branch not in setup.branches and setup.branch_count <= len(setup.branches):
        raise SetupError("branch", f"There is no branch {branch[:100]!r}. Choose one of the list.")
    if len(branch) > LONGEST_REF:
        raise SetupError("branch", f"The name of the branch is longer than {LONGEST_REF:,} characters.")
    return branch


def _create(setup: RepositorySetup, branch: str, name: str, slug: str, depth: Depth) -> Repository:
    try:
        tracking.check_values(name=name, slug=slug)
        if slug and is_taken(slug):
            raise SetupError("slug", f"The short name “{slug}” is taken. Choose another one.")
        slug = tracking.new_slug(slug, setup.url, name)
    except TroubleError as error:
        raise SetupError("slug" if slug else "name", str(error)) from None
    repository = Repository(slug=slug, name=name or slug, url=setup.url, branch=branch)
    repository.access, repository.uses_connection = setup.access, setup.connection is not None
    repository.is_confined, repository.plan_path = setup.is_confined, DEFAULT_PATH
    history_depth.limit(repository, depth)
    repository.save()
    return repository


def is_taken(slug: str) -> bool:
    """Return true if a repository, also a deleted one, or a connection has a slug, or had it before."""
    tables = (Repository.everything, Connection.objects, FormerSlug.objects)
    return any(rows.filter(slug=slug).exists() for rows in tables)


def cancel(setup: RepositorySetup) -> None:
    """Forget an address that was not added. Its check ends with its next message."""
    with transaction.atomic():
        active(setup).delete()
        setup.delete()
