"""Adding a repository: the check of its address, what was found there, and the repository itself.

Credentials can be sent but never read.
"""

from datetime import date, datetime
from typing import Annotated

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import ConfigDict, StringConstraints

from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, require_all_repositories
from compliance.api.pagination import Page, Paged, page
from compliance.api.repositories import RepositoryOut, told_repository
from compliance.api.repository_history import DepthEstimateOut, DepthIn
from compliance.lib.field_types import NO_NUL, Seen
from compliance.models import Connection, RepositorySetup
from compliance.scans import access_values, repository_setup
from compliance.scans.depth import checked_depth
from compliance.scans.setup_estimate import estimate_for

router = Router(tags=["repositories"])

Line = Annotated[str, StringConstraints(max_length=1000, pattern=NO_NUL)]
Token = Annotated[str, StringConstraints(max_length=20_000, pattern=NO_NUL)]


class HostKeyOut(Schema):
    """A key by which an ssh server is recognised."""

    type: str
    fingerprint: str


class EstimateOut(Schema):
    """What is known before the clone: its size and the free space in bytes, the number of first-parent
    commits of the default branch, also of each month, the dates of the first and the last one, the time of
    the clone in seconds, and the shortest and longest time in seconds for the whole history. Unknown values
    are null. `partial` says that a folder is a partial clone, which lacks contents of files.
    """

    size: int | None = None
    commits: int | None = None
    months: list[tuple[str, int]] | None = None
    since: str | None = None
    until: str | None = None
    clone: float | None = None
    seconds: list[int] | None = None
    free: int | None = None
    partial: bool = False


class SetupOut(Schema):
    """An address and what was found there. `state` is checking, ready, failed or added.

    `trouble` and `trouble_kind` say why the address could not be read. `public_key` is the deploy key to be
    installed for an ssh address. `repository` is the slug of the repository that was added.
    """

    id: int
    url: str
    state: str
    trouble: str
    trouble_kind: str
    connection: str | None
    branches: list[str]
    branch_count: int
    default_branch: str
    public_key: str
    host_keys: list[HostKeyOut]
    estimate: EstimateOut
    repository: str | None
    created_at: datetime


class CredentialsIn(Schema):
    """How to read a private repository over https: the slug of a connection to its server, or a token with
    the user name that it belongs to, if the server wants one.
    """

    model_config = ConfigDict(extra="forbid")
    connection: Line = ""
    user: Line = ""
    token: Token = ""


class SetupIn(CredentialsIn):
    """The address of a repository, or the full path of a folder that REPOSITORY_FOLDERS permits."""

    address: Seen


class CheckIn(CredentialsIn):
    """Other credentials, and whether another key of the ssh server is accepted."""

    accept_host_key: bool = False


class AddIn(Schema):
    """The branch to track, by default the default branch. `again` permits another repository with the same
    address and branch. `history_since` limits the history to the commits since that day, and
    `history_commits` to the last ones; by default, all of it is read.
    """

    model_config = ConfigDict(extra="forbid")
    branch: Annotated[str, StringConstraints(max_length=4096, pattern=NO_NUL)] = ""
    name: Line = ""
    slug: Annotated[str, StringConstraints(max_length=50, pattern=NO_NUL)] = ""
    again: bool = False
    history_since: date | None = None
    history_commits: int | None = None


@router.get("", response=Page[SetupOut], summary="List addresses of new repositories")
def index(request: HttpRequest, response: HttpResponse, paged: Query[Paged]) -> Page[SetupOut]:
    """List the addresses of the last 7 days. Requires the administrator role."""
    acting(request, Role.ADMINISTRATOR)
    require_all_repositories(request, "Repositories are added to the installation")
    return page(request, response, RepositorySetup.objects.all(), paged, _told)


