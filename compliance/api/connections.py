"""Connections to forges and issue trackers, and the repositories that use them.

Credentials can be sent but never read, and neither can the secret of a webhook.
"""

from datetime import datetime
from typing import Annotated

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import ConfigDict, StringConstraints

from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of, require_all_repositories
from compliance.api.pagination import Page, Paged, page
from compliance.integrations import connection_jobs, connection_removal, connections
from compliance.integrations.apis import APIS
from compliance.integrations.connections import LONGEST_SECRET, MOST_PREFIXES
from compliance.lib.addresses import webhook_url
from compliance.lib.field_types import NO_NUL, Seen
from compliance.models import Attachment, Connection

router = Router(tags=["connections"])
attachments = Router(tags=["connections"])

Line = Annotated[str, StringConstraints(max_length=1000, pattern=NO_NUL)]
Secret = Annotated[str, StringConstraints(max_length=LONGEST_SECRET, pattern=NO_NUL)]


class ConnectionOut(Schema):
    """A connection. `scopes` and `acts_as` are what the provider said when it was last called with success.

    `webhook_at` is the time at which a tracker's webhook was installed, and `webhook_problem` why it
    couldn't be.
    """

    slug: str
    name: str
    provider: str
    api_url: str
    account: str
    app_id: str
    prefixes: list[str]
    acts_as: str
    scopes: list[str]
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_failure: str
    webhook_at: datetime | None
    webhook_problem: str
    repositories: list[str]


class ConnectionChange(Schema):
    """What to change; what is omitted stays. Credentials replace the stored ones."""

    model_config = ConfigDict(extra="forbid")
    name: Seen | None = None
    api_url: Line | None = None
    account: Line | None = None
    token: Secret | None = None
    app_id: Line | None = None
    private_key: Secret | None = None
    prefixes: list[Line] | None = Field(None, max_length=MOST_PREFIXES)


class ConnectionIn(ConnectionChange):
    """A new connection. The slug is by default derived from the name."""

    provider: Line
    name: Seen
    slug: Annotated[str, StringConstraints(max_length=50, pattern=NO_NUL)] = ""


class AttachmentOut(Schema):
    """A connection that a repository uses. `project` is the repository's path at a forge."""

    id: int
    connection: str
    provider: str
    kind: str
    project: str
    webhook_at: datetime | None
    webhook_problem: str


class AttachmentIn(Schema):
    """The connection to attach, by slug, and the repository's path at the forge if its URL has another."""

    model_config = ConfigDict(extra="forbid")
    connection: Line
    project: Line = ""


@router.get("", response=Page[ConnectionOut], summary="List connections")
def index(request: HttpRequest, response: HttpResponse, paged: Query[Paged]) -> Page[ConnectionOut]:
    """List all connections. Requires the manager role."""
    acting(request, Role.MANAGER)
    return page(request, response, _connections(request), paged, _told)


@router.post("", response={201: ConnectionOut}, auth=WRITE, summary="Create a connection")
def write(request: HttpRequest, given: ConnectionIn) -> Status[ConnectionOut]:
    """Create a connection and queue its test and, for a tracker, the installation of its webhook.

    Requires the administrator role.
    """
    person = acting(request, Role.ADMINISTRATOR)
    rows = _connections(request)
    values = given.model_dump(exclude_none=True, exclude={"provider", "slug"})
    made = connections.create(given.provider, given.slug, values)
    connection_jobs.request_check(made, person)
    if APIS[made.provider].KIND == "tracker":
        connection_jobs.request_webhook(made, webhook_url(request, made.provider, made.slug), person)
    return Status(201, _told(rows.get(pk=made.pk)))


@router.post("/{slug}", response=ConnectionOut, auth=WRITE, summary="Change a connection")
def change(request: HttpRequest, slug: str, given: ConnectionChange) -> ConnectionOut:
    """Change a connection. It is tested again if its server or its credentials change. A tracker's webhook
    that the product installed is updated.

    Requires the administrator role.
    """
    person = acting(request, Role.ADMINISTRATOR)
    found = _found(request, slug)
    if connections.change(found, given.model_dump(exclude_none=True)):
        connection_jobs.request_check(found, person)
    if found.webhook_id:  # Jira's webhook is limited to the projects whose keys are the prefixes
        connection_jobs.request_webhook(found, webhook_url(request, found.provider, found.slug), person)
    return _told(found)


