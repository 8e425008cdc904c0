"""The outbox: list what leaves the product, and send failed items again."""

from datetime import datetime
from http import HTTPStatus
from typing import Literal

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from ninja.errors import HttpError

from compliance.accounts.roles import Role
from compliance.api.authentication import WRITE, acting, repository_of, require_all_repositories
from compliance.api.pagination import Page, Paged, page
from compliance.integrations import delivery
from compliance.models import OutboxItem
from compliance.queries.outbox import describe, outbox

router = Router(tags=["outbox"])
whole = Router(tags=["outbox"])


class AttemptOut(Schema):
    """The outcome of an attempt."""

    at: datetime | None
    outcome: str


class ItemOut(Schema):
    """Something that is to be sent, or was sent. `state` is waiting, sending, sent, failed (after too many
    attempts) or given up (it can't be delivered, or is no longer needed).

    `title` says what it is, `recipient` who or what receives it, and `log` has the newest outcomes first.
    `remote_id` is the receiver's id of what was created there.
    """

    id: int
    kind: str
    channel: str
    repository: str | None
    title: str
    recipient: str
    host: str
    state: str
    attempts: int
    next_at: datetime
    outcome: str
    remote_id: str
    log: list[AttemptOut]
    created_at: datetime
    sent_at: datetime | None


class Asked(Schema):
    """Filter: the state of the item."""

    state: Literal["", "waiting", "sending", "sent", "failed", "given up"] = ""


def _filtered(rows: QuerySet[OutboxItem], asked: Asked) -> QuerySet[OutboxItem]:
    return rows.filter(state=asked.state) if asked.state else rows


@router.get("/{slug}/outbox", response=Page[ItemOut], summary="List the outbox")
def index(
    request: HttpRequest, response: HttpResponse, slug: str, asked: Query[Asked], paged: Query[Paged]
) -> Page[ItemOut]:
    """List the items of a repository, newest first, with shortened e-mail addresses. Requires the manager
    role.
    """
    acting(request, Role.MANAGER)
    rows = _filtered(outbox(repository_of(request, slug)), asked)
    return page(request, response, rows, paged, told, newest_first=True)


@router.post(
    "/{slug}/outbox/{int:pk}/again", response={202: ItemOut}, auth=WRITE, summary="Send an item again"
)
def again(request: HttpRequest, slug: str, pk: int) -> Status[ItemOut]:
    """Send an item again that failed, was given up, or waits for its next attempt."""
    acting(request, Role.MANAGER)
    rows = outbox(repository_of(request, slug))
    return Status(202, told(send_again(request, rows, pk)))


@whole.get("", response=Page[ItemOut], summary="List the outbox of all repositories")
def index_all(
    request: HttpRequest, response: HttpResponse, asked: Query[Asked], paged: Query[Paged]
) -> Page[ItemOut]:
    """List all items, newest first, including invitations. Requires the administrator role."""
    acting(request, Role.ADMINISTRATOR)
    require_all_repositories(request, "The outbox covers all repositories")
    return page(request, response, _filtered(outbox(), asked), paged, _told_in_full, newest_first=True)


@whole.post("/{int:pk}/again", response={202: ItemOut}, auth=WRITE, summary="Send any item again")
def again_all(request: HttpRequest, pk: int) -> Status[ItemOut]:
    """Send an item again that failed, was given up, or waits for its next attempt. Requires the administrator
    role.
    """
    acting(request, Role.ADMINISTRATOR)
    require_all_repositories(request, "The outbox covers all repositories")
    return Status(202, _told_in_full(send_again(request, outbox(), pk)))


def send_again(request: HttpRequest, rows: QuerySet[OutboxItem], pk: int) -> OutboxItem:
    """Send one of these items again, and return it. Raises Http404 or HttpError."""
    item = rows.filter(pk=pk).first()
    if item is None:
        raise Http404(f"There is no item {pk}.")
    if not delivery.send_again(item, acting(request, Role.MANAGER)):
        raise HttpError(HTTPStatus.CONFLICT, f"Item {pk} was sent in the meantime, or is being sent.")
    return rows.get(pk=pk)


def told(item: OutboxItem, *, with_address: bool = False) -> ItemOut:
    """Return an item as the API shows it."""
    row = describe(item, with_address=with_address)
    same = ("id", "kind", "channel", "host", "state", "attempts", "next_at", "outcome", "remote_id")
    return ItemOut(
        **{name: getattr(item, name) for name in (*same, "created_at", "sent_at")},
        repository=item.repository.slug if item.repository else None,
        title=row.title,
        recipient=row.recipient,
        log=[AttemptOut(at=entry.at, outcome=entry.outcome) for entry in row.attempts],
    )


def _told_in_full(item: OutboxItem) -> ItemOut:
    return told(item, with_address=True)
