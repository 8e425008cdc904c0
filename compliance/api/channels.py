"""Channels to which notifications are sent. Addresses and secrets can be sent but never read."""

from datetime import datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from ninja.errors import HttpError
from pydantic import ConfigDict, StringConstraints

from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, require_all_repositories
from compliance.api.outbox import ItemOut, send_again, told
from compliance.api.pagination import Page, Paged, page
from compliance.lib.field_types import NO_NUL, Seen
from compliance.models import Channel, Repository
from compliance.notifications import channel_messages, channel_setup
from compliance.notifications.channel_posting import LONGEST_URL
from compliance.notifications.channels import CHANNELS
from compliance.queries.channels import describe_state

router = Router(tags=["channels"])

Line = Annotated[str, StringConstraints(max_length=LONGEST_URL, pattern=NO_NUL)]
Slug = Annotated[str, StringConstraints(max_length=50, pattern=NO_NUL)]
Secret = Annotated[str, StringConstraints(max_length=channel_setup.LONGEST_SECRET, pattern=NO_NUL)]


class ChannelOut(Schema):
    """A channel. `repository` is null if it is for all repositories, and `server` the part of the address
    that isn't secret.

    `disabled_reason` says why the product disabled it. Messages are signed with the former secret, too, until
    `former_secret_until`.
    """

    id: int
    name: str
    kind: str
    repository: str | None
    server: str
    state: str
    is_enabled: bool
    disabled_reason: str
    former_secret_until: datetime | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    last_failure: str
    created_at: datetime


class ChannelChange(Schema):
    """What to change; what is omitted stays. An empty `repository` stands for all repositories."""

    model_config = ConfigDict(extra="forbid")
    name: Seen | None = None
    url: Line | None = None
    repository: Slug | None = None
    is_enabled: bool | None = None


class ChannelIn(Schema):
    """A new channel. `url` is an e-mail address for the kind `e-mail`. `secret` is for kinds that sign; it is
    by default generated.
    """

    model_config = ConfigDict(extra="forbid")
    kind: Slug
    name: Seen
    url: Line
    repository: Slug = ""
    secret: Secret = ""


class SecretIn(Schema):
    """The new secret: `whsec_` and 24 to 64 bytes in base64."""

    model_config = ConfigDict(extra="forbid")
    secret: Secret


@router.get("", response=Page[ChannelOut], summary="List channels")
def index(request: HttpRequest, response: HttpResponse, paged: Query[Paged]) -> Page[ChannelOut]:
    """List all channels. Requires the manager role."""
    acting(request, Role.MANAGER)
    return page(request, response, _channels(request), paged, _told)


@router.post("", response={201: ChannelOut}, auth=WRITE, summary="Create a channel")
def write(request: HttpRequest, given: ChannelIn) -> Status[ChannelOut]:
    """Create a channel and send a test message. Requires the manager role."""
    person = acting(request, Role.MANAGER)
    rows = _channels(request)
    values = given.model_dump(include={"name", "url", "secret"})
    made = channel_setup.create(given.kind, values, _repository(given.repository))
    channel_messages.send_test(made, person)
    return Status(201, _told(rows.get(pk=made.pk)))


@router.post("/{int:pk}", response=ChannelOut, auth=WRITE, summary="Change a channel")
def change(request: HttpRequest, pk: int, given: ChannelChange) -> ChannelOut:
    """Change, enable or disable a channel. Requires the manager role."""
    acting(request, Role.MANAGER)
    found = _found(request, pk)
    values: dict[str, Any] = given.model_dump(exclude_none=True, include={"name", "url"})
    if given.repository is not None:
        values["repository"] = _repository(given.repository)
    channel_setup.change(found, values)
    if given.is_enabled is not None and given.is_enabled != found.is_enabled:
        channel_setup.set_enabled(found, is_enabled=given.is_enabled)
    return _told(_found(request, pk))


@router.post("/{int:pk}/test", response={202: ChannelOut}, auth=WRITE, summary="Test a channel")
def test(request: HttpRequest, pk: int) -> Status[ChannelOut]:
    """Send a test message. Its outcome is in the channel's messages. Requires the manager role."""
    person = acting(request, Role.MANAGER)
    found = _found(request, pk)
    channel_messages.send_test(found, person)
    return Status(202, _told(found))


@router.post("/{int:pk}/secret", response=ChannelOut, auth=WRITE, summary="Replace a channel's secret")
def rotate(request: HttpRequest, pk: int, given: SecretIn) -> ChannelOut:
    """Replace the secret. For a week, messages are signed with both. Requires the manager role."""
    acting(request, Role.MANAGER)
    found = _found(request, pk)
    channel_setup.rotate(found, given.secret)
    return _told(found)


@router.post("/{int:pk}/remove", response=ChannelOut, auth=WRITE, summary="Delete a channel")
def remove(request: HttpRequest, pk: int) -> ChannelOut:
    """Delete a channel with its address and secret. Messages that wait are no longer sent. Requires the
    manager role.
    """
    acting(request, Role.MANAGER)
    found = _found(request, pk)
    last = _told(found)
    found.delete()
    return last


@router.get("/{int:pk}/messages", response=Page[ItemOut], summary="List a channel's messages")
def list_messages(
    request: HttpRequest, response: HttpResponse, pk: int, paged: Query[Paged]
) -> Page[ItemOut]:
    """List the messages to a channel that the outbox still has, newest first. Requires the manager role."""
    acting(request, Role.MANAGER)
    rows = channel_setup.messages_of(_found(request, pk))
    return page(request, response, rows, paged, told, newest_first=True)


@router.post(
    "/{int:pk}/messages/{int:item}/again",
    response={202: ItemOut},
    auth=WRITE,
    summary="Send a channel's message again",
)
def again(request: HttpRequest, pk: int, item: int) -> Status[ItemOut]:
    """Send a message again that failed, was given up, or waits for its next attempt. Requires the manager
    role.
    """
    acting(request, Role.MANAGER)
    rows = channel_setup.messages_of(_found(request, pk))
    return Status(202, told(send_again(request, rows, item)))


def _channels(request: HttpRequest) -> QuerySet[Channel]:
    require_all_repositories(request, "Channels belong to all repositories")
    return Channel.objects.filter(kind__in=list(CHANNELS)).select_related("repository")


def _found(request: HttpRequest, pk: int) -> Channel:
    found = _channels(request).filter(pk=pk).first()
    if found is None:
        raise Http404(f"There is no channel {pk}.")
    return found


def _repository(slug: str) -> Repository | None:
    if not slug:
        return None
    found = Repository.objects.filter(slug=slug).first()
    if found is None:
        raise HttpError(409, f"There is no repository “{slug}”.")
    return found


def _told(row: Channel) -> ChannelOut:
    same = set(ChannelOut.model_fields) - {"repository", "server", "state"}
    return ChannelOut(
        **{name: getattr(row, name) for name in same},
        repository=row.repository.slug if row.repository else None,
        server=CHANNELS[row.kind].show(row.url),
        state=describe_state(row),
    )