@router.post("/{slug}/test", response={202: ConnectionOut}, auth=WRITE, summary="Test a connection")
def test(request: HttpRequest, slug: str) -> Status[ConnectionOut]:
    """Queue a test. Its outcome is in `last_success_at` and `last_failure`. Requires the administrator
    role.
    """
    person = acting(request, Role.ADMINISTRATOR)
    found = _found(request, slug)
    connection_jobs.request_check(found, person)
    return Status(202, _told(found))


@router.post(
    "/{slug}/remove",
    response={200: ConnectionOut, 202: ConnectionOut},
    auth=WRITE,
    summary="Delete a connection",
)
def remove(request: HttpRequest, slug: str, keep_webhook: bool = False) -> Status[ConnectionOut]:
    """Delete a connection and its credentials. The response is 409 while a repository uses it.

    If the product installed its webhook, the response is 202, and the webhook is removed first; with
    `keep_webhook`, it remains. Requires the administrator role.
    """
    person = acting(request, Role.ADMINISTRATOR)
    found = _found(request, slug)
    told = _told(found)
    is_gone = connection_removal.remove(found, person, keep_webhook=keep_webhook)
    return Status(200 if is_gone else 202, told)


@attachments.get("/{slug}/connections", response=Page[AttachmentOut], summary="List attached connections")
def list_attached(
    request: HttpRequest, response: HttpResponse, slug: str, paged: Query[Paged]
) -> Page[AttachmentOut]:
    """List the connections that a repository uses."""
    rows = Attachment.objects.filter(repository=repository_of(request, slug)).select_related("connection")
    return page(request, response, rows, paged, _attached)


@attachments.post(
    "/{slug}/connections", response={201: AttachmentOut}, auth=WRITE, summary="Attach a connection"
)
def attach(request: HttpRequest, slug: str, given: AttachmentIn) -> Status[AttachmentOut]:
    """Attach a connection, and queue the installation of its webhook. Requires the manager role."""
    person = acting(request, Role.MANAGER)
    repository = repository_of(request, slug)
    found = Connection.objects.filter(slug=given.connection, provider__in=list(APIS)).first()
    if found is None:
        raise HttpError(409, f"There is no connection “{given.connection[:50]}”.")
    row = connections.attach(repository, found, given.project)
    if row.kind == Attachment.Kind.FORGE:
        connection_jobs.request_webhook(row, webhook_url(request, found.provider, slug), person)
    elif not found.webhook_id:
        connection_jobs.request_webhook(found, webhook_url(request, found.provider, found.slug), person)
    return Status(201, _attached(row))


@attachments.post(
    "/{slug}/connections/{int:pk}/detach", response=AttachmentOut, auth=WRITE, summary="Detach a connection"
)
def detach(request: HttpRequest, slug: str, pk: int) -> AttachmentOut:
    """Detach a connection, and queue the removal of the webhook that was installed. Requires the manager
    role.
    """
    person = acting(request, Role.MANAGER)
    rows = Attachment.objects.filter(repository=repository_of(request, slug)).select_related("connection")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Http404(f"There is no attached connection {pk}.")
    told = _attached(row)
    connection_removal.detach(row, person)
    return told


def _connections(request: HttpRequest) -> QuerySet[Connection]:
    require_all_repositories(request, "Connections belong to all repositories")
    return Connection.objects.filter(provider__in=list(APIS)).prefetch_related("repositories")


def _found(request: HttpRequest, slug: str) -> Connection:
    found = _connections(request).filter(slug=slug).first()
    if found is None:
        raise Http404(f"There is no connection “{slug}”.")
    return found


def _told(row: Connection) -> ConnectionOut:
    names = set(ConnectionOut.model_fields) - {"repositories"}
    used_by = sorted(repository.slug for repository in row.repositories.all())
    return ConnectionOut(**{name: getattr(row, name) for name in names}, repositories=used_by)


def _attached(row: Attachment) -> AttachmentOut:
    holder = row if row.kind == Attachment.Kind.FORGE else row.connection
    return AttachmentOut(
        id=row.pk,
        connection=row.connection.slug,
        provider=row.connection.provider,
        kind=row.kind,
        project=row.project,
        webhook_at=holder.webhook_at,
        webhook_problem=holder.webhook_problem,
    )