@router.post("", response={201: SetupOut}, auth=WRITE, summary="Check the address of a new repository")
def write(request: HttpRequest, given: SetupIn) -> Status[SetupOut]:
    """Store an address and queue its check. Requires the administrator role."""
    person = acting(request, Role.ADMINISTRATOR)
    require_all_repositories(request, "Repositories are added to the installation")
    connection = _connection(given.connection)
    made = repository_setup.begin(
        given.address, person, user=given.user, token=given.token, connection=connection
    )
    return Status(201, _told(_found(request, made.pk)))


@router.get("/{int:pk}", response=SetupOut, summary="Show the address of a new repository")
def show(request: HttpRequest, pk: int) -> SetupOut:
    """Show an address and what was found there. Requires the administrator role."""
    acting(request, Role.ADMINISTRATOR)
    return _told(_found(request, pk))


@router.get(
    "/{int:pk}/estimate", response=DepthEstimateOut, summary="Estimate how long reading a history takes"
)
def depth_estimate(request: HttpRequest, pk: int, given: Query[DepthIn]) -> DepthEstimateOut:
    """Estimate a choice of how much history is read. Requires the administrator role."""
    acting(request, Role.ADMINISTRATOR)
    found = _found(request, pk)
    depth = checked_depth(given.history_since, given.history_commits)
    return DepthEstimateOut(**estimate_for(found.estimate, depth))


@router.post("/{int:pk}/check", response=SetupOut, auth=WRITE, summary="Check an address again")
def check(request: HttpRequest, pk: int, given: CheckIn) -> SetupOut:
    """Check an address again, with other credentials if some are given. Requires the administrator role."""
    person = acting(request, Role.ADMINISTRATOR)
    found = _found(request, pk)
    repository_setup.check_again(
        found,
        person,
        user=given.user,
        token=given.token,
        connection=_connection(given.connection),
        forget_host=given.accept_host_key,
    )
    return _told(found)


@router.post("/{int:pk}/add", response={201: RepositoryOut}, auth=WRITE, summary="Add a repository")
def add(request: HttpRequest, pk: int, given: AddIn) -> Status[RepositoryOut]:
    """Begin to track a branch of a checked address. Requires the administrator role."""
    person = acting(request, Role.ADMINISTRATOR)
    made = repository_setup.add(
        _found(request, pk),
        person,
        branch=given.branch,
        name=given.name,
        slug=given.slug,
        again=given.again,
        depth=checked_depth(given.history_since, given.history_commits),
    )
    return Status(201, told_repository(made))


@router.post("/{int:pk}/cancel", response=SetupOut, auth=WRITE, summary="Forget an address")
def cancel(request: HttpRequest, pk: int) -> SetupOut:
    """Forget an address that was not added. Requires the administrator role."""
    acting(request, Role.ADMINISTRATOR)
    found = _found(request, pk)
    if found.repository:
        raise HttpError(409, f"{found.repository.name} has been added already.")
    told = _told(found)
    repository_setup.cancel(found)
    return told


def _connection(slug: str) -> Connection | None:
    if not slug:
        return None
    found = Connection.objects.filter(slug=slug).first()
    if found is None:
        raise HttpError(409, f"There is no connection “{slug[:50]}”.")
    return found


def _found(request: HttpRequest, pk: int) -> RepositorySetup:
    require_all_repositories(request, "Repositories are added to the installation")
    found = RepositorySetup.objects.select_related("repository", "connection").filter(pk=pk).first()
    if found is None:
        raise Http404(f"There is no address {pk}.")
    return found


def _told(row: RepositorySetup) -> SetupOut:
    keys = access_values.host_fingerprints(row.access)
    same = {"id", "connection", "public_key", "host_keys", "estimate", "repository"}
    return SetupOut(
        **{name: getattr(row, name) for name in SetupOut.model_fields if name not in same},
        id=row.pk,
        connection=row.connection.slug if row.connection else None,
        public_key=access_values.key_of(row.access),
        host_keys=[HostKeyOut(type=kind, fingerprint=fingerprint) for kind, fingerprint in keys],
        estimate=EstimateOut(**row.estimate),
        repository=row.repository.slug if row.repository else None,
    )
